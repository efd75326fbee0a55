import { expect, test } from "vitest";
import { parseGraph } from "./graph";
import { alignLayers, settingsChanged } from "./graphDiff";

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

const dense = (settings?: Record<string, unknown>) =>
  parseGraph({
    nodes: [{ id: "d", class_name: "Dense", output_shape: [4], num_parameters: 1, ...(settings && { settings }) }],
  });

test("a layer that was made otherwise has changed, and says how", () => {
  const [left, right] = [dense({ units: 4, activation: "relu" }), dense({ units: 4, activation: "tanh" })];
  expect(alignLayers(left, right).map((pair) => pair.kind)).toEqual(["changed"]);
  expect(settingsChanged(left.layers[0], right.layers[0])).toEqual(["activation: relu → tanh"]);
  expect(alignLayers(left, left).map((pair) => pair.kind)).toEqual(["same"]);
});

test("a graph that does not say how layers were made is compared by the rest", () => {
  expect(alignLayers(dense(), dense({ activation: "relu" })).map((pair) => pair.kind)).toEqual(["same"]);
  expect(settingsChanged(dense().layers[0], dense({ activation: "relu" }).layers[0])).toEqual([]);
});

test("the settings of a layer stand among its facts", () => {
  expect(dense({ activation: "relu" }).layers[0].fields).toContainEqual(["activation", "relu"]);
});
