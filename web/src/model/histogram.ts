/** Histograms of many steps on one grid, and what can be read from a single one. Pure. */

import { asNumber, isMap } from "./value";

export interface Histogram {
  step: number;
  /** Bin edges, one more than counts. */
  bins: number[];
  counts: number[];
  /** How many values were NaN or infinite. */
  nonfinite: number;
}

/** Reads a logged value; null when it is no histogram. */
export function parseHistogram(step: number, value: unknown): Histogram | null {
  if (!isMap(value) || !Array.isArray(value.bins) || !Array.isArray(value.values)) return null;
  const bins = value.bins.map((edge) => asNumber(edge) ?? NaN);
  const counts = value.values.map((count) => asNumber(count) ?? 0);
  if (bins.length !== counts.length + 1 || bins.some((edge) => !Number.isFinite(edge))) return null;
  const lost = isMap(value.nonfinite) ? Object.values(value.nonfinite) : [];
  return { step, bins, counts, nonfinite: lost.reduce<number>((sum, count) => sum + (asNumber(count) ?? 0), 0) };
}

export interface HeatMap {
  min: number;
  max: number;
  rows: number;
  /** Share of a step's values per cell, column after column, lowest row first. */
  cells: Float32Array;
  peak: number;
}

/** Spreads every histogram over one common grid of `rows` equal bins, each count evenly over its own bin. */
export function heatMap(histograms: readonly Histogram[], rows: number): HeatMap {
  let min = Infinity;
  let max = -Infinity;
  for (const { bins } of histograms) {
    min = Math.min(min, bins[0]);
    max = Math.max(max, bins[bins.length - 1]);
  }
  if (!(max > min)) [min, max] = [min - 0.5, min + 0.5];
  const cells = new Float32Array(histograms.length * rows);
  histograms.forEach((histogram, column) =>
    spread(histogram, cells.subarray(column * rows, (column + 1) * rows), min, max),
  );
  let peak = 0;
  for (let cell = 0; cell < cells.length; cell++) if (cells[cell] > peak) peak = cells[cell];
  return { min, max, rows, cells, peak };
}

/** A shade a cell, 0 to 255. The root of the share keeps the tails in sight beside a high peak. */
export function shadesOf({ cells, peak }: HeatMap): Uint8Array {
  const shades = new Uint8Array(cells.length);
  for (let cell = 0; cell < cells.length; cell++) {
    if (cells[cell] > 0) shades[cell] = Math.max(LEAST_SHADE, 255 * Math.sqrt(cells[cell] / peak));
  }
  return shades;
}

/** The faintest shade: a cell with few values is still seen. */
const LEAST_SHADE = 12;

function spread({ bins, counts }: Histogram, column: Float32Array, min: number, max: number): void {
  let total = 0;
  for (const count of counts) total += count;
  if (total === 0) return;
  const [rows, size] = [column.length, (max - min) / column.length];
  for (let bin = 0; bin < counts.length; bin++) {
    const share = counts[bin] / total;
    if (share === 0) continue;
    const low = (bins[bin] - min) / size;
    const high = (bins[bin + 1] - min) / size;
    if (high <= low) {
      column[Math.min(rows - 1, Math.max(0, Math.floor(low)))] += share;
      continue;
    }
    const last = Math.min(rows, Math.ceil(high));
    for (let row = Math.max(0, Math.floor(low)); row < last; row++) {
      column[row] += (share * (Math.min(high, row + 1) - Math.max(low, row))) / (high - low);
    }
  }
}

/** The value below which `share` of all values lie, taken evenly inside a bin. */
export function quantile(histogram: Histogram, share: number): number {
  const total = histogram.counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return NaN;
  let left = share * total;
  for (let bin = 0; bin < histogram.counts.length; bin++) {
    const count = histogram.counts[bin];
    if (left <= count && count > 0) {
      return histogram.bins[bin] + ((histogram.bins[bin + 1] - histogram.bins[bin]) * left) / count;
    }
    left -= count;
  }
  return histogram.bins[histogram.bins.length - 1];
}
