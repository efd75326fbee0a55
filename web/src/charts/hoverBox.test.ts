import { describe, expect, test } from "vitest";
import { isCompact, nameRoom, placeHover, wantedColumn } from "./hoverBox";

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

test("what many names have in common is left out, and in a narrow window that of fewer", () => {
  expect(isCompact(Array(20).fill("a"), page)).toBe(false);
  expect(isCompact(Array(30).fill("a"), page)).toBe(true);
  expect(isCompact(Array(6).fill("a"), phone)).toBe(false);
  expect(isCompact(Array(7).fill("a"), phone)).toBe(true);
});

const measure = (text: string) => 7 * text.length;

test("a column that is as wide as wanted has room for the longest name, up to a limit", () => {
  for (const numbers of [1, 2]) {
    expect(nameRoom(wantedColumn(["a", "twelve-chars"], numbers, measure), numbers)).toBe(84);
    expect(nameRoom(wantedColumn(["x".repeat(90)], numbers, measure), numbers)).toBe(240);
  }
});
