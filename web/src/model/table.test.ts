import { expect, test } from "vitest";
import { arrangeRows, columnLook, parseTable } from "./table";

const table = parseTable({
  columns: ["image", "score", "name"],
  data: [
    [{ _type: "image-file", sha256: "a" }, 0.5, "item 10"],
    [null, "NaN", "item 9"],
    [null, 2, null],
    [null, -1, "Item 9"],
  ],
});

test("columns look like their values", () => {
  expect([0, 1, 2].map((column) => columnLook(table, column))).toEqual(["image", "number", "text"]);
});

test("numbers sort as numbers, NaN and missing values stay last both ways", () => {
  expect(arrangeRows(table, "", { column: 1, descending: false })).toEqual([3, 0, 2, 1]);
  expect(arrangeRows(table, "", { column: 1, descending: true })).toEqual([2, 0, 3, 1]);
  expect(arrangeRows(table, "", { column: 2, descending: false }).at(-1)).toBe(2);
  expect(arrangeRows(table, "", { column: 2, descending: false })[2]).toBe(0);
});

test("a search looks at every cell, whatever the case", () => {
  expect(arrangeRows(table, "ITEM 9", null)).toEqual([1, 3]);
});

test("what is no table says so", () => expect(() => parseTable({ rows: [] })).toThrow(/not a table/));

test("arrays that lie in a file of their own are told by their shape", () => {
  const column_types = [{ kind: "ndarray", shape: [8, 8], dtype: "<f8", file: { sha256: "ab" } }];
  expect(parseTable({ columns: ["a"], column_types, data: [[null]] }).rows).toEqual([["array (8, 8)"]]);
});
