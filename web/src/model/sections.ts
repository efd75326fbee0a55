/** Metric keys by section: what stands in front of the first slash. Pure. */

import type { MetricKey } from "../api/types";

export interface Section {
  name: string;
  keys: MetricKey[];
}

export const ROOT_SECTION = "metrics";
const BOOKKEEPING = new Set(["_step", "_runtime", "_timestamp"]);

/** The section a key belongs to; keys without a slash are in `metrics`. */
export function sectionOf(key: string): string {
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(0, slash) : ROOT_SECTION;
}

/** The key without its section. */
export function shortKey(key: string): string {
  const slash = key.indexOf("/");
  return slash > 0 ? key.slice(slash + 1) : key;
}

/** `loss` before `val_loss` before the next metric: sorts a metric beside its validation twin. */
export function compareKeys(a: string, b: string): number {
  const [baseA, baseB] = [baseName(a), baseName(b)];
  const rank = preferred(baseA) - preferred(baseB) || partRank(a) - partRank(b);
  if (rank !== 0) return rank;
  if (baseA !== baseB) return baseA.localeCompare(baseB, "en", { numeric: true });
  return a.length - b.length;
}

function baseName(key: string): string {
  return key.replace(/(^|\/)(val_|best_)/, "$1");
}

function preferred(base: string): number {
  if (/(^|\/)loss$/.test(base)) return 0;
  if (/(^|\/)(epoch|batch)$/.test(base)) return 2;
  return 1;
}

export interface SectionOptions {
  search?: string;
  /** Only these kinds of keys; by default all. */
  accept?: (key: MetricKey) => boolean;
}

/** Keys grouped and sorted: `metrics` first, then by name; bookkeeping and hidden keys are left out. */
export function sections(keys: readonly MetricKey[], options: SectionOptions = {}): Section[] {
  const matches = keyMatcher(options.search ?? "");
  const groups = new Map<string, MetricKey[]>();
  for (const key of keys) {
    if (BOOKKEEPING.has(key.key) || key.hidden || !matches(key.key)) continue;
    if (options.accept && !options.accept(key)) continue;
    const name = sectionOf(key.key);
    groups.set(name, [...(groups.get(name) ?? []), key]);
  }
  return [...groups]
    .map(([name, members]) => ({
      name,
      keys: members.sort((a, b) => kindRank(a) - kindRank(b) || compareKeys(a.key, b.key)),
    }))
    .sort((a, b) => sectionRank(a.name) - sectionRank(b.name) || a.name.localeCompare(b.name, "en"));
}

/** Lines first, then media. */
function kindRank(key: MetricKey): number {
  return key.kind === "number" ? 0 : 1;
}

function sectionRank(name: string): number {
  return name === ROOT_SECTION ? 0 : 1;
}

/** A test of keys: a regular expression where the text is one, else a plain search. Case-insensitive. */
export function keyMatcher(search: string): (key: string) => boolean {
  const text = search.trim();
  if (text === "") return () => true;
  try {
    const pattern = new RegExp(text, "i");
    return (key) => pattern.test(key);
  } catch {
    const plain = text.toLowerCase();
    return (key) => key.toLowerCase().includes(plain);
  }
}

export function isSystemKey(key: string): boolean {
  return key.startsWith("system/");
}

/** Parts of the machine, those first that tell soonest whether a training uses it well. */
const PARTS = ["gpu", "process", "cpu", "memory", "disk", "network"];

function partRank(key: string): number {
  if (!isSystemKey(key)) return 0;
  const rank = PARTS.indexOf(shortKey(key).split(".")[0]);
  return rank < 0 ? PARTS.length : rank;
}

const UNITS: [RegExp, string][] = [
  [/[._]percent$/, " (%)"],
  [/_mb_s$/, " (MiB/s)"],
  [/_mb$/, " (MiB)"],
  [/_c$/, " (°C)"],
  [/_w$/, " (W)"],
  [/_1m$/, " (1 min)"],
];

/** What a panel of a key is called: system metrics in words, `system/gpu.0.memory_mb` as "GPU 0 memory (MiB)". */
export function panelTitle(key: string): string {
  const short = shortKey(key);
  if (!isSystemKey(key)) return short;
  const [end, unit] = UNITS.find(([pattern]) => pattern.test(short)) ?? [/$/, ""];
  const words = short
    .replace(end, "")
    .replace(/[._]/g, " ")
    .replace(/\b[cg]pu\b/g, (name) => name.toUpperCase());
  return words[0].toUpperCase() + words.slice(1) + unit;
}
