import { expect, test } from "vitest";
import { tablePage } from "./table";

const FILE = {
  columns: ["name", "score"],
  column_types: [{ kind: "string" }, { kind: "number" }],
  data: [
    ["cat", 0.5],
    ["dog", null],
    ["Catfish", "NaN"],
    ["ant", 2],
  ],
};

test("missing values come last in both directions, and equal ones keep their order", () => {
  expect(tablePage(FILE, { order: ["score"] }).row_numbers).toEqual([0, 3, 1, 2]);
  expect(tablePage(FILE, { order: ["-score"] }).row_numbers).toEqual([3, 0, 1, 2]);
  expect(tablePage(FILE, { order: ["name"] }).rows.map((row) => row[0])).toEqual(["ant", "cat", "Catfish", "dog"]);
});

test("a search looks into texts in any case, and a page is a part of what it found", () => {
  const page = tablePage(FILE, { search: "CAT", offset: 1, limit: 1 });
  expect([page.row_count, page.total, page.offset, page.row_numbers]).toEqual([4, 2, 1, [2]]);
  expect(page.columns.map((column) => column.kind)).toEqual(["string", "number"]);
});
