import { expect, test } from "vitest";
import { bucketWeight, exponentialMean } from "./smoothing";

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
