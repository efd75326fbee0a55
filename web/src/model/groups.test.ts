import { expect, test } from "vitest";
import type { RunSummary } from "../api/types";
import { ALL_OPEN, groupPath, groupPaths, groupRuns, spread, tableRows } from "./groups";

const run = (id: string, config: object, loss: unknown) =>
  ({ id, config, summary: { loss }, tags: [], group: null }) as unknown as RunSummary;
const runs = [
  run("a", { opt: "adam", lr: 0.1 }, 1),
  run("b", { opt: "sgd", lr: 0.1 }, 2),
  run("c", { opt: "adam", lr: 0.2 }, "NaN"),
  run("d", { opt: "adam", lr: 0.1 }, 4),
];

test("groups come in the order of their first run, level below level", () => {
  const groups = groupRuns(runs, ["config.opt", "config.lr"]);
  expect(groups.map((group) => [group.label, group.runs.map((one) => one.id).join("")])).toEqual([
    ["adam", "acd"],
    ["sgd", "b"],
  ]);
  expect(groupPaths(groups)).toEqual(["adam", "adam/0.1", "adam/0.2", "sgd", "sgd/0.1"]);
  expect(groupPath(runs[2], ["config.opt", "config.lr"])).toBe("adam/0.2");
});

test("only what is in open groups is a row", () => {
  const groups = groupRuns(runs, ["config.opt", "config.lr"]);
  const show = (open: string[]) =>
    tableRows(groups, new Set(open)).map((row) => (row.kind === "run" ? row.run.id : row.group.path));
  expect(show([])).toEqual(["adam", "sgd"]);
  expect(show(["adam", "adam/0.1"])).toEqual(["adam", "adam/0.1", "a", "d", "adam/0.2", "sgd"]);
  expect(show([ALL_OPEN])).toHaveLength(9);
});

test("runs without a value share one group; commas and slashes in values stay apart in paths", () => {
  expect(groupRuns(runs, ["group"]).map((group) => group.label)).toEqual(["–"]);
  expect(groupPath(run("e", { opt: "a,b/c" }, 0), ["config.opt"])).toBe("a%2Cb%2Fc");
});

test("the spread of a column passes over NaN and missing values", () => {
  expect(spread(runs, "summary.loss")).toEqual({ count: 3, mean: 7 / 3, min: 1, max: 4 });
  expect(spread(runs, "summary.none")).toBeNull();
});
