import { expect, test } from "vitest";
import type { RunSummary } from "../api/types";
import { groupMean, groupName } from "./grouping";

const line = (x: number[], y: number[]) => ({ x: new Float64Array(x), y: new Float64Array(y) });

test("lines over the same x give the mean and the extremes at each", () => {
  const mean = groupMean([line([0, 1], [1, 5]), line([0, 1], [3, 9])], "minmax");
  expect([...mean.y]).toEqual([2, 7]);
  expect([...mean.min]).toEqual([1, 5]);
  expect([...mean.max]).toEqual([3, 9]);
});

test("std is the sample's deviation to both sides, stderr that over the root of the count", () => {
  const lines = [1, 2, 3, 4].map((value) => line([0], [value]));
  const deviation = Math.sqrt(5 / 3);
  expect(groupMean(lines, "std").max[0]).toBeCloseTo(2.5 + deviation, 12);
  expect(groupMean(lines, "stderr").min[0]).toBeCloseTo(2.5 - deviation / 2, 12);
});

test("a line counts between its first and last point, straight between points, and not beyond", () => {
  const mean = groupMean([line([0, 10], [0, 10]), line([5, 20], [100, 100])], "minmax");
  expect([...mean.x]).toEqual([0, 5, 10, 20]);
  expect([...mean.y]).toEqual([0, 52.5, 55, 100]);
});

test("a value that is no number does not enter the mean", () => {
  const mean = groupMean([line([0, 1], [NaN, 1]), line([0, 1], [4, 3])], "std");
  expect([...mean.y]).toEqual([4, 2]);
  expect([...mean.min].slice(0, 1)).toEqual([4]);
});

test("very many points are drawn on an even grid", () => {
  const long = (offset: number) => {
    const x = Array.from({ length: 3000 }, (_, i) => i + offset);
    return line(x, x);
  };
  const mean = groupMean([long(0), long(0.5)], "minmax");
  expect(mean.x.length).toBe(2000);
  expect(mean.y[1000]).toBeCloseTo(mean.x[1000], 6);
});

test("runs are grouped by a field, those without it together", () => {
  const run = { group: null, config: { model: { width: 8 } }, summary: {} } as unknown as RunSummary;
  expect(groupName(run, "config.model.width")).toBe("8");
  expect(groupName(run, "group")).toBe("(none)");
});
