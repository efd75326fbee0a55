import { expect, test } from "vitest";
import { nearestPlace } from "./steps";

test("the nearest step is found, of two equally near the earlier", () => {
  expect(nearestPlace([0, 10, 20], 13)).toBe(1);
  expect(nearestPlace([0, 10, 20], 15)).toBe(1);
  expect(nearestPlace([0, 10, 20], 99)).toBe(2);
  expect(nearestPlace([], 3)).toBe(-1);
});
