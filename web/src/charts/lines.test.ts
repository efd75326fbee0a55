import { describe, expect, test } from "vitest";
import {
  innerExtent,
  lonePoints,
  nearestIndex,
  padRange,
  placeWithValues,
  traceBand,
  traceLine,
  unitOf,
  valueNear,
  valuesAt,
  visibleSlice,
  whyEmpty,
  xExtent,
  yExtent,
  type Line,
} from "./lines";

const line = (id: string, x: number[], y: number[], more: Partial<Line> = {}): Line => ({
  id,
  label: id,
  color: "red",
  dash: [],
  x: new Float64Array(x),
  y: new Float64Array(y),
  ...more,
});

/** Writes down what is drawn. */
function recorder() {
  const commands: string[] = [];
  return {
    commands,
    moveTo: (x: number, y: number) => commands.push(`M${x},${y}`),
    lineTo: (x: number, y: number) => commands.push(`L${x},${y}`),
    closePath: () => commands.push("Z"),
  };
}
const same = (value: number) => value;

describe("extents", () => {
  test("the extremes of buckets count, so that no spike is cut off", () => {
    const spiky = line("a", [0, 1], [1, 1], { min: new Float64Array([1, -5]), max: new Float64Array([9, 1]) });
    expect(yExtent([spiky], { min: 0, max: 1 }, false)).toEqual({ min: -5, max: 9 });
  });

  test("values outside the zoom, NaN, and on a log axis zero and below, do not count", () => {
    const one = line("a", [0, 1, 2, 3], [100, 0, 2, NaN]);
    expect(yExtent([one], { min: 1, max: 3 }, false)).toEqual({ min: 0, max: 2 });
    expect(yExtent([one], { min: 1, max: 3 }, true)).toEqual({ min: 2, max: 2 });
  });

  test("no point, no extent", () => {
    expect(xExtent([line("a", [], [])])).toBeNull();
    expect(yExtent([line("a", [0], [NaN])], { min: 0, max: 1 }, false)).toBeNull();
  });

  test("very large and very small ranges are brought near to 1", () => {
    for (const max of [0, 1, -5e11, 1e-11]) expect(unitOf({ min: 0, max })).toBe(1);
    for (const max of [3e18, 7e35, 2e-40, 1e308]) {
      const unit = unitOf({ min: -max, max });
      expect(max / unit).toBeGreaterThanOrEqual(0.99);
      expect(max / unit).toBeLessThan(10.01);
    }
  });

  test("lines that show nothing say why", () => {
    const [broken, negative] = [line("a", [0, 1], [NaN, Infinity]), line("b", [0, 1], [-1, 0])];
    expect(whyEmpty([broken], false)).toContain("NaN");
    expect(whyEmpty([broken], true)).toContain("NaN");
    expect(whyEmpty([negative, broken], true)).toContain("above zero");
    expect(whyEmpty([negative, broken], false)).toBeNull();
    expect(whyEmpty([negative, line("c", [0], [2])], true)).toBeNull();
    expect(whyEmpty([], true)).toBeNull();
  });

  test("a flat line gets room around it", () => {
    expect(padRange({ min: 5, max: 5 }, false)).toEqual({ min: 4.5, max: 5.5 });
    expect(padRange({ min: 0, max: 0 }, false)).toEqual({ min: -0.05, max: 1 });
    expect(padRange({ min: 1, max: 100 }, true, 0.5)).toEqual({ min: 0.1, max: 1000 });
  });
});

describe("hover", () => {
  test("the nearest point is found, also beyond the ends", () => {
    const x = new Float64Array([0, 10, 20]);
    expect([-5, 4, 6, 15.1, 99].map((target) => nearestIndex(x, target))).toEqual([0, 0, 1, 2, 2]);
    expect(nearestIndex(new Float64Array(), 1)).toBe(-1);
  });

  test("values come largest first, NaN last, and lines that have ended not at all", () => {
    const lines = [
      line("nan", [0, 5], [1, NaN]),
      line("low", [0, 5], [1, 1]),
      line("high", [0, 5], [1, 7]),
      line("ended", [0, 1], [1, 9]),
    ];
    expect(valuesAt(lines, 5, 0.5).map((value) => value.line.id)).toEqual(["high", "low", "nan"]);
  });
});

describe("paths", () => {
  test("a gap stays a gap", () => {
    const sink = recorder();
    const y = new Float64Array([1, 2, NaN, 4, 5]);
    traceLine(sink, new Float64Array([0, 1, 2, 3, 4]), y, [0, 5], same, same);
    expect(sink.commands).toEqual(["M0,1", "L1,2", "M3,4", "L4,5"]);
  });

  test("a band goes forth along the maxima and back along the minima, one piece per stretch", () => {
    const sink = recorder();
    const one = line("a", [0, 1, 2, 3], [0, 0, NaN, 0], {
      min: new Float64Array([0, 1, NaN, 5]),
      max: new Float64Array([2, 3, NaN, 6]),
    });
    traceBand(sink, one, [0, 4], same, same);
    expect(sink.commands).toEqual(["M0,2", "L1,3", "L1,1", "L0,0", "Z", "M3,6", "L3,5", "Z"]);
  });

  test("points between gaps are drawn as dots", () => {
    expect(lonePoints(new Float64Array([NaN, 3, NaN, 4, 5]), [0, 5])).toEqual([1]);
    expect(lonePoints(new Float64Array([3]), [0, 1])).toEqual([0]);
  });

  test("a zoomed line keeps one neighbour on each side, so that it reaches the edges", () => {
    const x = new Float64Array([0, 10, 20, 30, 40]);
    expect(visibleSlice(x, { min: 15, max: 25 })).toEqual([1, 4]);
    expect(visibleSlice(x, { min: -5, max: 100 })).toEqual([0, 5]);
    expect(visibleSlice(new Float64Array(), { min: 0, max: 1 })).toEqual([0, 0]);
  });
});

test("without outliers the range is that of the bulk, also on a log axis", () => {
  const bulk = Array.from({ length: 100 }, (_, i) => 1 + i / 100);
  const x = Array.from({ length: 101 }, (_, i) => i);
  const spiky = line("a", x, [...bulk, 1e6]);
  expect(innerExtent([spiky], { min: 0, max: 200 }, false)).toEqual({ min: 1, max: 1.99 });
  expect(innerExtent([spiky], { min: 0, max: 200 }, true)?.max).toBeCloseTo(1.99, 9);
  expect(innerExtent([line("b", [0, 1], [2, 2])], { min: 0, max: 1 }, false)).toEqual({ min: 2, max: 2 });
});

test("the keyboard goes on over places without values, first where it was going", () => {
  const lines = [line("a", [0, 2], [1, 1]), line("b", [7, 9], [1, 1])];
  const range = { min: 0, max: 10 };
  expect(placeWithValues(lines, 1, 1, range, 0)).toBe(1);
  expect(placeWithValues(lines, 5, 1, range, 0)).toBe(7);
  expect(placeWithValues(lines, 5, -1, range, 0)).toBe(2);
  expect(placeWithValues(lines, 9.5, 1, range, 0)).toBe(9);
  expect(placeWithValues(lines, 5, 1, { min: 4, max: 6 }, 0)).toBe(5);
});

test("a log axis has no place for x at or below zero", () => {
  expect(xExtent([line("a", [-1, 0, 3, 9], [1, 1, 1, 1])], true)).toEqual({ min: 3, max: 9 });
});

test("the value next to the pointer is picked when it is near enough", () => {
  const values = valuesAt([line("a", [0], [1]), line("b", [0], [5])], 0, 0);
  expect(valueNear(values, 4.5, (y) => y, 1)?.line.id).toBe("b");
  expect(valueNear(values, 3, (y) => y, 1)).toBeUndefined();
});
