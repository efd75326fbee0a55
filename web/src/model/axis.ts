/** Over which x a metric is drawn. Pure. */

import type { MetricKey } from "../api/types";
import { isSystemKey } from "./sections";

/**
 * The chosen x, or the metric's own. System metrics have no steps of the training, so they are always over time:
 * `relative` unless wall time was chosen.
 */
export function axisFor(metric: Pick<MetricKey, "key" | "step_metric">, chosen: string | null): string {
  if (isSystemKey(metric.key)) return chosen === "time" ? "time" : "relative";
  return chosen ?? metric.step_metric ?? "step";
}
