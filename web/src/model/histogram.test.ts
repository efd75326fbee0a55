import { expect, test } from "vitest";
import { heatMap, parseHistogram, quantile, type Histogram } from "./histogram";

const histogram = (bins: number[], counts: number[], step = 0): Histogram => ({ step, bins, counts, nonfinite: 0 });

test("a logged value is read, with what was lost to NaN and infinity", () => {
  const value = { _type: "histogram", values: [1, 2], bins: [0, 1, 2], nonfinite: { nan: 2, posinf: 1 } };
  expect(parseHistogram(7, value)).toEqual({ step: 7, bins: [0, 1, 2], counts: [1, 2], nonfinite: 3 });
  expect(parseHistogram(7, { values: [1], bins: [0] })).toBeNull();
  expect(parseHistogram(7, "x")).toBeNull();
});

test("every column of a heat-map sums to one, whatever its bins", () => {
  const map = heatMap([histogram([0, 1, 3], [5, 5]), histogram([-2, 2], [7]), histogram([1, 1.001], [3])], 16);
  for (let column = 0; column < 3; column++) {
    const sum = map.cells.slice(column * 16, (column + 1) * 16).reduce((a, b) => a + b, 0);
    expect(sum).toBeCloseTo(1, 5);
  }
  expect([map.min, map.max]).toEqual([-2, 3]);
});

test("equal bins stay as they are", () => {
  expect([...heatMap([histogram([0, 1, 2], [1, 3])], 2).cells]).toEqual([0.25, 0.75]);
});

test("a histogram without values, or of one value, does no harm", () => {
  expect(heatMap([histogram([0, 1], [0])], 4).peak).toBe(0);
  expect(heatMap([histogram([2, 2], [4])], 4).peak).toBeCloseTo(1);
  expect(quantile(histogram([0, 1], [0]), 0.5)).toBeNaN();
});

test("quantiles are taken evenly inside a bin", () => {
  const one = histogram([0, 10, 20], [1, 3]);
  expect([0, 0.25, 0.625, 1].map((share) => quantile(one, share))).toEqual([0, 10, 15, 20]);
});
