import { expect, test } from "vitest";
import { runsWithin } from "./brushing";

test("a run must lie inside every brushed axis", () => {
  const places = [
    [0.1, 0.9],
    [0.5, 0.5],
    [NaN, 0.5],
  ];
  const ids = ["a", "b", "c"];
  expect(runsWithin(ids, places, [])).toBeNull();
  expect(runsWithin(ids, places, [[0, 0.6], null])).toEqual(new Set(["a", "b"]));
  expect(
    runsWithin(ids, places, [
      [0, 0.6],
      [0.4, 0.6],
    ]),
  ).toEqual(new Set(["b"]));
});
