/** The runs of the gallery: twelve trainings whose result follows from their settings. */

import type { RunSummary } from "../api/types";
import { normal } from "./random";

export const PROJECT = "gallery";
const STARTED_S = 1_760_000_000;

export const RUNS: RunSummary[] = Array.from({ length: 12 }, (_, number) => {
  const lr = [0.1, 0.03, 0.01, 0.001][number % 4];
  const optimizer = number % 3 === 0 ? "sgd" : "adam";
  const loss = 0.2 + 4 * (Math.abs(lr - 0.01) + (optimizer === "sgd" ? 0.05 : 0)) + 0.02 * normal(number)();
  const created_s = STARTED_S + 3600 * number;
  return {
    project: PROJECT,
    home: PROJECT,
    id: `run-${number}`,
    name: `quiet-river-${number + 1}`,
    entity: "local",
    state: "finished",
    created_s,
    updated_s: created_s + 600,
    finished_s: created_s + 600,
    duration_s: 600,
    host: "machine",
    last_step: 399,
    row_count: 400,
    group: null,
    job_type: null,
    tags: [],
    notes: null,
    archived: false,
    attempt_count: 1,
    exit_code: 0,
    config: { lr, optimizer, units: 32 * (1 + (number % 5)), dropout: 0.1 * ((number * 7) % 5) },
    summary: { val_loss: loss, val_accuracy: 1 / (1 + loss), loss: loss * 0.9 },
  };
});
