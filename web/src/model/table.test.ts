import { expect, test } from "vitest";
import { parseTable } from "./table";

test("what is no table says so", () => expect(() => parseTable({ rows: [] })).toThrow(/not a table/));

test("arrays that lie in a file of their own are told by their shape", () => {
  const column_types = [{ kind: "ndarray", shape: [8, 8], dtype: "<f8", file: { sha256: "ab" } }];
  expect(parseTable({ columns: ["a"], column_types, data: [[null]] }).rows).toEqual([["array (8, 8)"]]);
});
