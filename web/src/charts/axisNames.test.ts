import { describe, expect, test } from "vitest";
import { axisNames } from "./axisNames";

const LONG = [
  "optimizer.learning_rate",
  "optimizer.weight_decay",
  "data.batch_size",
  "model.hidden_units",
  "model.dropout_rate",
  "model.activation",
  "schedule.warmup_steps",
  "validation.accuracy",
];
const measure = (text: string) => 7 * text.length;
const placesOf = (count: number, width: number) =>
  Array.from({ length: count }, (_, axis) => 46 + (axis / (count - 1)) * (width - 92));

describe("names above parallel axes", () => {
  test("short names stand in one row, each above its axis", () => {
    const xs = placesOf(4, 640);
    const { rows, names } = axisNames(["lr", "units", "seed", "loss"], xs, 640, measure);
    expect(rows).toBe(1);
    expect(names.map((name) => name.center)).toEqual(xs);
  });

  test.each([366, 640, 900, 1400])("eight long names do not overlap nor leave a chart of %i pixels", (width) => {
    const { rows, names } = axisNames(LONG, placesOf(8, width), width, measure);
    for (let row = 0; row < rows; row++) {
      let end = 0;
      for (const { text, center } of names.filter((name) => name.row === row)) {
        expect(center - measure(text) / 2).toBeGreaterThan(end);
        end = center + measure(text) / 2;
      }
      expect(end).toBeLessThan(width);
    }
  });

  test("eight long names can be read whole in a wide panel, and their ends on a phone", () => {
    expect(axisNames(LONG, placesOf(8, 700), 700, measure).names.map((name) => name.text)).toEqual(LONG);
    const { names } = axisNames(LONG, placesOf(8, 366), 366, measure);
    expect(Math.min(...names.map((name) => name.text.length))).toBeGreaterThanOrEqual(12);
    expect(names[1].text).toMatch(/^….*weight_decay$/);
  });

  test("one axis has the whole chart for its name", () => {
    expect(axisNames(["a long name of an axis"], [200], 400, measure)).toEqual({
      rows: 1,
      names: [{ text: "a long name of an axis", row: 0, center: 200 }],
    });
  });
});
