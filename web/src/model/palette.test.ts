import { expect, test } from "vitest";
import { COLOR_COUNT, freeSlot, runColor } from "./palette";

test("the first ten runs have ten solid colours, the next ten are dashed", () => {
  const looks = Array.from({ length: 20 }, (_, slot) => runColor(slot));
  expect(new Set(looks.slice(0, 10).map((look) => look.css)).size).toBe(COLOR_COUNT);
  expect(looks.slice(0, 10).every((look) => look.dash.length === 0)).toBe(true);
  expect(looks.slice(10).every((look) => look.dash.length > 0)).toBe(true);
});

test("a new run takes the lowest colour that no other has", () => {
  expect([freeSlot([]), freeSlot([0, 1, 3]), freeSlot([1, 2])]).toEqual([0, 2, 0]);
});
