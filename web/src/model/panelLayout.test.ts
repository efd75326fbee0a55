import { expect, test } from "vitest";
import type { MetricKey } from "../api/types";
import {
  addPanel,
  EMPTY_LAYOUT,
  gridColumns,
  hidePanel,
  layoutSections,
  MAX_HEIGHT,
  movePanel,
  parseLayout,
  removePanel,
  resizePanel,
  setOptions,
  showPanel,
  type Layout,
} from "./panelLayout";

const key = (name: string, kind = "number"): MetricKey => ({
  key: name,
  kind,
  run_count: 1,
  point_count: 1,
  last_step: 0,
  step_metric: null,
  goal: null,
  hidden: false,
});
const KEYS = [key("loss"), key("accuracy"), key("opt/lr"), key("opt/norm")];
const shown = (layout: Layout, search = "") =>
  Object.fromEntries(layoutSections(layout, KEYS, { search }).map(({ name, items }) => [name, items.map((i) => i.id)]));

test("without a layout panels stand in the order of the keys", () => {
  expect(shown(EMPTY_LAYOUT)).toEqual({
    metrics: ["number:loss", "number:accuracy"],
    opt: ["number:opt/lr", "number:opt/norm"],
  });
});

test("a moved panel stands before the one it was dropped on, and the other sections stay", () => {
  const moved = movePanel(EMPTY_LAYOUT, ["number:loss", "number:accuracy"], "number:accuracy", "number:loss");
  expect(shown(moved).metrics).toEqual(["number:accuracy", "number:loss"]);
  const both = movePanel(moved, ["number:opt/lr", "number:opt/norm"], "number:opt/lr", null);
  expect(shown(both)).toEqual({
    metrics: ["number:accuracy", "number:loss"],
    opt: ["number:opt/norm", "number:opt/lr"],
  });
});

test("a hidden panel is away until it is shown again, and an empty section with it", () => {
  const hidden = hidePanel(hidePanel(EMPTY_LAYOUT, "number:opt/lr"), "number:opt/norm");
  expect(shown(hidden)).toEqual({ metrics: ["number:loss", "number:accuracy"] });
  expect(shown(showPanel(hidden, "number:opt/lr")).opt).toEqual(["number:opt/lr"]);
});

test("an added line panel stands first in the section of its first metric and is found by its metrics", () => {
  const layout = addPanel(EMPTY_LAYOUT, "lines", { keys: ["opt/lr", "loss"] });
  expect(shown(layout).opt[0]).toBe("added:1");
  expect(shown(layout, "^loss$")).toEqual({ metrics: ["number:loss"], opt: ["added:1"] });
  expect(shown(addPanel(layout, "runs-scatter", {})).comparisons).toEqual(["added:2"]);
});

test("removing takes an added panel out with all that was kept for it, and its id is free again", () => {
  const layout = resizePanel(addPanel(EMPTY_LAYOUT, "lines", { keys: ["loss"] }), "added:1", { span: 2 });
  expect(removePanel(layout, "added:1")).toEqual(EMPTY_LAYOUT);
});

test("sizes are kept in bounds and joined with what was set before", () => {
  const wide = resizePanel(EMPTY_LAYOUT, "a", { span: 2 });
  expect(resizePanel(wide, "a", { height: 5000 }).sizes.a).toEqual({ span: 2, height: MAX_HEIGHT });
});

test("a saved layout comes back as it was, and nonsense is no layout", () => {
  const layout = setOptions(addPanel({ ...EMPTY_LAYOUT, columns: 2 }, "lines", {}), "number:loss", { log: true });
  expect(parseLayout(JSON.parse(JSON.stringify(layout)))).toEqual(layout);
  expect(parseLayout("x")).toEqual(EMPTY_LAYOUT);
  expect(parseLayout({ columns: 99, order: 3, added: [{}], hidden: [1, "a"] })).toEqual({
    ...EMPTY_LAYOUT,
    columns: 3,
    hidden: ["a"],
  });
});

test("where histograms of layers were logged, a panel looks over all of them", () => {
  const histograms = [key("gradients/a/kernel.gradient", "histogram"), key("weird", "histogram")];
  const names = layoutSections(EMPTY_LAYOUT, histograms).map((section) => section.name);
  expect(names).toContain("layers");
  expect(layoutSections(EMPTY_LAYOUT, [key("weird", "histogram")]).map((one) => one.name)).toEqual(["metrics"]);
});

test("a grid has as many columns as fit and were chosen, and two or three panels share its width", () => {
  expect([1, 2, 3, 9].map((most) => gridColumns(1368, 0, most))).toEqual([2, 2, 3, 4]);
  expect([368, 600, 1368].map((width) => gridColumns(width, 0, 9))).toEqual([1, 1, 4]);
  expect([1, 3, 6].map((chosen) => gridColumns(1368, chosen, 1))).toEqual([1, 3, 5]);
  expect(gridColumns(0, 0, 0)).toBe(1);
});
