import { expect, test } from "vitest";
import { layerFamily, parseGraph, shapeText, shorten } from "./graph";

test("shapes are read in all the forms that callbacks write", () => {
  expect([[null, 28, 28], [[null, 4]], ["multiple"], null].map(shapeText)).toEqual([
    "(?, 28, 28)",
    "(?, 4)",
    "several",
    "",
  ]);
});

test("edges to layers that are not there are left out", () => {
  const graph = parseGraph({
    format: "keras",
    flops: 12,
    nodes: [
      { id: "a", name: "a", class_name: "Conv2D", output_shape: [null, 2], num_parameters: 9 },
      { id: "b", name: "b" },
    ],
    edges: [
      ["a", "b"],
      ["a", "zzz"],
      ["a", "b"],
    ],
  });
  expect(graph.edges).toEqual([
    ["a", "b"],
    ["a", "b"],
  ]);
  expect(graph.layers.map((layer) => layer.parameters)).toEqual([9, 0]);
  expect(graph.facts).toEqual([["flops", 12]]);
});

test("what is no graph says so", () => expect(() => parseGraph([])).toThrow(/not a model graph/));

test("layers of a kind look alike, and long names keep both ends", () => {
  expect(["Conv2DTranspose", "LayerNormalization", "LSTM", "MyOwn"].map(layerFamily)).toEqual([
    "conv",
    "norm",
    "sequence",
    "other",
  ]);
  expect(shorten("block_1_convolution_2", 11)).toBe("block…ion_2");
});
