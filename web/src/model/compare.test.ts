import { expect, test } from "vitest";
import { differingFirst, diffRows, isSame, shownRows } from "./compare";

const rows = diffRows([
  { lr: 0.1, model: { layers: [1, 2], name: "cnn" } },
  { lr: 0.1, model: { layers: [1, 3] }, seed: 1 },
]);

test("every path of any map is a row, with a hole where a map has no value", () => {
  expect(rows.map((row) => [row.path, row.differs])).toEqual([
    ["lr", false],
    ["model.layers", true],
    ["model.name", true],
    ["seed", true],
  ]);
  expect(rows[3].values).toEqual([undefined, 1]);
});

test("only what differs is shown, unless all is wanted, and the search reads values too", () => {
  expect(shownRows(rows, false, "").map((row) => row.path)).toEqual(["model.layers", "model.name", "seed"]);
  expect(shownRows(rows, true, "LR").map((row) => row.path)).toEqual(["lr"]);
  expect(shownRows(rows, false, "cnn").map((row) => row.path)).toEqual(["model.name"]);
});

test("rows that differ stand in front, each part as it was", () => {
  expect(differingFirst(rows).map((row) => row.path)).toEqual(["model.layers", "model.name", "seed", "lr"]);
});

test("the order of keys makes no difference", () => {
  expect(isSame({ a: 1, b: [2] }, { b: [2], a: 1 })).toBe(true);
  expect(isSame({ a: 1 }, { a: "1" })).toBe(false);
});
