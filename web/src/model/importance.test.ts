import { expect, test } from "vitest";
import type { RunSummary } from "../api/types";
import { permutationImportance, randomNumbers } from "./forest";
import { importances, importanceTask, rankCorrelation } from "./importance";

/** y = 10 sin(pi a b) + 20 (c - 0.5)^2 + 10 d + 5 e, and five features without any say: Friedman's first problem. */
function friedman(count: number) {
  const random = randomNumbers(7);
  const columns = Array.from({ length: 10 }, () => Float64Array.from({ length: count }, random));
  const [a, b, c, d, e] = columns;
  const target = a.map((_, i) => 10 * Math.sin(Math.PI * a[i] * b[i]) + 20 * (c[i] - 0.5) ** 2 + 10 * d[i] + 5 * e[i]);
  return { columns, target };
}

test("on Friedman's problem the features with a say come before all without, the strongest first", () => {
  const { columns, target } = friedman(400);
  const groups = columns.map((_, i) => [i]);
  const shares = permutationImportance(columns, groups, target, { trees: 60 });
  expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
  const order = shares.map((share, i) => [share, i]).sort((x, y) => y[0] - x[0]);
  expect(order[0][1]).toBe(3);
  expect(new Set(order.slice(0, 4).map(([, i]) => i))).toEqual(new Set([0, 1, 3, 4]));
  expect(Math.max(...shares.slice(5))).toBeLessThan(0.03);
});

test("the same seed gives the same answer, and noise explains nothing much", () => {
  const { columns, target } = friedman(60);
  const groups = columns.map((_, i) => [i]);
  expect(permutationImportance(columns, groups, target)).toEqual(permutationImportance(columns, groups, target));
  const flat = new Float64Array(60).fill(3);
  expect(permutationImportance(columns, groups, flat).every((share) => share === 0)).toBe(true);
});

test("names count as one parameter, and numbers and names are weighed together", () => {
  const random = randomNumbers(3);
  const runs = Array.from({ length: 120 }, (_, i) => {
    const lr = 10 ** (-4 + 3 * random());
    const optimizer = ["adam", "sgd", "lion"][i % 3];
    const loss = 0.2 * (Math.log10(lr) + 2.5) ** 2 + (optimizer === "sgd" ? 2 : 0) + 0.01 * random();
    return { config: { lr, optimizer, seed: i % 7 }, summary: { loss } } as unknown as RunSummary;
  });
  const found = importances(importanceTask(runs, ["config.seed", "config.lr", "config.optimizer"], "summary.loss"));
  expect(found.map((one) => one.name)).toEqual(["config.optimizer", "config.lr", "config.seed"]);
  expect(found[0].correlation).toBeNull();
  expect(found[2].importance).toBeLessThan(0.05);
});

test("runs without the result do not count, gaps are filled with the median", () => {
  const runs = [1, 2, NaN].map((loss) => ({ config: { lr: loss > 1 ? "NaN" : 0.1 }, summary: { loss } }));
  const task = importanceTask(runs as unknown as RunSummary[], ["config.lr"], "summary.loss");
  expect(task.target).toEqual([1, 2]);
  expect(task.values).toEqual([[0.1, null]]);
});

test("the rank correlation is that of the textbook, with shared ranks", () => {
  // 1 - 6 sum(d^2) / (n (n^2 - 1)) with d = 0, 1, 1, 0, 0.
  expect(rankCorrelation([1, 2, 3, 4, 5], [1, 3, 2, 4, 5])).toBeCloseTo(1 - 12 / 120, 12);
  expect(rankCorrelation([1, 2, 2, 3], [10, 20, 20, 1000])).toBeCloseTo(1, 12);
  expect(rankCorrelation([1, 1, 1], [1, 2, 3])).toBeNull();
});
