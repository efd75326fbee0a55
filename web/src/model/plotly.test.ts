import { expect, test } from "vitest";
import { figureOf, fitted, titleOf } from "./plotly";
import { isMap, type ValueMap } from "./value";

const COLORS = { surface: "rgb(1, 1, 1)", text: "rgb(2, 2, 2)", grid: "rgb(3, 3, 3)" };
const layoutOf = (layout: ValueMap) => {
  const made = fitted({ data: [], layout }, COLORS).layout;
  return isMap(made) ? made : {};
};

test("what is no figure is told apart", () => {
  expect(() => figureOf({ points: [] })).toThrow("not a Plotly figure");
  expect(figureOf({ data: [] })).toEqual({ data: [] });
});

test("titles are texts, or maps with a text", () => {
  expect(titleOf({ layout: { title: "a" } })).toBe("a");
  expect(titleOf({ layout: { title: { text: "b" } } })).toBe("b");
  expect(titleOf({ layout: { title: {} } })).toBeNull();
  expect(titleOf({})).toBeNull();
});

test("a figure fills its panel, whatever size it was made for, and keeps the margins it was given", () => {
  const layout = layoutOf({ width: 700, height: 400, margin: { l: 5 } });
  expect(layout).toMatchObject({ autosize: true, margin: { l: 5 } });
  expect(layout).not.toHaveProperty("width");
  expect(layout).not.toHaveProperty("height");
});

test("a figure without a template of its own has the colours of the page, and keeps the colours of its lines", () => {
  const plain = layoutOf({});
  expect(plain).toMatchObject({
    paper_bgcolor: COLORS.surface,
    template: { layout: { font: { color: COLORS.text } } },
  });
  const usual = {
    data: { bar: [{}] },
    layout: { plot_bgcolor: "#E5ECF6", colorway: ["red"], xaxis: { automargin: true } },
  };
  expect(layoutOf({ template: usual }).template).toMatchObject({
    data: { bar: [{}] },
    layout: {
      plot_bgcolor: COLORS.surface,
      colorway: ["red"],
      xaxis: { automargin: true, gridcolor: COLORS.grid },
      scene: { zaxis: { backgroundcolor: COLORS.surface } },
    },
  });
});

test("what the author of a figure chose stays", () => {
  const own = { layout: { plot_bgcolor: "black", paper_bgcolor: "navy" } };
  expect(layoutOf({ template: own })).toMatchObject({ template: own, paper_bgcolor: "navy" });
  expect(layoutOf({ paper_bgcolor: "pink" }).paper_bgcolor).toBe("pink");
});

test("titles that are plain texts, as in old figures, are shown all the same", () => {
  expect(layoutOf({ title: "a", xaxis: { title: "b" }, yaxis2: { title: { text: "c" } } })).toMatchObject({
    title: { text: "a" },
    xaxis: { title: { text: "b" } },
    yaxis2: { title: { text: "c" } },
  });
});
