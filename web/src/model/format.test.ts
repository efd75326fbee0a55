import { describe, expect, test } from "vitest";
import {
  formatAgo,
  formatBytes,
  formatCell,
  formatCount,
  formatDuration,
  formatNumber,
  formatPlural,
  formatValue,
} from "./format";

describe("formatNumber", () => {
  test.each([
    [0, "0"],
    [-0.5, "−0.5"],
    [0.1 + 0.2, "0.3"],
    [0.00123456, "0.0012346"],
    [1e-7, "1e-7"],
    [12345, "12,345"],
    [1234.5678, "1,234.6"],
    [123456789.5, "1.2346e8"],
    [NaN, "NaN"],
    [-Infinity, "−∞"],
  ])("%s is written %s", (value, text) => expect(formatNumber(value)).toBe(text));
});

test("two digits of a number of three are a number of three", () => {
  expect([482.1, -99.6, 0.00015].map((value) => formatNumber(value, 2))).toEqual(["480", "−100", "0.00015"]);
});

test("numbers of a column have four digits, so that their points line up", () => {
  expect([0.2, 0.20101, 12.5, 3, -0.25].map((value) => formatCell(value))).toEqual([
    "0.2000",
    "0.2010",
    "12.50",
    "3",
    "−0.2500",
  ]);
  expect([0.2, 12.5, 3].map((value) => formatCell(value, 5))).toEqual(["0.20000", "12.500", "3"]);
});

describe("formatDuration", () => {
  test.each([
    [0, "0 s"],
    [0.0421, "42 ms"],
    [4.25, "4.3 s"],
    [59.6, "1 m 00 s"],
    [185, "3 m 05 s"],
    [3599.9, "1 h 00 m"],
    [8040, "2 h 14 m"],
    [86_399, "1 d 0 h"],
    [273_600, "3 d 4 h"],
  ])("%s s is %s", (seconds, text) => expect(formatDuration(seconds)).toBe(text));
});

test("times are told from now, older ones as a date", () => {
  const now_s = Date.UTC(2026, 10, 21, 12) / 1000;
  expect([0, 42, 200, 7200, 3 * 86_400].map((age) => formatAgo(now_s - age, now_s))).toEqual([
    "just now",
    "42 s ago",
    "3 min ago",
    "2 h ago",
    "3 d ago",
  ]);
  expect(formatAgo(Date.UTC(2026, 2, 12, 12) / 1000, now_s)).toBe("12 Mar");
  expect(formatAgo(Date.UTC(2024, 2, 12, 12) / 1000, now_s)).toBe("12 Mar 2024");
});

test("sizes use binary units, counts use letters", () => {
  expect([512, 1536, 150 * 1024 ** 2].map(formatBytes)).toEqual(["512 B", "1.5 KiB", "150 MiB"]);
  expect([950, 1234, 3_400_000].map(formatCount)).toEqual(["950", "1.23k", "3.4M"]);
  expect([999_499, 999_999, 999_600_000, -1500].map(formatCount)).toEqual(["999k", "1M", "1B", "-1.5k"]);
  expect([formatPlural(1, "run"), formatPlural(1200, "run")]).toEqual(["1 run", "1,200 runs"]);
});

test("any value fits on a line; media are told by kind and size", () => {
  expect(formatValue({ a: 1, b: [true, null, "x"] })).toBe("a: 1, b: [true, null, x]");
  expect(formatValue({ _type: "table-file", nrows: 5, ncols: 2 })).toBe("table, 5 × 2");
  expect(formatValue({ _type: "images/separated", count: 8 })).toBe("8 images");
});
