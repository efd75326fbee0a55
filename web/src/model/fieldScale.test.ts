import { expect, test } from "vitest";
import { fieldScale } from "./fieldScale";

test("numbers within one decade stand on a plain axis, over many decades on a logarithmic one", () => {
  const plain = fieldScale([1, 2, 3], 4);
  expect(plain.kind).toBe("linear");
  expect(plain.place(2)).toBeCloseTo(0.5, 12);
  const wide = fieldScale([1e-4, 1e-2, 1], 4);
  expect(wide.kind).toBe("log");
  expect(wide.place(1e-2)).toBeCloseTo(0.5, 12);
  expect(wide.place(-1)).toBeNaN();
  expect(wide.read(wide.place(1e-2))).toBe("0.01");
});

test("names have places of their own, in order, and a value that is missing none", () => {
  const scale = fieldScale(["sgd", "adam", undefined, "adam"], 4);
  expect(scale.kind).toBe("names");
  expect(scale.place("adam")).toBe(0.25);
  expect(scale.place("sgd")).toBe(0.75);
  expect(scale.place(undefined)).toBeNaN();
  expect(scale.read(0.8)).toBe("sgd");
});

test("a field with one value, or with NaN alone, still has an axis", () => {
  expect(fieldScale([5, 5], 3).place(5)).toBeCloseTo(0.5, 12);
  expect(fieldScale([NaN, "NaN"], 3).place(0)).not.toBeNaN();
});
