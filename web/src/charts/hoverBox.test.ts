import { describe, expect, test } from "vitest";
import { commonNames, isCompact, nameRoom, placeHover, shortNames, wantedColumn } from "./hoverBox";

const page = { width: 1400, height: 900 };
const chart = { left: 700, top: 300, right: 1100, bottom: 500 };
const phone = { width: 400, height: 800 };
const phoneChart = { left: 50, top: 300, right: 380, bottom: 500 };

describe("the place of the box", () => {
  test("few rows stand in one column beside the line, on the side with more of the chart", () => {
    const right = placeHover(3, 200, 800, chart, page);
    expect(right).toMatchObject({ columns: 1, shown: 3, perColumn: 3, columnWidth: 200, left: 812, top: 300 });
    const left = placeHover(3, 200, 1000, chart, page);
    expect(left.left + left.width).toBe(988);
  });

  test("a hundred rows are all shown, wherever the line is, and never outside of the page nor over the line", () => {
    for (let x = chart.left; x <= chart.right; x += 10) {
      const box = placeHover(100, 200, x, chart, page);
      expect(box.shown).toBe(100);
      expect(box.columns * box.perColumn).toBeGreaterThanOrEqual(100);
      expect(box.left).toBeGreaterThanOrEqual(8);
      expect(box.top).toBeGreaterThanOrEqual(8);
      expect(box.left + box.width).toBeLessThanOrEqual(page.width - 8);
      expect(box.top + box.height).toBeLessThanOrEqual(page.height - 8);
      expect(box.left >= x + 12 || box.left + box.width <= x - 12).toBe(true);
    }
  });

  test("a chart at the foot of the page moves the box up", () => {
    const low = { left: 700, top: 850, right: 1100, bottom: 1050 };
    const box = placeHover(30, 200, 800, low, page);
    expect(box.top + box.height).toBe(892);
  });

  test("columns are no longer than twenty rows where there is room beside each other", () => {
    expect(placeHover(20, 200, 800, chart, page)).toMatchObject({ columns: 1, perColumn: 20 });
    expect(placeHover(30, 200, 800, chart, page)).toMatchObject({ columns: 2, perColumn: 15 });
  });

  test("a narrow window has more than a few rows below the chart, and says what it cannot hold", () => {
    const few = placeHover(5, 120, 216, phoneChart, phone);
    expect(few.left + few.width).toBe(204);
    const some = placeHover(24, 120, 215, phoneChart, phone);
    expect(some).toMatchObject({ shown: 24, top: 512 });
    const many = placeHover(100, 120, 215, phoneChart, phone);
    expect(many.shown).toBeLessThan(100);
    expect(many.shown).toBeGreaterThan(30);
    for (const box of [some, many]) {
      expect(box.left).toBeGreaterThanOrEqual(8);
      expect(box.left + box.width).toBeLessThanOrEqual(392);
      expect(box.top + box.height).toBeLessThanOrEqual(792);
    }
  });

  test("two hundred rows beside no side of the line stand over it", () => {
    const box = placeHover(200, 200, 700, { ...chart, left: 400, right: 1000 }, page);
    expect(box.shown).toBe(200);
    expect(box.left + box.width).toBeLessThanOrEqual(1392);
  });
});

describe("what names have in common", () => {
  test("is what all begin and end with, whole words and numbers", () => {
    expect(commonNames(["baseline-resnet-lr-0.1", "baseline-resnet-lr-0.01"])).toEqual({
      start: "baseline-resnet-lr-",
      end: "",
      cores: ["0.1", "0.01"],
    });
    expect(commonNames(["a name, loss", "a name, val_loss"]).cores).toEqual(["loss", "val_loss"]);
    expect(commonNames(["sgd on data", "adam on data"])).toEqual({
      start: "",
      end: " on data",
      cores: ["sgd", "adam"],
    });
  });

  test("is nothing where there is one name, none, or equal ones are left with nothing", () => {
    expect(commonNames([])).toEqual({ start: "", end: "", cores: [] });
    expect(commonNames(["one-name"]).cores).toEqual(["one-name"]);
    expect(commonNames(["same-same", "same-same"]).cores).toEqual(["same", "same"]);
    expect(commonNames(["", "a-b"]).cores).toEqual(["", "a-b"]);
  });

  test("is left out of many names, and of fewer in a narrow window", () => {
    expect(isCompact(Array(20).fill("a"), page)).toBe(false);
    expect(isCompact(Array(30).fill("a"), page)).toBe(true);
    expect(isCompact(Array(6).fill("a"), phone)).toBe(false);
    expect(isCompact(Array(7).fill("a"), phone)).toBe(true);
  });
});

const measure = (text: string) => 7 * text.length;

describe("short names", () => {
  const short = (names: string[], letters: number) => shortNames(names, 7 * letters, measure);

  test("names that fit stay as they are, however wide their letters", () => {
    expect(short(["run-1", "run-2"], 8)).toEqual(["run-1", "run-2"]);
    const uneven = (text: string) => [...text].reduce((sum, letter) => sum + (letter === "W" ? 12 : 3), 0);
    expect(shortNames(["WWW", "iiiiiiiiiiii"], 36, uneven)).toEqual(["WWW", "iiiiiiiiiiii"]);
  });

  test("names are cut where they stay different", () => {
    expect(short(["alpha-0123456789-x", "gamma-0123456789-y"], 9)).toEqual(["alph…89-x", "gamm…89-y"]);
    const seeds = short(["one-0123456789-17-two", "eno-0123456789-18-owt", "one-0123456789-19-two"], 9);
    expect(new Set(seeds).size).toBe(3);
    for (const name of seeds) expect(name.length).toBeLessThanOrEqual(9);
  });

  test("one long name keeps both ends", () => {
    expect(short(["the-first-part-and-the-last"], 9)).toEqual(["the-…last"]);
  });

  test("equal names, empty ones and no room are no reason to fail", () => {
    expect(short([], 4)).toEqual([]);
    expect(short(["", "long-name-here"], 6)).toEqual(["", "lon…re"]);
    expect(short(["same-same", "same-same"], 6)).toHaveLength(2);
    expect(shortNames(["a", "ab"], -5, measure)).toHaveLength(2);
  });
});

test("a column that is as wide as wanted has room for the longest name, up to a limit", () => {
  for (const numbers of [1, 2]) {
    expect(nameRoom(wantedColumn(["a", "twelve-chars"], numbers, measure), numbers)).toBe(84);
    expect(nameRoom(wantedColumn(["x".repeat(90)], numbers, measure), numbers)).toBe(240);
  }
});
