import { expect, test } from "vitest";
import { parseGraph } from "./graph";
import { blockOf, blocksOf, collapse } from "./graphBlocks";

/** A residual net as Keras names one: a stem, 16 blocks of 4 layers with a way around, a head. */
function residual() {
  const names = ["input", "conv1_conv"];
  const edges = [["input", "conv1_conv"]];
  let last = "conv1_conv";
  for (let block = 1; block <= 16; block++) {
    const layers = ["1_conv", "2_conv", "3_conv", "add"].map((part) => `conv2_block${block}_${part}`);
    names.push(...layers);
    edges.push([last, layers[0]], [layers[0], layers[1]], [layers[1], layers[2]], [layers[2], layers[3]]);
    edges.push([last, layers[3]]);
    last = layers[3];
  }
  names.push("probs");
  edges.push([last, "probs"]);
  return parseGraph({
    nodes: names.map((name) => ({ name, class_name: "Conv2D", num_parameters: 2, flops: 3 })),
    edges,
  });
}

test("layers of a large net are one box a block, and edges lead from block to block", () => {
  const whole = residual();
  const graph = collapse(whole, new Set());
  expect(graph.layers).toHaveLength(2 + 16 + 1);
  expect(graph.edges).toHaveLength(1 + 16 + 1);
  const block = graph.layers[2];
  expect([block.name, block.className, block.parameters, block.flops]).toEqual(["conv2_block1", "4 layers", 8, 12]);
  expect(graph.layers.reduce((sum, layer) => sum + layer.parameters, 0)).toBe(2 * whole.layers.length);
});

test("an opened block shows its layers", () => {
  const graph = collapse(residual(), new Set(["conv2_block3"]));
  expect(graph.layers.map((layer) => layer.name)).toContain("conv2_block3_2_conv");
  expect(graph.layers).toHaveLength(18 + 4);
});

test("small nets are drawn whole, and names without a number have no block", () => {
  const small = parseGraph({ nodes: [{ name: "block1_a" }, { name: "block1_b" }], edges: [] });
  expect(blocksOf(small).size).toBe(0);
  expect([blockOf("conv5_block3_2_bn"), blockOf("block_12_expand"), blockOf("mixed10"), blockOf("dense")]).toEqual([
    "conv5_block3",
    "block_12",
    "mixed10",
    null,
  ]);
});
