/** Columns of the run table: which there are, what they are called, which are shown first. Pure. */

import type { Column, RunSummary } from "../api/types";
import { formatCell, formatNumber } from "./format";
import { asNumber, leaves, valueAt } from "./value";

export interface TableColumn {
  name: string;
  label: string;
  /** `number`, `text`, `bool`, `time`, `duration`, `state`, `tags` or `other`. */
  kind: string;
  width: number;
}

/** Of columns that are no value of the run. */
export const DEFAULT_WIDTHS = { name: 236 };

const FIXED: TableColumn[] = [
  { name: "state", label: "State", kind: "state", width: 92 },
  { name: "created_s", label: "Created", kind: "time", width: 104 },
  { name: "duration_s", label: "Duration", kind: "duration", width: 92 },
  { name: "last_step", label: "Step", kind: "number", width: 76 },
  { name: "tags", label: "Tags", kind: "tags", width: 140 },
  { name: "group", label: "Group", kind: "text", width: 110 },
  { name: "job_type", label: "Job type", kind: "text", width: 100 },
  { name: "host", label: "Host", kind: "text", width: 120 },
  { name: "notes", label: "Notes", kind: "text", width: 180 },
  { name: "id", label: "Id", kind: "text", width: 96 },
];

/** All columns one can choose. */
export function allColumns(columns: readonly Column[]): TableColumn[] {
  const found = columns
    // Media have panels; as text in a column they say nothing.
    .filter((column) => !/\._/.test(column.name) && !(column.kind === "other" && column.name.startsWith("summary.")))
    .map((column) => ({
      name: column.name,
      label: column.name.replace(/^(config|summary)\./, ""),
      kind: column.kind,
      width: column.kind === "number" ? 104 : 132,
    }));
  return [...FIXED, ...found];
}

/** The columns that these runs have, as the server would list them: for a first look, before its list is there. */
export function columnsOf(runs: readonly RunSummary[]): Column[] {
  const found = new Map<string, Column>();
  for (const run of runs) {
    for (const part of ["config", "summary"] as const) {
      for (const { path, value } of leaves(run[part])) {
        const name = `${part}.${path}`;
        const column = found.get(name) ?? { name, kind: kindOf(value), run_count: 0 };
        found.set(name, { ...column, run_count: column.run_count + 1 });
      }
    }
  }
  return [...found.values()];
}

function kindOf(value: unknown): string {
  if (asNumber(value) !== undefined) return "number";
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "bool" : "other";
}

/** The most telling first, whatever section they are logged in: `epoch/val_loss` as well as `val_loss`. */
const GOOD_SUMMARIES = [/^val_loss$/, /^val_acc/, /^loss$/, /^acc/, /^val_/, /^best_/, /./];
/** Numbers that say where a training is, not how it went. */
const COUNTERS = /(^|[./])(epoch|batch|step|batch_step|global_step|learning_rate|lr)$/;

/** The columns shown before the user chooses: the basics, the most telling results, a few settings. */
export function defaultColumns(columns: readonly Column[]): string[] {
  const summaries = columns.filter(
    (column) =>
      column.kind === "number" &&
      column.name.startsWith("summary.") &&
      !/^summary\.(_|system\/)/.test(column.name) &&
      !COUNTERS.test(column.name),
  );
  const rank = (column: Column) => {
    const name = column.name.slice(Math.max(column.name.lastIndexOf("/"), "summary".length) + 1);
    return GOOD_SUMMARIES.findIndex((pattern) => pattern.test(name));
  };
  // Of one metric in two sections the one that has its validation beside it: the loss of the epoch, not of the last batch.
  const hasTwin = (column: Column) => {
    const twin = column.name.replace(/([^./]+)$/, "val_$1");
    return Number(summaries.some((other) => other.name === twin));
  };
  const best = [...summaries]
    .sort((a, b) => rank(a) - rank(b) || hasTwin(b) - hasTwin(a) || b.run_count - a.run_count)
    .slice(0, 4);
  const settings = columns
    .filter((column) => column.name.startsWith("config.") && column.kind !== "other" && !/\._/.test(column.name))
    .sort((a, b) => b.run_count - a.run_count)
    .slice(0, 3);
  return ["created_s", "duration_s", ...best.map((c) => c.name), ...settings.map((c) => c.name)];
}

/** A number in a column: settings as they were written, results with four digits, so that their points stand near each other. */
export function formatColumn(value: number, name: string): string {
  return name.startsWith("config.") ? formatNumber(value) : formatCell(value);
}

/** The value of a run in a column. */
export function cellValue(run: RunSummary, name: string): unknown {
  if (name.startsWith("config.")) return valueAt(run.config, name.slice("config.".length));
  if (name.startsWith("summary.")) return valueAt(run.summary, name.slice("summary.".length));
  return run[name as keyof RunSummary];
}
