/** The health of a model's layers, read from the histograms of their weights and gradients. Pure. */

import { formatNumber } from "./format";

/** Of one histogram, as the server tells it. */
export interface HistogramStats {
  /** Root of the mean square, values taken at the middle of their bin. */
  rms: number;
  /** Largest distance from zero of a bin that has values. */
  largest: number;
  nonfinite: number;
}

export type Verdict = "ok" | "dead" | "vanishing" | "exploding" | "broken";

export interface Finding {
  verdict: Verdict;
  /** Why, with the numbers. */
  text: string;
}

/** Gradients below this are nothing that a weight in single precision would feel. */
const DEAD = 1e-10;
const VANISHING = 1e-7;
/** Growth over the run that no healthy layer has. */
const GROWTH = 100;

/** Variables that are zero before a training moves them, and stay so where a layer is frozen. */
const BEGINS_AT_ZERO = /(^|_)(bias|beta|mean)$/;

const OK: Finding = { verdict: "ok", text: "" };

const short = (value: number) => formatNumber(value, 2);

/** What is wrong with an array, from its histograms by step; the last one counts, growth is against the first third. */
export function judge(kind: "weights" | "gradients", stats: readonly HistogramStats[], name = ""): Finding {
  const last = stats[stats.length - 1];
  if (last === undefined) return OK;
  if (last.nonfinite > 0) {
    const which = last.nonfinite === 1 ? `${kind.slice(0, -1)} is` : `${kind} are`;
    return { verdict: "broken", text: `${last.nonfinite} ${which} NaN or infinite` };
  }
  if (kind === "gradients" && last.rms < DEAD) return { verdict: "dead", text: "all gradients are zero" };
  if (kind === "weights" && last.largest === 0 && stats.length > 1 && !BEGINS_AT_ZERO.test(name))
    return { verdict: "dead", text: "all weights are zero" };
  const early = stats.slice(0, Math.ceil(stats.length / 3)).map((one) => one.rms);
  const start = early.sort((a, b) => a - b)[Math.floor(early.length / 2)];
  if (stats.length > 2 && start > DEAD && last.rms > GROWTH * start) {
    return { verdict: "exploding", text: `${kind} grew from ${short(start)} to ${short(last.rms)}` };
  }
  if (kind === "gradients" && last.rms < VANISHING) {
    return { verdict: "vanishing", text: `gradients of ${short(last.rms)}` };
  }
  return OK;
}

export interface LayerArray {
  key: string;
  kind: "weights" | "gradients";
  /** The variable, such as `kernel`. */
  name: string;
}

export interface Layer {
  name: string;
  arrays: LayerArray[];
}

/** Keys of histograms by layer, `block_2` before `block_10`: `parameters/<layer>.<name>`, `gradients/<layer>/<name>.gradient`. */
export function layersOf(keys: readonly string[]): Layer[] {
  const layers = new Map<string, Layer>();
  for (const key of keys) {
    const array = arrayOf(key);
    if (array === null) continue;
    const layer = layers.get(array.layer) ?? { name: array.layer, arrays: [] };
    layer.arrays.push({ key, kind: array.kind, name: array.name });
    layers.set(array.layer, layer);
  }
  return [...layers.values()].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}

function arrayOf(key: string): (Omit<LayerArray, "key"> & { layer: string }) | null {
  const match = /^(parameters|gradients)\/(.+)$/.exec(key);
  if (match === null) return null;
  const kind = match[1] === "parameters" ? "weights" : "gradients";
  const path = match[2].replace(/\.gradient$/, "");
  const cut = Math.max(path.lastIndexOf("/"), path.lastIndexOf("."));
  return cut < 0 ? { kind, layer: path, name: kind } : { kind, layer: path.slice(0, cut), name: path.slice(cut + 1) };
}

/** What is known of a layer's weights and gradients: the worst finding, and how large they are (root of the mean square). */
export interface LayerState {
  finding: Finding;
  arrays: { kind: LayerArray["kind"]; name: string; rms: number }[];
}

const ORDER: Verdict[] = ["broken", "exploding", "dead", "vanishing", "ok"];

/** The worst of several findings. */
export function worst(findings: readonly Finding[]): Finding {
  return findings.reduce((a, b) => (ORDER.indexOf(b.verdict) < ORDER.indexOf(a.verdict) ? b : a), OK);
}
