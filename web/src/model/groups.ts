/** Runs by the values of one or several fields, with counts and the spread of their numbers. Pure. */

import type { RunSummary } from "../api/types";
import { cellValue } from "./columns";
import { formatValue } from "./format";
import { asNumber } from "./value";

export interface Spread {
  count: number;
  mean: number;
  min: number;
  max: number;
}

export interface RunGroup {
  /** The values down to this group, percent-encoded and joined by slashes: its name in the address bar. */
  path: string;
  field: string;
  label: string;
  depth: number;
  /** The runs in it, in the order of the list. */
  runs: RunSummary[];
  /** The next level; empty at the last one. */
  groups: RunGroup[];
}

export type TableRow =
  { kind: "group"; group: RunGroup; isOpen: boolean; depth: number } | { kind: "run"; run: RunSummary; depth: number };

/** In the address: every group is open. */
export const ALL_OPEN = "*";

/** What a run is grouped by in one field, as text; runs without a value share the dash. */
export function groupLabel(run: RunSummary, field: string): string {
  const value = cellValue(run, field);
  if (value === undefined || value === null || value === "") return "–";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(formatValue).join(", ");
  return formatValue(value);
}

/** The path of the group that a run is in. */
export function groupPath(run: RunSummary, fields: readonly string[]): string {
  return fields.map((field) => encodeURIComponent(groupLabel(run, field)).replaceAll(",", "%2C")).join("/");
}

/** The groups, those first whose first run comes first. */
export function groupRuns(runs: readonly RunSummary[], fields: readonly string[], depth = 0, prefix = ""): RunGroup[] {
  if (depth >= fields.length) return [];
  const field = fields[depth];
  const found = new Map<string, RunGroup>();
  for (const run of runs) {
    const label = groupLabel(run, field);
    let group = found.get(label);
    if (group === undefined) {
      group = { path: prefix + groupPath(run, [field]), field, label, depth, runs: [], groups: [] };
      found.set(label, group);
    }
    group.runs.push(run);
  }
  for (const group of found.values()) group.groups = groupRuns(group.runs, fields, depth + 1, group.path + "/");
  return [...found.values()];
}

/** The rows of the table: groups, and below the open ones what is in them. */
export function tableRows(groups: readonly RunGroup[], open: ReadonlySet<string>): TableRow[] {
  const rows: TableRow[] = [];
  for (const group of groups) {
    const isOpen = open.has(ALL_OPEN) || open.has(group.path);
    rows.push({ kind: "group", group, isOpen, depth: group.depth });
    if (!isOpen) continue;
    if (group.groups.length > 0) {
      for (const row of tableRows(group.groups, open)) rows.push(row);
    } else {
      for (const run of group.runs) rows.push({ kind: "run", run, depth: group.depth + 1 });
    }
  }
  return rows;
}

/** The paths of all groups, on every level. */
export function groupPaths(groups: readonly RunGroup[]): string[] {
  return groups.flatMap((group) => [group.path, ...groupPaths(group.groups)]);
}

/** Mean, least and greatest of a column over runs; NaN and infinities are left out. Null without a number. */
export function spread(runs: readonly RunSummary[], column: string): Spread | null {
  let count = 0;
  let sum = 0;
  let min = Infinity;
  let max = -Infinity;
  for (const run of runs) {
    const value = asNumber(cellValue(run, column));
    if (value === undefined || !Number.isFinite(value)) continue;
    count += 1;
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return count === 0 ? null : { count, mean: sum / count, min, max };
}
