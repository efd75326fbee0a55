/** Which fields of runs are worth comparing, and which number is the result. Pure. */

import type { RunSummary } from "../api/types";
import { runField } from "./grouping";
import { asNumber, leaves } from "./value";

const BOOKKEEPING = /^summary\.(_|system\/)/;

/** All config values that differ between the runs: numbers, texts, switches. */
export function variedConfig(runs: readonly RunSummary[]): string[] {
  const seen = new Map<string, Set<unknown>>();
  for (const run of runs) {
    for (const { path, value } of leaves(run.config)) {
      if (typeof value === "object" || typeof value === "undefined") continue;
      const name = `config.${path}`;
      const values = seen.get(name) ?? new Set();
      seen.set(name, values.add(value));
    }
  }
  return [...seen]
    .filter(([name, values]) => values.size > 1 || (values.size === 1 && runs.some((run) => missing(run, name))))
    .map(([name]) => name)
    .sort((a, b) => a.localeCompare(b, "en"));
}

function missing(run: RunSummary, name: string): boolean {
  const value = runField(run, name);
  return value === undefined || value === null;
}

/** Summary numbers, those that most likely are the result first: `val_loss`, another validation number, a loss, the rest. */
export function resultFields(runs: readonly RunSummary[]): string[] {
  const names = new Set<string>();
  for (const run of runs) {
    for (const { path, value } of leaves(run.summary)) {
      const name = `summary.${path}`;
      if (asNumber(value) !== undefined && !BOOKKEEPING.test(name)) names.add(name);
    }
  }
  return [...names].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b, "en"));
}

function rank(name: string): number {
  if (/(^|[./])val_loss$/.test(name)) return 0;
  if (/val_/.test(name)) return /epoch|best/.test(name) ? 3 : 1;
  return /(^|[./])loss$/.test(name) ? 2 : 4;
}

/** The field without `config.` or `summary.`. */
export function fieldTitle(name: string): string {
  return name.replace(/^(config|summary)\./, "");
}
