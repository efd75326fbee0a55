/** Geometry of line charts: extents, nearest points, paths. Pure: typed arrays in, numbers or path commands out. */

export interface Line {
  id: string;
  /** The run and the metric it shows; none for a mean of runs. */
  run?: string;
  key?: string;
  label: string;
  /** A colour the canvas understands. */
  color: string;
  dash: number[];
  /** Ascending. */
  x: Float64Array;
  /** What is drawn: smoothed where smoothing is on. */
  y: Float64Array;
  /** The values before smoothing, drawn faintly behind. */
  raw?: Float64Array;
  /** Extremes of each bucket. */
  min?: Float64Array;
  max?: Float64Array;
}

export interface Range {
  min: number;
  max: number;
}

/** The range of x over all lines, or null without any point; only positive values on a log axis. */
export function xExtent(lines: readonly Line[], log = false): Range | null {
  let min = Infinity;
  let max = -Infinity;
  for (const { x } of lines) {
    for (let i = 0; i < x.length; i++) {
      if (log && x[i] <= 0) continue;
      if (x[i] < min) min = x[i];
      if (x[i] > max) max = x[i];
    }
  }
  return min <= max ? { min, max } : null;
}

/** The range of all drawn values with x inside `within`, bands included; only positive values on a log axis. */
export function yExtent(lines: readonly Line[], within: Range, log: boolean): Range | null {
  let min = Infinity;
  let max = -Infinity;
  for (const line of lines) {
    for (const values of [line.y, line.raw, line.min, line.max]) {
      if (values === undefined) continue;
      for (let i = 0; i < values.length; i++) {
        const value = values[i];
        if (line.x[i] < within.min || line.x[i] > within.max || !Number.isFinite(value) || (log && value <= 0))
          continue;
        if (value < min) min = value;
        if (value > max) max = value;
      }
    }
  }
  return min <= max ? { min, max } : null;
}

/** A power of ten that brings a range of very large or very small numbers near to 1; 1 for all others. */
export function unitOf({ min, max }: Range): number {
  const size = Math.max(Math.abs(min), Math.abs(max));
  return size > 1e12 || (size > 0 && size < 1e-12) ? Math.pow(10, Math.floor(Math.log10(size))) : 1;
}

/** Why lines show nothing, in words; null where something can be drawn. */
export function whyEmpty(lines: readonly Line[], log: boolean): string | null {
  const hasSome = (test: (value: number) => boolean) => lines.some(({ y }) => y.some(test));
  if (lines.length === 0) return null;
  if (!hasSome(Number.isFinite)) return "All values are NaN or infinite";
  if (log && !hasSome((value) => value > 0 && value < Infinity))
    return "No value above zero, and a log scale has no other";
  return null;
}

/** How far outside of the middle half, in its widths, a value counts as an outlier. */
const FENCE = 3;

/**
 * The range of the drawn values without outliers: those more than three times the width of the middle half away from it
 * (on a log axis: of the logarithms). Bands and values before smoothing do not count.
 */
export function innerExtent(lines: readonly Line[], within: Range, log: boolean): Range | null {
  const values: number[] = [];
  for (const { x, y } of lines) {
    for (let i = 0; i < y.length; i++) {
      if (x[i] < within.min || x[i] > within.max || !Number.isFinite(y[i]) || (log && y[i] <= 0)) continue;
      values.push(log ? Math.log10(y[i]) : y[i]);
    }
  }
  if (values.length === 0) return null;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))];
  const fence = FENCE * (at(0.75) - at(0.25));
  const min = sorted[sorted.findIndex((value) => value >= at(0.25) - fence)];
  const max = sorted[sorted.findLastIndex((value) => value <= at(0.75) + fence)];
  return log ? { min: Math.pow(10, min), max: Math.pow(10, max) } : { min, max };
}

/** Some air above and below; a flat line gets a range around it. */
export function padRange(range: Range, log: boolean, share = 0.05): Range {
  if (log) {
    const [low, high] = [Math.log10(range.min), Math.log10(range.max)];
    const pad = high > low ? (high - low) * share : 0.5;
    return { min: Math.pow(10, low - pad), max: Math.pow(10, high + pad) };
  }
  if (range.min === 0 && range.max === 0) return { min: -share, max: 1 };
  const size = range.max - range.min;
  const pad = size > 0 ? size * share : Math.abs(range.max) * 0.1 || 1;
  return { min: range.min - pad, max: range.max + pad };
}

/** Index of the entry of ascending `x` nearest to `target`; -1 when empty. */
export function nearestIndex(x: Float64Array, target: number): number {
  if (x.length === 0) return -1;
  let low = 0;
  let high = x.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] < target) low = middle;
    else high = middle;
  }
  return Math.abs(x[low] - target) <= Math.abs(x[high] - target) ? low : high;
}

export interface HoverValue {
  line: Line;
  index: number;
  x: number;
  y: number;
}

/**
 * The value of every line at `x`, largest first, NaN last. Lines that end more than `tolerance` before or begin that
 * much after `x` have none.
 */
export function valuesAt(lines: readonly Line[], x: number, tolerance: number): HoverValue[] {
  const values: HoverValue[] = [];
  for (const line of lines) {
    const index = nearestIndex(line.x, x);
    if (index < 0) continue;
    const isOutside = x < line.x[0] - tolerance || x > line.x[line.x.length - 1] + tolerance;
    if (!isOutside) values.push({ line, index, x: line.x[index], y: line.y[index] });
  }
  return values.sort((a, b) => compareDescending(a.y, b.y));
}

/** `x`, or where no line has a value there, the nearest place within `range` where one has: ahead in `direction`, else behind. */
export function placeWithValues(
  lines: readonly Line[],
  x: number,
  direction: number,
  range: Range,
  tolerance: number,
): number {
  if (valuesAt(lines, x, tolerance).length > 0) return x;
  const ends = lines
    .flatMap((line) => (line.x.length > 0 ? [line.x[0], line.x[line.x.length - 1]] : []))
    .filter((end) => end >= range.min && end <= range.max);
  const ahead = ends.filter((end) => (end - x) * direction >= 0);
  const nearest = (found: number[]) => found.reduce((a, b) => (Math.abs(b - x) < Math.abs(a - x) ? b : a), Infinity);
  const place = nearest(ahead.length > 0 ? ahead : ends);
  return Number.isFinite(place) ? place : x;
}

function compareDescending(a: number, b: number): number {
  if (Number.isNaN(a)) return Number.isNaN(b) ? 0 : 1;
  return Number.isNaN(b) ? -1 : b - a;
}

/** The value drawn nearest to a height, when it is at most `reach` away there; `toY` gives the height of a value. */
export function valueNear(
  values: readonly HoverValue[],
  height: number,
  toY: Scale,
  reach: number,
): HoverValue | undefined {
  let best: HoverValue | undefined;
  let least = reach;
  for (const value of values) {
    const distance = Math.abs(toY(value.y) - height);
    if (distance <= least) [best, least] = [value, distance];
  }
  return best;
}

/** The part of Path2D that is needed here. */
export interface PathSink {
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
}

export type Scale = (value: number) => number;

/** Indices whose points, with one neighbour on each side, cover `within`. */
export function visibleSlice(x: Float64Array, within: Range): [number, number] {
  if (x.length === 0) return [0, 0];
  let from = nearestIndex(x, within.min);
  let to = nearestIndex(x, within.max);
  while (from > 0 && x[from] >= within.min) from--;
  while (to < x.length - 1 && x[to] <= within.max) to++;
  return [from, to + 1];
}

/** Traces the line into `sink`; a value that cannot be drawn (NaN, or not positive on a log axis) leaves a gap. */
export function traceLine(
  sink: PathSink,
  x: Float64Array,
  y: Float64Array,
  [from, to]: [number, number],
  toX: Scale,
  toY: Scale,
): void {
  let isOpen = false;
  for (let i = from; i < to; i++) {
    const px = toX(x[i]);
    const py = toY(y[i]);
    if (!Number.isFinite(py) || !Number.isFinite(px)) {
      isOpen = false;
    } else if (isOpen) {
      sink.lineTo(px, py);
    } else {
      sink.moveTo(px, py);
      isOpen = true;
    }
  }
}

/** Traces the area between `min` and `max`, one closed piece per stretch without gaps. */
export function traceBand(
  sink: PathSink & { closePath(): void },
  line: Line,
  [from, to]: [number, number],
  toX: Scale,
  toY: Scale,
): void {
  const { x, min, max } = line;
  if (min === undefined || max === undefined) return;
  const isDrawable = (i: number) => Number.isFinite(toY(min[i])) && Number.isFinite(toY(max[i]));
  for (let i = from; i < to; i++) {
    if (!isDrawable(i)) continue;
    let end = i;
    while (end < to && isDrawable(end)) end++;
    sink.moveTo(toX(x[i]), toY(max[i]));
    for (let j = i + 1; j < end; j++) sink.lineTo(toX(x[j]), toY(max[j]));
    for (let j = end - 1; j >= i; j--) sink.lineTo(toX(x[j]), toY(min[j]));
    sink.closePath();
    i = end;
  }
}

/** Points that stand alone between gaps: a line cannot show them, a dot can. */
export function lonePoints(y: Float64Array, [from, to]: [number, number]): number[] {
  const alone: number[] = [];
  for (let i = from; i < to; i++) {
    if (!Number.isFinite(y[i])) continue;
    const hasBefore = i > 0 && Number.isFinite(y[i - 1]);
    const hasAfter = i < y.length - 1 && Number.isFinite(y[i + 1]);
    if (!hasBefore && !hasAfter) alone.push(i);
  }
  return alone;
}
