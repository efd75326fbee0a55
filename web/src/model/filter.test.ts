import { describe, expect, test } from "vitest";
import {
  countConditions,
  decodeCondition,
  decodeFilter,
  encodeCondition,
  encodeFilter,
  fieldKind,
  toMongo,
  type Condition,
  type Kind,
} from "./filter";

const kinds: Record<string, Kind> = { "config.lr": "number", "config.flag": "bool" };
const kindOf = (field: string): Kind => kinds[field] ?? fieldKind(field);
const one = (field: string, op: Condition["op"], value = ""): Condition => ({ field, op, value });

describe("in the address bar", () => {
  test.each([
    one("config.lr", "gt", "0.001"),
    one("name", "like", "a:b\\c"),
    one("config.a:b\\c", "is", "x:y"),
    one("config.lr", "missing"),
    one("notes", "is", "two\nlines & = ?"),
  ])("$field $op survives the way there and back", (condition) => {
    const query = new URLSearchParams([["f", encodeCondition(condition)]]);
    expect(decodeCondition(new URLSearchParams(query.toString()).get("f") ?? "")).toEqual(condition);
  });

  test("unfinished conditions are left out, foreign texts are ignored", () => {
    const conditions = [one("", "is", "x"), one("name", "is"), one("tags", "has", "a")];
    expect(encodeFilter({ conditions, any: true, groups: [[one("", "is")]] })).toEqual({
      f: ["tags:has:a"],
      fg: [],
      any: "1",
    });
    expect(decodeFilter(new URLSearchParams("f=tags:has:a&f=nonsense&f=name:hack:x&any=1"))).toEqual({
      conditions: [one("tags", "has", "a")],
      any: true,
      groups: [],
    });
  });

  test("groups survive the way there and back, whatever their values hold", () => {
    const groups = [[one("name", "matches", "a|b\\c"), one("config.a:b", "exists")], [one("state", "is", "failed")]];
    const query = new URLSearchParams();
    for (const text of encodeFilter({ conditions: [], any: false, groups }).fg) query.append("fg", text);
    expect(decodeFilter(new URLSearchParams(query.toString())).groups).toEqual(groups);
  });
});

describe("for the server", () => {
  test("values are typed by their field", () => {
    const mongo = (condition: Condition) => toMongo({ conditions: [condition], any: false, groups: [] }, kindOf);
    expect(mongo(one("config.lr", "gte", "1e-3"))).toEqual({ "config.lr": { $gte: 0.001 } });
    expect(mongo(one("config.flag", "is", "true"))).toEqual({ "config.flag": true });
    expect(mongo(one("state", "not", "failed"))).toEqual({ state: { $ne: "failed" } });
    expect(mongo(one("name", "like", "a.b"))).toEqual({ name: { $regex: "(?i)a\\.b" } });
    expect(mongo(one("group", "missing"))).toEqual({ group: { $exists: false } });
    const midnight_s = new Date(2026, 10, 21).getTime() / 1000;
    expect(mongo(one("created_s", "gt", "2026-11-21"))).toEqual({ created_s: { $gt: midnight_s } });
  });

  test("several conditions are joined by and, or by or", () => {
    const conditions = [one("state", "is", "running"), one("tags", "has", "a")];
    expect(toMongo({ conditions, any: false, groups: [] }, kindOf)).toEqual({
      $and: [{ state: "running" }, { tags: "a" }],
    });
    expect(toMongo({ conditions, any: true, groups: [] }, kindOf)).toEqual({
      $or: [{ state: "running" }, { tags: "a" }],
    });
  });

  test("a group is joined the other way", () => {
    const conditions = [one("state", "is", "running")];
    const groups = [[one("tags", "has", "a"), one("tags", "has", "b")], []];
    const inner = [{ tags: "a" }, { tags: "b" }];
    expect(toMongo({ conditions, any: false, groups }, kindOf)).toEqual({
      $and: [{ state: "running" }, { $or: inner }],
    });
    expect(toMongo({ conditions: [], any: true, groups }, kindOf)).toEqual({ $and: inner });
    expect(countConditions({ conditions, any: false, groups })).toBe(3);
  });

  test("no condition is no filter", () =>
    expect(toMongo({ conditions: [], any: false, groups: [] }, kindOf)).toBeNull());
});
