import { expect, test } from "vitest";
import type { Histogram } from "./histogram";
import { histogramStats, judge, layersOf, worst } from "./layers";

const histogram = (bins: number[], counts: number[], nonfinite = 0): Histogram => ({
  step: 0,
  bins,
  counts,
  nonfinite,
});
const stats = (rms: number, nonfinite = 0) => ({ rms, largest: rms, nonfinite });

test("the root mean square is that of the values at the middle of their bins", () => {
  const found = histogramStats(histogram([-2, 0, 2, 4], [2, 0, 1]));
  expect(found.rms).toBeCloseTo(Math.sqrt((2 * 1 + 9) / 3), 12);
  expect(found.largest).toBe(4);
});

test("equal values are read as such, also zeros, whatever their bin says", () => {
  const counts = Array.from({ length: 64 }, (_, bin) => (bin === 32 ? 500 : 0));
  const bins = Array.from({ length: 65 }, (_, edge) => -0.5 + edge / 64);
  expect(histogramStats(histogram(bins, counts))).toEqual({ rms: 0, largest: 0, nonfinite: 0 });
  const threes = bins.map((edge) => edge + 3);
  expect(histogramStats(histogram(threes, counts)).rms).toBeCloseTo(3, 12);
});

test("dead, vanishing, exploding and broken layers are told from healthy ones", () => {
  expect(judge("gradients", [stats(1), stats(0)]).verdict).toBe("dead");
  expect(judge("gradients", [stats(1e-6), stats(1e-8)]).verdict).toBe("vanishing");
  expect(judge("gradients", [stats(0.01), stats(0.1), stats(5)]).verdict).toBe("exploding");
  expect(judge("weights", [stats(0.01), stats(0.02), stats(5)]).text).toBe("weights grew from 0.01 to 5");
  expect(judge("weights", [stats(1), stats(1, 3)]).verdict).toBe("broken");
  expect(judge("weights", [stats(0.1), stats(0.3), stats(0.2)]).verdict).toBe("ok");
  expect(judge("gradients", []).verdict).toBe("ok");
  expect(
    worst([
      { verdict: "ok", text: "" },
      { verdict: "dead", text: "a" },
    ]).verdict,
  ).toBe("dead");
});

test("keys of both kinds meet in one layer", () => {
  const layers = layersOf(["parameters/conv.weights", "parameters/conv.bias", "gradients/conv/kernel.gradient", "x"]);
  expect(layers).toHaveLength(1);
  expect(layers[0].arrays.map((array) => array.name)).toEqual(["weights", "bias", "kernel"]);
});
