import { expect, test } from "vitest";
import { asNumber, leaves, tree, valueAt } from "./value";

test("JSON's texts for NaN and infinity are numbers again", () => {
  expect(["NaN", "Infinity", "-Infinity", 2, "2"].map(asNumber)).toEqual([NaN, Infinity, -Infinity, 2, undefined]);
});

test("a dotted path reads nested maps and keys with dots", () => {
  const map = { a: { "b.c": 1, b: { d: 2 } }, "x.y": 3 };
  expect(["a.b.c", "a.b.d", "x.y", "a.z"].map((path) => valueAt(map, path))).toEqual([1, 2, 3, undefined]);
});

test("media values and empty maps are leaves", () => {
  const image = { _type: "image-file", sha256: "ab" };
  expect(leaves({ a: { b: 1, c: {} }, image })).toEqual([
    { path: "a.b", value: 1 },
    { path: "a.c", value: {} },
    { path: "image", value: image },
  ]);
});

test("a search keeps what matches by name or value, and the way to it", () => {
  const map = { model: { depth: 3, kind: "cnn" }, lr: 0.1 };
  expect(tree(map, "CNN").map((node) => [node.path, node.children.map((child) => child.path)])).toEqual([
    ["model", ["model.kind"]],
  ]);
  expect(tree(map, "model")[0].children.length).toBe(2);
  expect(tree(map, "zzz")).toEqual([]);
});
