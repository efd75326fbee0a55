/** Several nested maps beside each other: which values differ between runs. Pure. */

import { leaves, type ValueMap } from "./value";

export interface DiffRow {
  path: string;
  /** One value per map, in their order; undefined where a map has none. */
  values: unknown[];
  differs: boolean;
}

/** Every path that some map has, in the order of first sight, with all values. */
export function diffRows(maps: readonly ValueMap[]): DiffRow[] {
  const found = new Map<string, unknown[]>();
  maps.forEach((map, place) => {
    for (const { path, value } of leaves(map)) {
      let values = found.get(path);
      if (values === undefined) found.set(path, (values = new Array<unknown>(maps.length).fill(undefined)));
      values[place] = value;
    }
  });
  return [...found].map(([path, values]) => ({
    path,
    values,
    differs: values.some((value) => !isSame(value, values[0])),
  }));
}

/** The rows that differ in front, each part in its order. */
export function differingFirst(rows: readonly DiffRow[]): DiffRow[] {
  return [...rows.filter((row) => row.differs), ...rows.filter((row) => !row.differs)];
}

/** Equal as JSON, whatever the order of keys. */
export function isSame(a: unknown, b: unknown): boolean {
  return a === b || canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return String(
    JSON.stringify(value, (_key, part: unknown) =>
      typeof part === "object" && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
        : part,
    ),
  );
}

/** The rows to show: those that differ unless all are wanted, and contain the search text in path or value. */
export function shownRows(rows: readonly DiffRow[], all: boolean, search: string): DiffRow[] {
  const needle = search.trim().toLowerCase();
  return rows.filter(
    (row) =>
      (all || row.differs) &&
      (needle === "" || `${row.path} ${row.values.map(canonical).join(" ")}`.toLowerCase().includes(needle)),
  );
}
