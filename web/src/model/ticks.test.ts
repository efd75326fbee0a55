import { describe, expect, test } from "vitest";
import {
  clockLabel,
  durationLabel,
  durationTicks,
  linearTicks,
  logTicks,
  niceStep,
  tickLabel,
  tickLabels,
  timeTicks,
} from "./ticks";

describe("linearTicks", () => {
  test.each([
    [0, 1, 5, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [-1, 1, 4, [-1, -0.5, 0, 0.5, 1]],
    [0.003, 0.0071, 4, [0.004, 0.006]],
    [97, 1203, 5, [250, 500, 750, 1000]],
  ])("%s to %s", (min, max, count, ticks) => expect(linearTicks(min, max, count)).toEqual(ticks));

  test("ticks lie inside, are evenly spaced and no more than asked for, at any scale", () => {
    for (let power = -12; power <= 12; power++) {
      const [min, max] = [-1.7 * 10 ** power, 3.3 * 10 ** power];
      const ticks = linearTicks(min, max, 6);
      expect(ticks.length).toBeGreaterThanOrEqual(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
      for (const tick of ticks) expect(tick >= min && tick <= max).toBe(true);
    }
  });

  test("a range of one value has one tick", () => expect(linearTicks(3, 3, 5)).toEqual([3]));
});

test("steps and epochs have whole ticks, however near one looks", () => {
  expect(linearTicks(0, 11, 4, true)).toEqual([0, 5, 10]);
  expect(linearTicks(0, 2, 6, true)).toEqual([0, 1, 2]);
  expect(linearTicks(0, 100, 4, true)).toEqual([0, 25, 50, 75, 100]);
});

test("nice steps are 1, 2, 2.5 and 5 times powers of ten", () => {
  expect([0.9, 1.1, 2.1, 3, 7].map(niceStep)).toEqual([1, 2, 2.5, 5, 10]);
});

test("a log axis has powers of ten, and 2 and 5 between them when there is room", () => {
  expect(logTicks(0.001, 1000, 7)).toEqual([0.001, 0.01, 0.1, 1, 10, 100, 1000]);
  expect(logTicks(1, 100, 8)).toEqual([1, 2, 5, 10, 20, 50, 100]);
  expect(logTicks(1e-8, 1e8, 5)).toEqual([1e-8, 1e-4, 1, 1e4, 1e8]);
});

test("durations tick at whole minutes and hours", () => {
  expect(durationTicks(0, 620, 5)).toEqual([0, 300, 600]);
  expect(durationTicks(0, 7200, 4)).toEqual([0, 1800, 3600, 5400, 7200]);
  expect([0, 90, 300, 5400, 86_400].map(durationLabel)).toEqual(["0", "1m 30s", "5m", "1h 30m", "1d"]);
});

test("wall time ticks at round local times", () => {
  const start = new Date(2026, 10, 21, 9, 7).getTime() / 1000;
  const ticks = timeTicks(start, start + 3600, 4);
  expect(ticks.map((tick) => clockLabel(tick, 900))).toEqual(["09:15", "09:30", "09:45", "10:00"]);
});

test("labels of large numbers are short", () => {
  expect([0, 0.25, 9999, 20000, 1.5e6, 2e9, 1e-5].map(tickLabel)).toEqual([
    "0",
    "0.25",
    "9999",
    "20k",
    "1.5M",
    "2B",
    "1e-5",
  ]);
});

test("neighbours of large numbers can be told apart", () => {
  expect(tickLabels([77_215, 77_220, 77_225])).toEqual(["77.215k", "77.22k", "77.225k"]);
  expect(tickLabels([0, 500_000, 1_000_000])).toEqual(["0", "0.5M", "1M"]);
  expect(tickLabels([0, 0.25, 0.5])).toEqual(["0", "0.25", "0.5"]);
});
