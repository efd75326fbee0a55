import { expect, test } from "vitest";
import { parseGraph } from "./graph";
import { alignLayers } from "./graphDiff";

const graph = (...layers: [string, string, number[]][]) =>
  parseGraph({
    nodes: layers.map(([name, class_name, output_shape]) => ({ name, class_name, output_shape, num_parameters: 1 })),
    edges: [],
  });

test("layers are aligned by what they do, not by their automatic names", () => {
  const left = graph(["input", "InputLayer", [8]], ["dense_1", "Dense", [4]], ["dense_2", "Dense", [2]]);
  const right = graph(
    ["input_5", "InputLayer", [8]],
    ["dense_7", "Dense", [16]],
    ["drop", "Dropout", [16]],
    ["dense_8", "Dense", [2]],
  );
  const names = alignLayers(left, right).map((pair) => [pair.kind, pair.left?.name, pair.right?.name]);
  expect(names).toEqual([
    ["same", "input", "input_5"],
    ["changed", "dense_1", "dense_7"],
    ["add", undefined, "drop"],
    ["same", "dense_2", "dense_8"],
  ]);
});
