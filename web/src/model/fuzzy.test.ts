import { expect, test } from "vitest";
import { fitOf, fitting } from "./fuzzy";

const found = (items: string[], typed: string) => fitting(items, typed, (item) => item);

test("beginnings come before word beginnings, those before insides, those before scattered letters", () => {
  expect(found(["axlxr", "xlrx", "val lr", "lr sweep", "none"], "lr")).toEqual(["lr sweep", "val lr", "xlrx", "axlxr"]);
});

test("every word must occur, in any order", () => {
  expect(found(["toggle dark theme", "dark mode", "theme"], "theme dark")).toEqual(["toggle dark theme"]);
  expect(fitOf("abc", "x")).toBeNull();
});

test("nothing typed leaves all as they are", () => expect(found(["b", "a"], " ")).toEqual(["b", "a"]));
