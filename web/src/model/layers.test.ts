import { expect, test } from "vitest";
import { judge, layersOf, worst } from "./layers";

const stats = (rms: number, nonfinite = 0) => ({ rms, largest: rms, nonfinite });

test("dead, vanishing, exploding and broken layers are told from healthy ones", () => {
  expect(judge("gradients", [stats(1), stats(0)]).verdict).toBe("dead");
  expect(judge("gradients", [stats(1e-6), stats(1e-8)]).verdict).toBe("vanishing");
  expect(judge("gradients", [stats(0.01), stats(0.1), stats(5)]).verdict).toBe("exploding");
  expect(judge("weights", [stats(0.01), stats(0.02), stats(5)]).text).toBe("weights grew from 0.01 to 5");
  expect(judge("weights", [stats(1), stats(1, 3)])).toEqual({
    verdict: "broken",
    text: "3 weights are NaN or infinite",
  });
  expect(judge("gradients", [stats(1, 1)]).text).toBe("1 gradient is NaN or infinite");
  expect(judge("weights", [stats(0.1), stats(0.3), stats(0.2)]).verdict).toBe("ok");
  expect(judge("gradients", []).verdict).toBe("ok");
  expect(judge("weights", [stats(0), stats(0)], "kernel").verdict).toBe("dead");
  expect(
    worst([
      { verdict: "ok", text: "" },
      { verdict: "dead", text: "a" },
    ]).verdict,
  ).toBe("dead");
});

test("the biases of a frozen layer may be zero", () => {
  for (const name of ["bias", "beta", "moving_mean", "query_bias"]) {
    expect(judge("weights", [stats(0), stats(0)], name).verdict).toBe("ok");
  }
});

test("keys of both kinds meet in one layer", () => {
  const layers = layersOf(["parameters/conv.weights", "parameters/conv.bias", "gradients/conv/kernel.gradient", "x"]);
  expect(layers).toHaveLength(1);
  expect(layers[0].arrays.map((array) => array.name)).toEqual(["weights", "bias", "kernel"]);
});

test("the second block comes before the tenth", () => {
  const layers = layersOf(["parameters/block_10.weights", "parameters/block_2.weights"]);
  expect(layers.map((layer) => layer.name)).toEqual(["block_2", "block_10"]);
});
