/** Groups of runs as rows of a table: which rows there are, without knowing all of them. Pure. */

import type { RunGroup, RunSummary, Value } from "../api/types";
import { cellValue } from "./columns";
import { formatValue } from "./format";

/** A group at its place among the others. */
export interface GroupNode {
  group: RunGroup;
  /** The keys down to this group, percent-encoded and joined by slashes: its name in the address bar. */
  path: string;
  keys: readonly string[];
  /** The values that the keys stand for. */
  values: readonly Value[];
  field: string;
  label: string;
  depth: number;
}

export type TableRow =
  { kind: "group"; node: GroupNode; isOpen: boolean } | { kind: "run"; run: RunSummary; depth: number };

/** What is known of the groups, or of the runs, inside one group. */
export interface Level {
  /** How many there are; null: nobody has said yet. */
  total: number | null;
  /** Those that have been read, with their places; none where runs are inside. */
  groups: readonly (readonly [number, RunGroup])[];
}

/** Neighbouring rows that are all inside one group: `count` rows of the table from `start` on are those from `from` on inside. */
export interface Span {
  start: number;
  count: number;
  from: number;
  keys: readonly string[];
  values: readonly Value[];
}

/** In the address: every group is open. */
export const ALL_OPEN = "*";

export function pathOf(keys: readonly string[]): string {
  return keys.map(encodeURIComponent).join("/");
}

/** The keys of a path; null where the path cannot be one. */
export function keysOf(path: string): string[] | null {
  try {
    return path.split("/").map(decodeURIComponent);
  } catch {
    return null;
  }
}

/**
 * The rows of a table of groups `depth` levels deep. An open group whose inside is not known yet takes as many rows as it has runs or,
 * where groups are inside, one.
 */
export function spansOf(
  depth: number,
  levelAt: (path: string) => Level | undefined,
  isOpen: (path: string) => boolean,
): Span[] {
  const spans: Span[] = [];
  let start = 0;
  const add = (count: number, from: number, keys: readonly string[], values: readonly Value[]) => {
    if (count > 0) spans.push({ start, count, from, keys, values });
    start += count;
  };
  const collect = (keys: readonly string[], values: readonly Value[], runCount: number) => {
    const level = levelAt(pathOf(keys));
    if (keys.length === depth) return add(level?.total ?? runCount, 0, keys, values);
    let from = 0;
    for (const [index, group] of level?.groups ?? []) {
      const inner = [...keys, group.key];
      if (!isOpen(pathOf(inner))) continue;
      add(index + 1 - from, from, keys, values);
      from = index + 1;
      collect(inner, [...values, group.value], group.run_count);
    }
    add((level?.total ?? 1) - from, from, keys, values);
  };
  collect([], [], 0);
  return spans;
}

/** The span that a row is in. */
export function spanAt(spans: readonly Span[], row: number): Span | undefined {
  let [low, high] = [0, spans.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (spans[middle].start + spans[middle].count <= row) low = middle + 1;
    else high = middle;
  }
  return row >= 0 ? spans[low] : undefined;
}

/** What a run is grouped by in one field, as the server tells values apart: a list by its plain items, a map not at all. */
export function groupValue(run: RunSummary, field: string): Value {
  const value = cellValue(run, field) as Value | undefined;
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.filter((item) => item === null || typeof item !== "object");
  if (typeof value !== "object") return value;
  return "_type" in value || Object.keys(value).length === 0 ? [] : null;
}

/** Whether a run has these values in the first of the fields. */
export function isInGroup(run: RunSummary, fields: readonly string[], values: readonly Value[]): boolean {
  return values.every((value, index) => JSON.stringify(groupValue(run, fields[index])) === JSON.stringify(value));
}

/** The value of a group as text; runs without a value share the dash. */
export function groupLabel(value: Value): string {
  if (value === null) return "–";
  if (value === "") return "(empty)";
  if (Array.isArray(value)) return value.length === 0 ? "–" : value.map(formatValue).join(", ");
  return formatValue(value);
}
