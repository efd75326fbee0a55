/** Smoothing of a line. Pure: arrays in, a new array out. */

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
