/** Which way a metric is better, and which metric the best run is told by. Pure. */

import type { TableColumn } from "./columns";
import { parseOrder, type Sort } from "./sort";

const HIGHER =
  /(^|[_/.-])(acc|accuracy|auc|f1|precision|recall|iou|miou|map|dice|bleu|rouge|r2|score|reward|psnr|ssim)/i;
const LOWER = /(^|[_/.-])(loss|error|err|mse|mae|rmse|perplexity|ppl|nll|cer|wer|fid)/i;

/** Whether less is better; null where neither `define_metric` nor the name says. */
export function isLowerBetter(name: string, goal: string | null | undefined): boolean | null {
  if (goal) return goal.startsWith("min");
  const metric = name.replace(/^summary\./, "");
  if (LOWER.test(metric)) return true;
  return HIGHER.test(metric) ? false : null;
}

/**
 * The order whose first run is the best: what the address says (`best=summary.loss`, `-` for the highest, `none`), else
 * the first shown result whose better direction is known, validation before training. Null: there is none.
 */
export function bestOrder(
  chosen: string | null,
  columns: readonly TableColumn[],
  goalOf: (metric: string) => string | null | undefined,
): Sort | null {
  if (chosen === "none") return null;
  if (chosen) return parseOrder(chosen)[0] ?? null;
  const results = columns.filter((column) => column.kind === "number" && column.name.startsWith("summary."));
  const ranked = [...results].sort((a, b) => Number(isValidation(b.name)) - Number(isValidation(a.name)));
  for (const { name } of ranked) {
    const lower = isLowerBetter(name, goalOf(name.slice("summary.".length)));
    if (lower !== null) return { field: name, descending: !lower };
  }
  return null;
}

function isValidation(name: string): boolean {
  return /^summary\.([^/]+\/)*(val|valid|test|eval)/.test(name);
}
