import { expect, test } from "vitest";
import type { Column, RunSummary } from "../api/types";
import { allColumns, columnsOf, defaultColumns } from "./columns";

const column = (name: string, kind = "number", run_count = 5): Column => ({ name, kind, run_count });

test("the columns shown first are times, telling results and a few settings", () => {
  const columns = [
    column("config.batch"),
    column("config.layers", "other"),
    column("config._hidden"),
    column("summary.epoch"),
    column("summary._runtime"),
    column("summary.loss"),
    column("summary.val_loss"),
    column("summary.graph", "other"),
  ];
  expect(defaultColumns(columns)).toEqual([
    "created_s",
    "duration_s",
    "summary.val_loss",
    "summary.loss",
    "config.batch",
  ]);
});

test("results of a section count like results without one, counters do not, and validation comes before the last batch", () => {
  const names = [
    "batch/loss",
    "batch/batch_step",
    "batch/learning_rate",
    "epoch/epoch",
    "epoch/loss",
    "epoch/val_loss",
  ];
  expect(defaultColumns(names.map((name) => column(`summary.${name}`)))).toEqual([
    "created_s",
    "duration_s",
    "summary.epoch/val_loss",
    "summary.epoch/loss",
    "summary.batch/loss",
  ]);
});

test("every run has its own fields as columns, and values are labelled without their prefix", () => {
  const all = allColumns([column("summary.val_loss")]);
  expect(all.map((entry) => entry.name)).toContain("tags");
  expect(all.at(-1)).toMatchObject({ name: "summary.val_loss", label: "val_loss", kind: "number" });
});

test("the columns of some runs are told from their values", () => {
  const run = (config: object, summary: object) => ({ config, summary }) as RunSummary;
  const runs = [
    run({ lr: 0.1, model: { kind: "cnn" } }, { loss: "NaN" }),
    run({ lr: 1 }, { image: { _type: "image-file" } }),
  ];
  expect(columnsOf(runs)).toEqual([
    column("config.lr", "number", 2),
    column("config.model.kind", "text", 1),
    column("summary.loss", "number", 1),
    column("summary.image", "other", 1),
  ]);
});
