/** Axes of a line chart by the kind of x: plain numbers, wall time, or time since the start. Pure. */

import { formatDuration, formatNumber, formatTime } from "../model/format";
import {
  clockLabel,
  durationLabel,
  durationTicks,
  linearTicks,
  logTicks,
  tickLabel,
  tickLabels,
  timeTicks,
} from "../model/ticks";

export type XKind = "number" | "time" | "duration";

/** The kind of axis for the `x` of a series query. */
export function xKindOf(x: string): XKind {
  if (x === "time" || x === "_timestamp") return "time";
  return x === "relative" || x === "_runtime" ? "duration" : "number";
}

/** Room for a label of an x axis, in pixels. */
const LABEL_WIDTH = { number: 64, duration: 76, time: 76 } as const;

/**
 * At most as many as their labels have room. `whole`: all values are whole numbers, and so shall the ticks be. `log`: powers of ten and parts
 * of them.
 */
export function xTicks(kind: XKind, min: number, max: number, width: number, whole = false, log = false): number[] {
  const count = Math.max(1, Math.floor(width / LABEL_WIDTH[kind]));
  if (kind === "time") return timeTicks(min, max, count);
  if (kind === "duration") return durationTicks(min, max, count);
  return log ? logTicks(min, max, Math.max(2, count)) : linearTicks(min, max, count, whole);
}

export function xLabels(kind: XKind, ticks: readonly number[], log = false): string[] {
  if (kind === "duration") return ticks.map(durationLabel);
  if (kind === "number") return log ? ticks.map(tickLabel) : tickLabels(ticks);
  const step = ticks.length > 1 ? ticks[1] - ticks[0] : 86_400;
  return ticks.map((tick) => clockLabel(tick, step));
}

export function yTicks(min: number, max: number, height: number, log: boolean): number[] {
  const count = Math.max(2, Math.floor(height / 38));
  return log ? logTicks(min, max, count) : linearTicks(min, max, count);
}

export function yLabels(ticks: readonly number[], log: boolean): string[] {
  return log ? ticks.map(tickLabel) : tickLabels(ticks);
}

/** One x value in words, for the hover box. */
export function xValueText(kind: XKind, value: number): string {
  if (kind === "time") return formatTime(value);
  return kind === "duration" ? formatDuration(value) : formatNumber(value, 7);
}
