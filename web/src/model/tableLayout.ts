/** Order, pins and widths of table columns, and how the address bar spells them. Pure. */

import type { TableColumn } from "./columns";

export const MIN_WIDTH = 48;
export const MAX_WIDTH = 640;

export type Widths = Record<string, number>;

/** `name:width` of each column, joined by commas; a width that is no number is passed over. */
export function parseWidths(text: string): Widths {
  const widths: Widths = {};
  for (const part of text.split(",")) {
    const colon = part.lastIndexOf(":");
    const width = Number(part.slice(colon + 1));
    if (colon > 0 && width > 0) widths[part.slice(0, colon)] = clampWidth(width);
  }
  return widths;
}

export function encodeWidths(widths: Widths): string {
  return Object.entries(widths)
    .map(([name, width]) => `${name}:${Math.round(width)}`)
    .join(",");
}

export function clampWidth(width: number): number {
  return Math.min(MAX_WIDTH, Math.max(MIN_WIDTH, Math.round(width)));
}

/** The columns as they are drawn: pinned ones first, each group in its own order, with the widths that were chosen. */
export function arrange(columns: readonly TableColumn[], pinned: ReadonlySet<string>, widths: Widths): TableColumn[] {
  const sized = columns.map((column) => ({ ...column, width: widths[column.name] ?? column.width }));
  return [...sized.filter((column) => pinned.has(column.name)), ...sized.filter((column) => !pinned.has(column.name))];
}

/** The names with `name` moved to just before `before`; null: to the end. */
export function moveBefore(names: readonly string[], name: string, before: string | null): string[] {
  if (name === before) return [...names];
  const rest = names.filter((other) => other !== name);
  const index = before === null ? rest.length : rest.indexOf(before);
  rest.splice(index < 0 ? rest.length : index, 0, name);
  return rest;
}

/** The names with `name` moved by one place to the left (-1) or right (+1); at the border it stays. */
export function moveBy(names: readonly string[], name: string, delta: -1 | 1): string[] {
  const from = names.indexOf(name);
  const to = from + delta;
  const moved = [...names];
  if (from < 0 || to < 0 || to >= names.length) return moved;
  [moved[from], moved[to]] = [moved[to], moved[from]];
  return moved;
}

/** The distance of every pinned column from the left border, when the first one begins at `start`. */
export function pinnedOffsets(
  columns: readonly TableColumn[],
  pinned: ReadonlySet<string>,
  start: number,
): Map<string, number> {
  const offsets = new Map<string, number>();
  let left = start;
  for (const column of columns) {
    if (!pinned.has(column.name)) continue;
    offsets.set(column.name, left);
    left += column.width;
  }
  return offsets;
}
