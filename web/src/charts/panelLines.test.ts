import { expect, test } from "vitest";
import type { MetricKey, RunSummary } from "../api/types";
import { runColor } from "../model/palette";
import { joinGroups, lineLegend, lineLook, panelKeys, stepAt } from "./panelLines";

const key = (name: string, kind = "number") => ({ key: name, kind }) as MetricKey;
const run = (id: string, slot: number) => ({ id, name: `run ${id}`, color: runColor(slot) });

test("a panel draws its own key, the chosen ones, and those its pattern finds", () => {
  const all = [key("loss"), key("val_loss"), key("_step"), key("picture", "image-file")];
  expect(panelKeys(key("loss"), {}, all)).toEqual(["loss"]);
  expect(panelKeys(key("loss"), { keys: ["a", "b"] }, all)).toEqual(["a", "b"]);
  expect(panelKeys(key("Lines", "lines"), { pattern: "loss$|pic|_step" }, all)).toEqual(["loss", "val_loss"]);
  expect(panelKeys(key("Lines", "lines"), {}, all)).toEqual([]);
  const many = Array.from({ length: 30 }, (_, place) => key(`layer ${place}`));
  expect(panelKeys(key("Lines", "lines"), { pattern: "layer" }, many)).toHaveLength(30);
});

test("with one metric a line looks like its run, with several runs the dash tells the metrics apart", () => {
  expect(lineLook(run("a", 3), "loss", ["loss"], 5)).toMatchObject({ id: "a", label: "run a", color: "--run-3" });
  const one = lineLook(run("a", 3), "acc", ["loss", "acc"], 1);
  expect(one).toMatchObject({ label: "acc", color: "--run-1" });
  const many = lineLook(run("a", 3), "acc", ["loss", "acc"], 2);
  expect(many.color).toBe("--run-3");
  expect(many.dash).not.toEqual([]);
});

test("runs of a group become one line a metric, named with their number", () => {
  const line = (id: string, y: number) => ({
    ...lineLook(run(id, 0), "loss", ["loss"], 3),
    x: new Float64Array([0]),
    y: new Float64Array([y]),
  });
  const facts = new Map([
    ["a", { group: "g" } as RunSummary],
    ["b", { group: "g" } as RunSummary],
    ["c", { group: "h" } as RunSummary],
  ]);
  const joined = joinGroups([line("a", 1), line("b", 3), line("c", 9)], facts, "group", "minmax");
  expect(joined.map((one) => [one.label, one.y[0]])).toEqual([
    ["g (2)", 2],
    ["h (1)", 9],
  ]);
  expect(joined[0].run).toBeUndefined();
});

test("names below a chart say what the list of runs does not", () => {
  const empty = new Float64Array(0);
  const lines = (runs: string[], keys: string[]) =>
    runs.flatMap((id) => keys.map((one) => ({ ...lineLook(run(id, 0), one, keys, runs.length), x: empty, y: empty })));
  const labels = (runs: string[], keys: string[]) => lineLegend(lines(runs, keys), keys).map((entry) => entry.label);
  expect(labels(["a", "b"], ["loss"])).toEqual([]);
  expect(labels(["a"], ["loss", "acc"])).toEqual(["loss", "acc"]);
  expect(labels(["a", "b"], ["loss", "acc"])).toEqual(["loss", "acc"]);
  const dashes = lineLegend(lines(["a", "b"], ["loss", "acc"]), ["loss", "acc"]).map((entry) => entry.dash);
  expect(dashes[0]).not.toEqual(dashes[1]);
  const many = Array.from({ length: 13 }, (_, place) => `m${place}`);
  expect(labels(["a"], many)).toEqual([]);
  const means = joinGroups(lines(["a", "b"], ["loss"]), new Map(), "group", "std");
  expect(lineLegend(means, ["loss"]).map((entry) => entry.label)).toEqual(["run a (1)", "run b (1)"]);
});

test("the step of a point over another x is the one at the same place", () => {
  const steps = new Float64Array([0, 10, 20, 30]);
  expect(stepAt(steps, 2, 4)).toBe(20);
  expect(stepAt(steps, 1, 2)).toBe(30);
});
