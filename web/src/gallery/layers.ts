/** The layers of the gallery, in the form of POST /api/histograms: healthy, dead, exploding and broken ones. */

import type { MetricKey } from "../api/types";
import { normal } from "./random";

const STEPS = 20;
const ROWS = 16;
const GROWTH: Record<string, number> = { conv1: 1, conv2: 1.02, stuck: 0, wild: 1.5, broken: 1 };

export const LAYER_KEYS: MetricKey[] = Object.keys(GROWTH)
  .flatMap((layer) => [`parameters/${layer}.kernel`, `parameters/${layer}.bias`, `gradients/${layer}/kernel.gradient`])
  .map((key) => metricKey(key, "histogram"));

export function metricKey(key: string, kind: string): MetricKey {
  return { key, kind, run_count: 1, point_count: STEPS, last_step: 0, step_metric: null, goal: null, hidden: false };
}

export function histogramAnswer(body: { keys: string[] }): unknown {
  return { series: body.keys.map(seriesOf) };
}

function seriesOf(key: string): unknown {
  const layer = /\/(\w+)/.exec(key)?.[1] ?? "";
  const isGradient = key.startsWith("gradients");
  const growth = isGradient ? GROWTH[layer] : 1.01;
  const steps = Array.from({ length: STEPS }, (_, step) => step * 10);
  const rms = steps.map((_, step) => (growth === 0 ? 0 : 0.01 * growth ** step));
  return {
    key,
    total: STEPS,
    steps,
    rms,
    largest: rms.map((value) => value * 3),
    nonfinite: steps.map((_, step) => (layer === "broken" && isGradient && step === STEPS - 1 ? 12 : 0)),
    low: -1,
    high: 1,
    shades: btoa(String.fromCharCode(...shades(key.length, growth))),
  };
}

/** A bell in every column, ever wider where values grow. */
function shades(seed: number, growth: number): number[] {
  const noise = normal(seed);
  return Array.from({ length: STEPS * ROWS }, (_, cell) => {
    const [step, row] = [Math.floor(cell / ROWS), cell % ROWS];
    const width = growth === 0 ? 0.6 : Math.min(6, 1.5 * growth ** (step / 2));
    const height = 255 / (1 + ((row - 7.5) / width) ** 2);
    return Math.round(Math.min(255, Math.max(0, height + 4 * noise())));
  });
}
