import { expect, test } from "vitest";
import type { RunGroup, RunSummary, Value } from "../api/types";
import { groupLabel, groupValue, isInGroup, keysOf, pathOf, spanAt, spansOf, type Level } from "./groups";

const group = (key: string, run_count: number): RunGroup => ({ key, value: key, run_count, states: {}, numbers: {} });
const level = (total: number, ...groups: RunGroup[]): Level => ({
  total,
  groups: groups.map((one, index) => [index, one] as const),
});

/** Every row of the table in words: where it is, and the how manieth there. */
function rows(depth: number, levels: Record<string, Level>, open: string[]): string[] {
  const spans = spansOf(
    depth,
    (path) => levels[path],
    (path) => open.includes(path),
  );
  const last = spans.at(-1);
  const count = last === undefined ? 0 : last.start + last.count;
  return Array.from({ length: count }, (_, row) => {
    const span = spanAt(spans, row)!;
    return `${pathOf(span.keys)}#${span.from + row - span.start}`;
  });
}

test("an open group is followed by what is in it, level by level", () => {
  const levels = { "": level(3, group("a", 5), group("b", 2)), a: level(2, group("x/y", 3), group("z", 2)) };
  expect(rows(2, levels, [])).toEqual(["#0", "#1", "#2"]);
  expect(rows(2, levels, ["a"])).toEqual(["#0", "a#0", "a#1", "#1", "#2"]);
  expect(rows(2, levels, ["a", "a/x%2Fy"])).toEqual([
    ...["#0", "a#0", "a/x%2Fy#0", "a/x%2Fy#1", "a/x%2Fy#2", "a#1", "#1", "#2"],
  ]);
});

test("what is not known yet takes the room that it will need, or one row", () => {
  expect(rows(1, {}, [])).toEqual(["#0"]);
  expect(rows(1, { "": level(0) }, [])).toEqual([]);
  expect(rows(1, { "": level(1, group("a", 2)) }, ["a"])).toEqual(["#0", "a#0", "a#1"]);
  expect(rows(2, { "": level(1, group("a", 2)) }, ["a"])).toEqual(["#0", "a#0"]);
  const known: Level = { total: 100, groups: [[50, group("far", 1)]] };
  expect(rows(1, { "": known }, ["far"])).toHaveLength(101);
  expect(rows(1, { "": known }, ["far"])[51]).toBe("far#0");
});

test("no row lies outside the spans", () => {
  const spans = spansOf(
    1,
    () => level(2),
    () => false,
  );
  expect([spanAt(spans, -1), spanAt(spans, 2)]).toEqual([undefined, undefined]);
});

test("a path leads back to its keys, whatever is in them", () => {
  for (const keys of [["adam"], ["a,b/c", "%", "ü"], ["", "0.1"]]) expect(keysOf(pathOf(keys))).toEqual(keys);
  expect(pathOf(["a,b"])).not.toContain(",");
  expect(keysOf("%E0%A4%A")).toBeNull();
});

test("a run is in the group of its values, told apart as the server tells them", () => {
  const run = (config: object) => ({ config, summary: {}, tags: ["t"], group: null }) as unknown as RunSummary;
  const config = { opt: "adam", lr: 0.1, flag: true, list: [1, [2]], img: { _type: "image-file" }, map: { lr: 1 } };
  const value = (field: string) => groupValue(run(config), field);
  expect(["opt", "lr", "flag", "list", "img", "map", "none"].map((name) => value(`config.${name}`))).toEqual([
    ...["adam", 0.1, true, [1], [], null, null],
  ]);
  expect([value("tags"), value("group")]).toEqual([["t"], null]);
  const fields = ["config.opt", "config.lr"];
  expect(isInGroup(run(config), fields, ["adam"])).toBe(true);
  expect(isInGroup(run(config), fields, ["adam", 0.1])).toBe(true);
  expect(isInGroup(run(config), fields, ["adam", "0.1"])).toBe(false);
});

test("values without words have a label too", () => {
  const labels = ([null, "", [], [1, "a"], 0.5, true] as Value[]).map(groupLabel);
  expect(labels).toEqual(["–", "(empty)", "–", "1, a", "0.5", "true"]);
});
