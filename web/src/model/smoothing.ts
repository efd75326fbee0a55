/** Smoothing of a line. Pure: arrays in, a new array out. Non-finite values stay as they are and enter no mean. */

export const SMOOTHERS = ["ema", "gaussian", "mean"] as const;
export type Smoother = (typeof SMOOTHERS)[number];

export function isSmoother(text: string | null): text is Smoother {
  return SMOOTHERS.some((name) => name === text);
}

/**
 * Exponential moving average with bias correction, so that the first values are not pulled to zero:
 * m_t = w m_{t-1} + (1 - w) y_t, smoothed_t = m_t / (1 - w^t). Non-finite values stay as they are and do not enter the mean.
 * With `before`, the mean of what came earlier, it goes on from there.
 */
export function exponentialMean(values: Float64Array, weight: number, before?: number): Float64Array {
  const out = new Float64Array(values.length);
  const goesOn = before !== undefined && Number.isFinite(before);
  let mean = goesOn ? before : 0;
  let debias = goesOn ? 0 : 1;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (!Number.isFinite(value) || weight <= 0) {
      out[i] = value;
      continue;
    }
    mean = weight * mean + (1 - weight) * value;
    debias *= weight;
    out[i] = mean / (1 - debias);
  }
  return out;
}

/**
 * The weight for entries that each stand for `points` points: smoothing buckets with w^points looks like smoothing
 * the points with w. `points` below 1 counts as 1.
 */
export function bucketWeight(weight: number, points: number): number {
  return Math.pow(weight, Math.max(1, points));
}

/** How many points a weight reaches over: 1 / (1 - w), the mean age of the values in an exponential mean, plus one. */
export function reach(weight: number): number {
  return 1 / (1 - weight);
}

/** The mean of the entries at most `radius` away on both sides, in one pass over the sums. */
export function runningMean(values: Float64Array, radius: number): Float64Array {
  const sums = new Float64Array(values.length + 1);
  const counts = new Uint32Array(values.length + 1);
  for (let i = 0; i < values.length; i++) {
    const isFinite = Number.isFinite(values[i]);
    sums[i + 1] = sums[i] + (isFinite ? values[i] : 0);
    counts[i + 1] = counts[i] + Number(isFinite);
  }
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return value;
    const [from, to] = [Math.max(0, i - radius), Math.min(values.length, i + radius + 1)];
    return (sums[to] - sums[from]) / (counts[to] - counts[from]);
  });
}

/** Beyond this many entries three running means in a row stand in for the Gaussian mean: they are fast at any width. */
const EXACT_SIGMA = 40;

/** The mean weighted by exp(-d^2 / (2 sigma^2)), d the distance in entries; cut off at three sigma. */
export function gaussianMean(values: Float64Array, sigma: number): Float64Array {
  const radius = Math.ceil(3 * sigma);
  if (radius < 1) return values.slice();
  // Three boxes of width w have the variance 3 (w^2 - 1) / 12 = sigma^2.
  const box = Math.round((Math.sqrt(4 * sigma * sigma + 1) - 1) / 2);
  if (sigma > EXACT_SIGMA) return runningMean(runningMean(runningMean(values, box), box), box);
  const kernel = Float64Array.from({ length: radius + 1 }, (_, d) => Math.exp((-d * d) / (2 * sigma * sigma)));
  return values.map((value, i) => {
    if (!Number.isFinite(value)) return value;
    let [sum, total] = [0, 0];
    for (let j = Math.max(0, i - radius); j <= Math.min(values.length - 1, i + radius); j++) {
      if (!Number.isFinite(values[j])) continue;
      const weight = kernel[Math.abs(j - i)];
      sum += weight * values[j];
      total += weight;
    }
    return sum / total;
  });
}

/**
 * The smoothed values; `perEntry` says for how many points an entry stands. All three kinds reach equally far at one
 * weight: sigma and half the window are that of the exponential mean.
 */
export function smooth(
  values: Float64Array,
  kind: Smoother,
  weight: number,
  perEntry: number,
  before?: number,
): Float64Array {
  if (kind === "ema") return exponentialMean(values, bucketWeight(weight, perEntry), before);
  const entries = (reach(weight) - 1) / Math.max(1, perEntry);
  return kind === "gaussian" ? gaussianMean(values, entries) : runningMean(values, Math.round(entries));
}

/** The strength in words: 0.90, σ 9 points, 19 points. */
export function smoothingText(kind: Smoother, weight: number): string {
  if (weight === 0) return "off";
  if (kind === "ema") return weight.toFixed(3).replace(/0$/, "");
  const points = reach(weight) - 1;
  if (kind === "gaussian") return `σ ${points < 10 ? Number(points.toFixed(1)) : Math.round(points)}`;
  return `${2 * Math.round(points) + 1} pts`;
}
