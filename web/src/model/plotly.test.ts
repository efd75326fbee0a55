import { expect, test } from "vitest";
import { figureOf } from "./plotly";

const plot = (...data: object[]) => figureOf({ data, layout: { xaxis: { title: { text: "time" } } } }).plot;

test("lines and markers are told apart, and a trace without x counts", () => {
  const found = plot({ y: [5, 6], name: "a" }, { x: [1, 2], y: [3, 4], mode: "markers" });
  expect(found).toMatchObject({ form: "lines", xName: "time" });
  expect(found.form === "lines" && found.groups).toEqual([
    {
      name: "a",
      points: [
        [0, 5],
        [1, 6],
      ],
      isDots: false,
    },
    {
      name: "trace 1",
      points: [
        [1, 3],
        [2, 4],
      ],
      isDots: true,
    },
  ]);
});

test("bars lie or stand, and of several traces each has its name", () => {
  expect(plot({ type: "bar", x: ["a"], y: [1] })).toMatchObject({ bars: [{ label: "a", value: 1 }] });
  expect(plot({ type: "bar", orientation: "h", x: [2], y: ["b"] })).toMatchObject({ bars: [{ label: "b", value: 2 }] });
});

test("numbers that Plotly wrote as bytes are read", () => {
  const bytes = new Uint8Array(new Float64Array([1.5, -2, 3, 4]).buffer);
  const bdata = btoa(String.fromCharCode(...bytes));
  const found = plot({ type: "heatmap", z: { dtype: "f8", bdata, shape: "2, 2" } });
  expect(found).toEqual({
    form: "grid",
    values: [
      [1.5, -2],
      [3, 4],
    ],
    rows: ["0", "1"],
    columns: ["0", "1"],
  });
});

test("what is not drawn is named", () => {
  expect(plot({ type: "surface" })).toEqual({ form: "unknown", what: "surface" });
  expect(plot({ x: ["mon"], y: [1] })).toEqual({ form: "unknown", what: "texts on an axis" });
  expect(() => figureOf([])).toThrow("not a Plotly figure");
  expect(figureOf({ data: [{ type: "histogram", x: [1, 2, 2] }], layout: { title: "T" } })).toMatchObject({
    title: "T",
    plot: { form: "histogram" },
  });
});
