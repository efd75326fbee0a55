/** Runs of a group as one line: their mean, with how far they lie apart. Pure. */

import type { RunSummary } from "../api/types";
import { formatValue } from "./format";
import { valueAt } from "./value";

export const BANDS = ["minmax", "std", "stderr"] as const;
/** Extremes; one standard deviation to both sides; one standard error of the mean to both sides. */
export type Band = (typeof BANDS)[number];

export function isBand(text: string | null): text is Band {
  return BANDS.some((name) => name === text);
}

interface Points {
  /** Ascending. */
  x: Float64Array;
  y: Float64Array;
}

export interface GroupLine extends Points {
  min: Float64Array;
  max: Float64Array;
}

const MOST_POINTS = 2000;

/**
 * The mean of several lines over all their x, each taken as straight between its points and absent before its first and after its
 * last. Non-finite values count as absent. With one line at some x the band has no height there.
 */
export function groupMean(lines: readonly Points[], band: Band): GroupLine {
  const x = commonGrid(lines);
  const columns = lines.map((line) => valuesOn(line, x));
  const [y, min, max] = [new Float64Array(x.length), new Float64Array(x.length), new Float64Array(x.length)];
  for (let i = 0; i < x.length; i++) {
    const present = columns.map((column) => column[i]).filter(Number.isFinite);
    [y[i], min[i], max[i]] = spread(present, band);
  }
  return { x, y, min, max };
}

/** Mean, lower and upper edge of the band. */
function spread(values: readonly number[], band: Band): [number, number, number] {
  const count = values.length;
  if (count === 0) return [NaN, NaN, NaN];
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (band === "minmax") return [mean, Math.min(...values), Math.max(...values)];
  // The sample's deviation, with count - 1.
  const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  const deviation = count > 1 ? Math.sqrt(square / (count - 1)) : 0;
  const half = band === "std" ? deviation : deviation / Math.sqrt(count);
  return [mean, mean - half, mean + half];
}

/** All x of all lines; evenly spaced ones when they are too many. */
function commonGrid(lines: readonly Points[]): Float64Array {
  const all = Float64Array.from(lines.flatMap((line) => [...line.x])).sort();
  const unique = all.filter((value, index) => index === 0 || value !== all[index - 1]);
  if (unique.length <= MOST_POINTS) return unique;
  const [first, last] = [unique[0], unique[unique.length - 1]];
  return Float64Array.from({ length: MOST_POINTS }, (_, i) => first + ((last - first) * i) / (MOST_POINTS - 1));
}

function valuesOn({ x, y }: Points, grid: Float64Array): Float64Array {
  let right = 0;
  return grid.map((target) => {
    while (right < x.length && x[right] < target) right++;
    if (right === x.length) return NaN;
    if (x[right] === target) return y[right];
    if (right === 0) return NaN;
    const share = (target - x[right - 1]) / (x[right] - x[right - 1]);
    return y[right - 1] + share * (y[right] - y[right - 1]);
  });
}

/** What a run is grouped by: one of its own fields, or `config.` or `summary.` and a path. Runs without it are in one group. */
export function groupName(run: RunSummary, field: string): string {
  const value = runField(run, field);
  return value === undefined || value === null || value === "" ? "(none)" : formatValue(value);
}

/** The value of a field of a run. */
export function runField(run: RunSummary, field: string): unknown {
  if (field.startsWith("config.")) return valueAt(run.config, field.slice(7));
  if (field.startsWith("summary.")) return valueAt(run.summary, field.slice(8));
  return (run as unknown as Record<string, unknown>)[field];
}
