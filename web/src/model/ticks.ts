/** Tick positions and labels of axes. Pure. */

import { formatDuration, formatNumber } from "./format";

/**
 * Round numbers from min to max, about `count` of them (1, 2, 2.5 or 5 times a power of ten apart); with `whole`, whole
 * numbers only, as befits steps and epochs.
 */
export function linearTicks(min: number, max: number, count: number, whole = false): number[] {
  if (!(max > min) || count < 1) return Number.isFinite(min) ? [min] : [];
  const nice = niceStep((max - min) / count);
  const step = whole && !Number.isInteger(nice) ? (nice < 1 ? 1 : 5) : nice;
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  // Index times step, rounded: adding up steps would drift into 0.30000000000000004.
  return Array.from({ length: last - first + 1 }, (_, i) => roundTo((first + i) * step, step));
}

function roundTo(value: number, step: number): number {
  const digits = Math.max(0, 1 - Math.floor(Math.log10(step)));
  return digits > 20 ? value : Number(value.toFixed(Math.min(20, digits)));
}

/** The smallest nice step not below `raw`. */
export function niceStep(raw: number): number {
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  for (const factor of [1, 2, 2.5, 5]) if (raw <= factor * power * (1 + 1e-9)) return factor * power;
  return 10 * power;
}

/** Ticks of a logarithmic axis: powers of ten, with 2 and 5 between them when there is room. Both ends above 0. */
export function logTicks(min: number, max: number, count: number): number[] {
  const low = Math.floor(Math.log10(min));
  const high = Math.ceil(Math.log10(max));
  const decades = Math.log10(max) - Math.log10(min);
  if (decades < 1) return linearTicks(min, max, count).filter((tick) => tick > 0);
  const factors = decades * 3 <= count ? [1, 2, 5] : [1];
  const stride = Math.max(1, Math.ceil(decades / count));
  const ticks: number[] = [];
  for (let power = low; power <= high; power += stride) {
    for (const factor of factors) {
      const tick = Number(`${factor}e${power}`);
      if (tick >= min * (1 - 1e-9) && tick <= max * (1 + 1e-9)) ticks.push(tick);
    }
  }
  return ticks;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400];

/** Ticks of a duration in seconds: whole seconds, minutes, hours, days. */
export function durationTicks(min: number, max: number, count: number): number[] {
  const raw = (max - min) / count;
  if (!(raw > 0)) return [min];
  if (raw < 1) return linearTicks(min, max, count);
  const step = TIME_STEPS.find((size) => size >= raw) ?? 86_400 * niceStep(raw / 86_400);
  const first = Math.ceil(min / step - 1e-9);
  const last = Math.floor(max / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** Ticks of local wall-clock time in seconds since 1970, at round local times. */
export function timeTicks(min: number, max: number, count: number): number[] {
  const offset = -new Date(min * 1000).getTimezoneOffset() * 60;
  return durationTicks(min + offset, max + offset, count).map((tick) => tick - offset);
}

function unitFor(size: number): [number, string] {
  if (size >= 1e12) return [1e12, "T"];
  if (size >= 1e9) return [1e9, "B"];
  return size >= 1e6 ? [1e6, "M"] : [1e3, "k"];
}

/** Labels short enough for an axis: 0.25, 10k, 1e-5. */
export function tickLabel(value: number): string {
  const size = Math.abs(value);
  if (size >= 1e4 && size < 1e15) {
    const [unit, suffix] = unitFor(size);
    return formatNumber(value / unit, 4) + suffix;
  }
  return formatNumber(value, 4).replace(",", "");
}

/** Labels of evenly spaced ticks, all with one unit, and as many digits as it takes to tell neighbours apart. */
export function tickLabels(ticks: readonly number[]): string[] {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  if (ticks.length < 2 || largest < 1e4 || largest >= 1e15) return ticks.map(tickLabel);
  const [unit, suffix] = unitFor(largest);
  const digits = Math.ceil(Math.log10(largest / Math.abs(ticks[1] - ticks[0]))) + 2;
  return ticks.map((tick) =>
    tick === 0 ? "0" : formatNumber(tick / unit, Math.max(3, digits)).replace(",", "") + suffix,
  );
}

export function durationLabel(value: number): string {
  if (value === 0) return "0";
  return formatDuration(value)
    .replace(/ 00? [smh]$/, "")
    .replace(/(\d) (?=[smhd]\b|ms)/g, "$1");
}

/** Clock time, with the date where the ticks are days apart or at midnight. */
export function clockLabel(value: number, step: number): string {
  const date = new Date(value * 1000);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (step >= 86_400 || midnight) return date.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return date.toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    ...(step < 60 ? { second: "2-digit" } : {}),
  });
}
