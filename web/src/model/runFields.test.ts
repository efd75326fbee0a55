import { expect, test } from "vitest";
import type { RunSummary } from "../api/types";
import { fieldTitle, resultFields, variedConfig } from "./runFields";

const run = (config: object, summary: object) => ({ config, summary }) as unknown as RunSummary;

test("only config values that differ, or that some run lacks, are compared", () => {
  const runs = [
    run({ lr: 1, same: 2, opt: { name: "a" } }, {}),
    run({ lr: 3, same: 2, opt: { name: "b" }, extra: 1 }, {}),
  ];
  expect(variedConfig(runs)).toEqual(["config.extra", "config.lr", "config.opt.name"]);
});

test("the validation loss comes first among the results, bookkeeping is none", () => {
  const summary = { loss: 1, acc: 2, val_acc: 3, val_loss: 4, _step: 5, best_val_loss: 1, note: "x" };
  expect(resultFields([run({}, summary)]).map(fieldTitle)).toEqual([
    "val_loss",
    "val_acc",
    "loss",
    "best_val_loss",
    "acc",
  ]);
});
