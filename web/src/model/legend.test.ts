import { expect, test } from "vitest";
import { legendHeight } from "./legend";

test("a few names take one row, and more take as many as they need, up to three", () => {
  const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
  expect(legendHeight(["cat", "dog"], 380)).toBe(24);
  expect(legendHeight(digits, 380)).toBe(24);
  expect(legendHeight(digits, 300)).toBe(42);
  expect(legendHeight(["a name that is rather long", "and another such name"], 300)).toBe(42);
  expect(legendHeight(Array(500).fill("many"), 300)).toBe(60);
});
