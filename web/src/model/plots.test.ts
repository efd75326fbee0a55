import { expect, test } from "vitest";
import { isEmptyPlot, parseChart, plotOf, pointRanges, type ChartSpec, type PointPlot } from "./plots";

const spec = (chart: string, fields: Record<string, string>): ChartSpec => ({
  chart,
  title: null,
  fields,
  strings: {},
  sha256: "a",
});
const xy = { x: "x", y: "y" };

test("a chart is read with its table's blob, other values are none", () => {
  const value = { _type: "chart", chart: "bar", fields: { label: "l" }, strings: {}, table: { sha256: "abc" } };
  expect(parseChart(value)).toEqual({ ...spec("bar", { label: "l" }), sha256: "abc" });
  expect([parseChart({ _type: "chart" }), parseChart({ ...value, _type: "table-file" }), parseChart("x")]).toEqual([
    null,
    null,
    null,
  ]);
});

test("lines are sorted along x and told apart by their column; what is not finite is left out", () => {
  const table = {
    columns: ["x", "y", "who"],
    rows: [
      [2, 1, "a"],
      [1, 5, "a"],
      [1, "NaN", "b"],
      [3, 4, "b"],
    ],
  };
  const plot = plotOf(spec("line", { ...xy, stroke: "who" }), table) as PointPlot;
  expect(plot.groups).toEqual([
    {
      name: "a",
      points: [
        [1, 5],
        [2, 1],
      ],
    },
    { name: "b", points: [[3, 4]] },
  ]);
});

test("curves keep their order and their axes go from 0 to 1", () => {
  const table = {
    columns: ["class", "x", "y"],
    rows: [
      ["cat", 0.2, 0.4],
      ["cat", 0.1, 0.5],
    ],
  };
  const plot = plotOf(spec("roc_curve", { ...xy, class: "class" }), table) as PointPlot;
  expect(plot.groups[0].points[0]).toEqual([0.2, 0.4]);
  expect([pointRanges(plot), plot.hasDiagonal]).toEqual([{ x: [0, 1], y: [0, 1] }, true]);
});

test("the values of a histogram are all counted, the largest too", () => {
  const rows = Array.from({ length: 100 }, (_, value) => [value]);
  const plot = plotOf(spec("histogram", { value: "v" }), { columns: ["v"], rows: [...rows, ["Infinity"]] });
  expect(plot).toMatchObject({ form: "histogram", histogram: { counts: Array(10).fill(10), nonfinite: 1 } });
});

test("a confusion matrix has the true classes as rows", () => {
  const fields = { Actual: "Actual", Predicted: "Predicted", nPredictions: "nPredictions" };
  const rows = [
    ["cat", "cat", 5],
    ["cat", "dog", 1],
    ["dog", "cat", 2],
    ["dog", "dog", 7],
  ];
  expect(plotOf(spec("confusion_matrix", fields), { columns: Object.keys(fields), rows })).toMatchObject({
    rows: ["cat", "dog"],
    counts: [
      [5, 1],
      [2, 7],
    ],
  });
});

test("unknown drawings are tables, missing columns are said, no rows are empty", () => {
  const none = { columns: ["x", "y"], rows: [] };
  expect(plotOf(spec("custom", {}), none)).toEqual({ form: "table" });
  expect(() => plotOf(spec("bar", { label: "l", value: "v" }), none)).toThrow("“l”");
  expect(isEmptyPlot(plotOf(spec("scatter", xy), none))).toBe(true);
});
