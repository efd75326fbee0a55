import { expect, test } from "vitest";
import { decodeTable, encodeTable, PLAIN_STATE, type TableState } from "./tableAddress";

const full: TableState = {
  search: "cat",
  conditions: [{ column: "score", operator: "gt", text: "0.5" }],
  groupBy: ["label"],
  aggregates: [{ op: "mean", column: "score" }],
  comparison: {
    label: "after",
    source: { sha256: "ab" },
    keys: ["id", "epoch"],
    how: "outer",
    column: "score",
    isNumber: true,
    isGain: false,
    outcome: "worse",
  },
  order: { column: "score", descending: true },
  run: "a1",
  step: 7,
};

test("every part of a question comes back from the address", () => {
  expect(decodeTable(encodeTable(full))).toEqual(full);
  for (const [name, value] of Object.entries(full)) {
    const one = { ...PLAIN_STATE, [name]: value } as TableState;
    expect(decodeTable(encodeTable(one))).toEqual(one);
    expect(Object.keys(JSON.parse(encodeTable(one) ?? "") as object)).toEqual([name]);
  }
});

test("a table that nothing is asked of leaves no trace in the address", () => {
  expect(encodeTable(PLAIN_STATE)).toBeNull();
  expect(decodeTable(null)).toEqual(PLAIN_STATE);
});

test("what cannot be read is as it is at first", () => {
  for (const text of ["", "{", "[]", "7", '{"search":7,"order":{"column":1},"groupBy":"a","step":"x"}'])
    expect(decodeTable(text)).toEqual(PLAIN_STATE);
  expect(
    decodeTable(JSON.stringify({ ...full, comparison: { ...full.comparison, how: "cross" } })).comparison,
  ).toBeNull();
  expect(decodeTable('{"conditions":[{"column":"a","operator":"or","text":""}]}').conditions).toEqual([]);
});
