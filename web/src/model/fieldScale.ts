/** An axis for a field of runs: plain numbers, numbers over decades, or names. Pure. */

import { formatNumber, formatValue } from "./format";
import { linearTicks, logTicks, tickLabel, tickLabels } from "./ticks";
import { asNumber } from "./value";

export interface FieldScale {
  kind: "linear" | "log" | "names";
  /** Where a value lies, from 0 to 1; NaN for one that has no place. */
  place: (value: unknown) => number;
  ticks: { at: number; label: string }[];
  /** What lies at a place, in words. */
  read: (at: number) => string;
}

/** From this ratio of the largest to the smallest positive number on, decades are worth an axis of their own. */
const LOG_RATIO = 50;
/** So much of the axis is left free at both ends. */
const AIR = 0.04;

export function fieldScale(values: readonly unknown[], tickCount: number): FieldScale {
  const present = values.filter((value) => value !== undefined && value !== null);
  const numbers = present.map(asNumber);
  if (present.length > 0 && numbers.every((value) => value !== undefined)) {
    return numberScale(numbers.filter(Number.isFinite) as number[], tickCount);
  }
  return nameScale(present, tickCount);
}

function numberScale(numbers: readonly number[], tickCount: number): FieldScale {
  let [min, max] = [Infinity, -Infinity];
  for (const value of numbers) [min, max] = [Math.min(min, value), Math.max(max, value)];
  if (min > max) [min, max] = [0, 1];
  const isLog = min > 0 && max / min >= LOG_RATIO;
  if (!isLog && min === max) [min, max] = [min - (Math.abs(min) || 1) / 2, max + (Math.abs(max) || 1) / 2];
  const bend = isLog ? Math.log10 : (value: number) => value;
  const unbend = isLog ? (value: number) => Math.pow(10, value) : (value: number) => value;
  const [low, high] = [bend(min), bend(max)];
  const toPlace = (value: number) => AIR + ((bend(value) - low) / (high - low)) * (1 - 2 * AIR);
  const ticks = isLog ? logTicks(min, max, Math.max(2, tickCount)) : linearTicks(min, max, tickCount);
  const labels = isLog ? ticks.map(tickLabel) : tickLabels(ticks);
  return {
    kind: isLog ? "log" : "linear",
    place: (value) => {
      const number = asNumber(value);
      return number === undefined || !Number.isFinite(number) || (isLog && number <= 0) ? NaN : toPlace(number);
    },
    ticks: ticks.map((tick, index) => ({ at: toPlace(tick), label: labels[index] })),
    read: (at) => formatNumber(unbend(low + ((at - AIR) / (1 - 2 * AIR)) * (high - low)), 3),
  };
}

function nameScale(values: readonly unknown[], tickCount: number): FieldScale {
  const names = [...new Set(values.map(formatValue))].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  const places = new Map(names.map((name, index) => [name, (index + 0.5) / names.length]));
  const every = Math.max(1, Math.ceil(names.length / Math.max(1, tickCount * 2)));
  return {
    kind: "names",
    place: (value) => (value === undefined || value === null ? NaN : (places.get(formatValue(value)) ?? NaN)),
    ticks: names.filter((_, index) => index % every === 0).map((name) => ({ at: places.get(name) ?? 0, label: name })),
    read: (at) => names[Math.min(names.length - 1, Math.max(0, Math.floor(at * names.length)))] ?? "",
  };
}
