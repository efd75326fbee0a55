import { expect, test } from "vitest";
import type { Series } from "../api/series";
import { exponentialMean } from "../model/smoothing";
import { lineValues } from "./seriesLine";

const name = { project: "p", run: "r", key: "k" };
const points = (x: number[], y: number[]): Series => ({
  ...name,
  kind: "points",
  totalPoints: x.length,
  x: new Float64Array(x),
  y: new Float64Array(y),
});
const buckets = (x: number[], y: number[], totalPoints: number): Series => ({
  ...points(x, y),
  kind: "buckets",
  totalPoints,
  min: new Float64Array(y.map((value) => value - 1)),
  max: new Float64Array(y.map((value) => value + 1)),
});

test("a line that came whole is drawn as it is, zoomed or not", () => {
  const whole = points([0, 1, 2], [5, 6, 7]);
  expect([...lineValues(whole, points([1], [6]), 0).x]).toEqual([0, 1, 2]);
});

test("a zoom puts fine values in the place of coarse ones and keeps the rest", () => {
  const overview = buckets([5, 15, 25, 35], [1, 2, 3, 4], 40);
  const values = lineValues(overview, points([11, 12, 19], [2, 9, 2]), 0);
  expect([...values.x]).toEqual([5, 11, 12, 19, 25, 35]);
  expect([...values.y]).toEqual([1, 2, 9, 2, 3, 4]);
  expect([...(values.max ?? [])]).toEqual([2, 2, 9, 2, 4, 5]);
});

test("a zoom beside all coarse values still draws them", () => {
  const overview = buckets([5, 15], [1, 2], 20);
  expect([...lineValues(overview, points([7, 8], [3, 3]), 0).x]).toEqual([5, 7, 8, 15]);
  expect([...lineValues(overview, points([0, 30], [3, 3]), 0).x]).toEqual([0, 30]);
  expect([...lineValues(overview, points([], []), 0).x]).toEqual([5, 15]);
});

test("smoothing goes on into the zoom, and the raw values stay at hand", () => {
  const overview = buckets([0, 1, 2, 3], [0, 10, 0, 10], 4);
  const values = lineValues(overview, points([2, 3], [0, 10]), 0.5);
  const expected = exponentialMean(new Float64Array([0, 10, 0, 10]), 0.5);
  expect(values.y[1]).toBeCloseTo(expected[1], 12);
  expect(values.y[2]).toBeCloseTo(0.5 * expected[1], 12);
  expect([...(values.raw ?? [])]).toEqual([0, 10, 0, 10]);
});
