/** Which config values explain a result: rank correlation and forest importance of each. Pure. */

import type { RunSummary } from "../api/types";
import { permutationImportance } from "./forest";
import { runField } from "./grouping";
import { asNumber } from "./value";

export interface Importance {
  name: string;
  /** Share of the rise of the error when this is shuffled: 0 to 1, all of them together 1 (or 0 when nothing explains). */
  importance: number;
  /** Spearman's rank correlation, -1 to 1; null for names, and where one side does not vary. */
  correlation: number | null;
}

/** One row a run that has the result: what the worker is given. */
export interface ImportanceTask {
  names: string[];
  /** values[parameter][run]: number, text, switch or null. */
  values: (number | string | boolean | null)[][];
  target: number[];
}

/** Fewer runs than this explain nothing. */
export const LEAST_RUNS = 5;
/** More runs than this make it slower, not better. */
const MOST_RUNS = 2000;
/** Rare names beyond this many share a column. */
const MOST_NAMES = 12;

export function importanceTask(runs: readonly RunSummary[], names: readonly string[], target: string): ImportanceTask {
  const rows = runs.filter((run) => Number.isFinite(asNumber(runField(run, target)) ?? NaN));
  const every = Math.max(1, Math.ceil(rows.length / MOST_RUNS));
  const kept = rows.filter((_, index) => index % every === 0);
  const cell = (value: unknown) => {
    const number = asNumber(value);
    if (number !== undefined) return Number.isFinite(number) ? number : null;
    return typeof value === "string" || typeof value === "boolean" ? value : null;
  };
  return {
    names: [...names],
    values: names.map((name) => kept.map((run) => cell(runField(run, name)))),
    target: kept.map((run) => asNumber(runField(run, target)) ?? NaN),
  };
}

/** The most important first. */
export function importances({ names, values, target }: ImportanceTask): Importance[] {
  const goal = Float64Array.from(target);
  const columns: Float64Array[] = [];
  const groups = values.map((column) => {
    const own = encode(column);
    columns.push(...own);
    return own.map((_, place) => columns.length - own.length + place);
  });
  const shares = permutationImportance(columns, groups, goal);
  return names
    .map((name, place) => ({ name, importance: shares[place], correlation: correlationOf(values[place], target) }))
    .sort((a, b) => b.importance - a.importance || Math.abs(b.correlation ?? 0) - Math.abs(a.correlation ?? 0));
}

type Cell = number | string | boolean | null;

/** Numbers as one column, a gap filled with the median; anything else as a column of 0 and 1 per name. */
function encode(column: readonly Cell[]): Float64Array[] {
  if (column.every((cell) => cell === null || typeof cell === "number")) {
    const present = column.filter((cell): cell is number => cell !== null).sort((a, b) => a - b);
    const median = present[Math.floor(present.length / 2)] ?? 0;
    return [Float64Array.from(column, (cell) => (typeof cell === "number" ? cell : median))];
  }
  const counts = new Map<string, number>();
  for (const cell of column) counts.set(String(cell), (counts.get(String(cell)) ?? 0) + 1);
  const names = [...counts].sort((a, b) => b[1] - a[1]).slice(0, MOST_NAMES);
  return names.map(([name]) => Float64Array.from(column, (cell) => Number(String(cell) === name)));
}

function correlationOf(column: readonly Cell[], target: readonly number[]): number | null {
  const pairs = column.flatMap((cell, row) =>
    typeof cell === "number" || typeof cell === "boolean" ? [[Number(cell), target[row]] as const] : [],
  );
  if (pairs.length < 3) return null;
  return rankCorrelation(
    pairs.map(([x]) => x),
    pairs.map(([, y]) => y),
  );
}

/** Spearman's rho: Pearson's r of the ranks, equal values sharing the mean rank; null where a side does not vary. */
export function rankCorrelation(xs: readonly number[], ys: readonly number[]): number | null {
  const [a, b] = [ranks(xs), ranks(ys)];
  const middle = (xs.length + 1) / 2;
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i] - middle) * (b[i] - middle);
    aa += (a[i] - middle) ** 2;
    bb += (b[i] - middle) ** 2;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : null;
}

function ranks(values: readonly number[]): number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a] - values[b]);
  const out = new Array<number>(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let i = from; i <= to; i++) out[order[i]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return out;
}
