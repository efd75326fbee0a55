import { expect, test } from "vitest";
import { encodeOrder, parseOrder, toggleSort } from "./sort";

test("an order survives the way to the address bar and back", () => {
  expect(encodeOrder(parseOrder("-created_s,summary.loss"))).toBe("-created_s,summary.loss");
  expect(parseOrder(" , -,")).toEqual([]);
});

test("clicks go from descending to ascending to none", () => {
  const first = toggleSort([], "a", false);
  const second = toggleSort(first, "a", false);
  expect([first, second, toggleSort(second, "a", false)].map(encodeOrder)).toEqual(["-a", "a", ""]);
});

test("with shift the other columns keep their place", () => {
  const order = parseOrder("-a,b");
  expect(encodeOrder(toggleSort(order, "a", true))).toBe("a,b");
  expect(encodeOrder(toggleSort(order, "c", true))).toBe("-a,b,-c");
  expect(encodeOrder(toggleSort(order, "b", true))).toBe("-a");
  expect(encodeOrder(toggleSort(order, "c", false))).toBe("-c");
});
