import { expect, test } from "vitest";
import { bucketWeight, exponentialMean, gaussianMean, runningMean, smoothingText } from "./smoothing";

test("a constant stays what it is from the first value on", () => {
  const smooth = exponentialMean(new Float64Array(50).fill(3), 0.99);
  for (const value of smooth) expect(value).toBeCloseTo(3, 12);
});

test("it equals the weighted mean of all values so far", () => {
  const values = Float64Array.from({ length: 20 }, (_, i) => Math.sin(i));
  const weight = 0.8;
  const smooth = exponentialMean(values, weight);
  for (let t = 0; t < values.length; t++) {
    let [sum, total] = [0, 0];
    for (let i = 0; i <= t; i++) {
      sum += weight ** (t - i) * values[i];
      total += weight ** (t - i);
    }
    expect(smooth[t]).toBeCloseTo(sum / total, 10);
  }
});

test("NaN and infinity stay in their place and spoil nothing behind them", () => {
  const smooth = exponentialMean(new Float64Array([1, NaN, Infinity, 1]), 0.5);
  expect([...smooth]).toEqual([1, NaN, Infinity, 1]);
});

test("weight 0 changes nothing", () => {
  expect([...exponentialMean(new Float64Array([1, 5, 2]), 0)]).toEqual([1, 5, 2]);
});

test("a bucket of n points is smoothed n times", () => {
  expect(bucketWeight(0.9, 3)).toBeCloseTo(0.729, 12);
  expect(bucketWeight(0.9, 0.5)).toBe(0.9);
});

test("it goes on where an earlier part ended", () => {
  const values = Float64Array.from({ length: 400 }, (_, i) => Math.cos(i / 9));
  const whole = exponentialMean(values, 0.9);
  const later = exponentialMean(values.slice(300), 0.9, whole[299]);
  for (let i = 0; i < later.length; i++) expect(later[i]).toBeCloseTo(whole[300 + i], 10);
});

test("a running mean is the mean of the neighbours on both sides, fewer at the ends", () => {
  expect([...runningMean(Float64Array.from([0, 3, 6, 9, 0]), 1)]).toEqual([1.5, 3, 6, 5, 4.5]);
  expect([...runningMean(Float64Array.from([1, NaN, 3]), 1)]).toEqual([1, NaN, 3]);
});

test("a Gaussian mean weighs by distance and leaves a straight line straight", () => {
  const spike = gaussianMean(Float64Array.from([0, 0, 0, 0, 1, 0, 0, 0, 0]), 1);
  expect(spike[4] / spike[3]).toBeCloseTo(Math.exp(0.5), 6);
  const straight = gaussianMean(
    Float64Array.from({ length: 401 }, (_, i) => i),
    50,
  );
  expect(straight[200]).toBeCloseTo(200, 6);
});

test("far Gaussian means agree with the weights they stand for", () => {
  const values = Float64Array.from({ length: 1000 }, (_, i) => Math.sin(i / 200));
  const sigma = 60;
  let [sum, total] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const weight = Math.exp(-((i - 500) ** 2) / (2 * sigma * sigma));
    sum += weight * values[i];
    total += weight;
  }
  // Three boxes of whole entries are no exact Gaussian: half a hundredth of the amplitude is allowed.
  expect(gaussianMean(values, sigma)[500]).toBeCloseTo(sum / total, 2);
});

test("the strength is said in the terms of its kind", () => {
  expect(smoothingText("ema", 0.9)).toBe("0.90");
  expect(smoothingText("gaussian", 0.9)).toBe("σ 9");
  expect(smoothingText("mean", 0.9)).toBe("19 pts");
});
