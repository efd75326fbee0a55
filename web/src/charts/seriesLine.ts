/** From fetched series to drawn lines: smoothing, and fine values inside a zoom with coarse ones around them. Pure. */

import type { Series } from "../api/series";
import { smooth, type Smoother } from "../model/smoothing";
import { nearestIndex, type Line } from "./lines";

type Values = Pick<Line, "x" | "y" | "raw" | "min" | "max">;

/** The drawn values of a series; `before` is the smoothed value in front of it. */
export function smoothed(series: Series, weight: number, kind: Smoother = "ema", before?: number): Values {
  const { x, y, min, max } = series;
  if (weight === 0) return { x, y, min, max };
  const perEntry = series.kind === "buckets" ? series.totalPoints / Math.max(1, x.length) : 1;
  return { x, y: smooth(y, kind, weight, perEntry, before), raw: y, min, max };
}

/**
 * The whole line, with `detail` (the same line, fetched for a zoom) in place of the coarse values of its range. So the
 * line reaches the edges of the zoom, and smoothing does not begin anew there.
 */
export function lineValues(
  overview: Series,
  detail: Series | undefined,
  weight: number,
  kind: Smoother = "ema",
): Values {
  const outer = smoothed(overview, weight, kind);
  if (detail === undefined || detail.x.length === 0 || overview.kind === "points") return outer;
  const [first, last] = [detail.x[0], detail.x[detail.x.length - 1]];
  const from = countBelow(outer.x, first);
  const to = outer.x.length - countAbove(outer.x, last);
  // How many points the detail stands for: its share of the line.
  const share = { ...detail, totalPoints: (overview.totalPoints * Math.max(0, to - from)) / outer.x.length };
  const inner = smoothed(share, weight, kind, from > 0 ? outer.y[from - 1] : undefined);
  const splice = (name: keyof Values, fallback: keyof Values = name): Float64Array | undefined => {
    const [outside, inside] = [outer[name] ?? outer[fallback], inner[name] ?? inner[fallback]];
    if (outer[name] === undefined || outside === undefined || inside === undefined) return undefined;
    return concat(outside.subarray(0, from), inside, outside.subarray(to));
  };
  const x = splice("x") ?? outer.x;
  return { x, y: splice("y") ?? outer.y, raw: splice("raw"), min: splice("min", "y"), max: splice("max", "y") };
}

function countBelow(x: Float64Array, limit: number): number {
  let index = nearestIndex(x, limit);
  while (index > 0 && x[index - 1] >= limit) index--;
  while (index < x.length && x[index] < limit) index++;
  return Math.max(0, index);
}

function countAbove(x: Float64Array, limit: number): number {
  let index = nearestIndex(x, limit);
  while (index < x.length && x[index] <= limit) index++;
  while (index > 0 && x[index - 1] > limit) index--;
  return x.length - Math.max(0, index);
}

function concat(...parts: Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
