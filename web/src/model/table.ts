/** Logged tables: reading, searching and sorting rows. Pure. */

import { formatValue } from "./format";
import { asNumber, isMap } from "./value";

export interface TableData {
  columns: string[];
  rows: unknown[][];
}

/** Reads a table file ({columns, data}); anything else gives an error that says so. */
export function parseTable(data: unknown): TableData {
  if (!isMap(data) || !Array.isArray(data.columns) || !Array.isArray(data.data)) {
    throw new Error("This file is not a table: it has no `columns` and `data`.");
  }
  const rows = data.data.filter(Array.isArray);
  const types: unknown[] = Array.isArray(data.column_types) ? data.column_types : [];
  types.forEach((type, column) => {
    // Arrays lie in a file of their own (docs/formats/tables.md); the table tells their shape.
    if (!isMap(type) || !isMap(type.file) || !Array.isArray(type.shape)) return;
    for (const row of rows) row[column] = `array (${type.shape.join(", ")})`;
  });
  return { columns: data.columns.map(String), rows };
}

export type ColumnLook = "number" | "image" | "text";

/** How a column is drawn, by its first values that are there. */
export function columnLook(table: TableData, column: number): ColumnLook {
  let look: ColumnLook = "text";
  for (const row of table.rows.slice(0, 50)) {
    const value = row[column];
    if (value === null || value === undefined) continue;
    if (isMap(value) && (value._type === "image-file" || value._type === "images/separated")) return "image";
    if (asNumber(value) === undefined) return "text";
    look = "number";
  }
  return look;
}

export interface TableOrder {
  column: number;
  descending: boolean;
}

/** Indices of the rows that contain `search`, in the wanted order; equal rows keep their order. */
export function arrangeRows(table: TableData, search: string, order: TableOrder | null): number[] {
  const needle = search.trim().toLowerCase();
  const indices = table.rows.map((_, index) => index);
  const kept =
    needle === ""
      ? indices
      : indices.filter((index) => table.rows[index].some((value) => formatValue(value).toLowerCase().includes(needle)));
  if (order === null) return kept;
  const sign = order.descending ? -1 : 1;
  return kept.sort((a, b) => compareValues(table.rows[a][order.column], table.rows[b][order.column], sign) || a - b);
}

/** Numbers before text; missing values and NaN last, whichever way the column is sorted. */
function compareValues(a: unknown, b: unknown, sign: number): number {
  const [missingA, missingB] = [isMissing(a), isMissing(b)];
  if (missingA || missingB) return Number(missingA) - Number(missingB);
  const [numberA, numberB] = [asNumber(a), asNumber(b)];
  if (numberA !== undefined && numberB !== undefined) return sign * (numberA - numberB);
  if (numberA !== undefined || numberB !== undefined) return numberA !== undefined ? -1 : 1;
  return sign * formatValue(a).localeCompare(formatValue(b), "en", { numeric: true });
}

function isMissing(value: unknown): boolean {
  return value === null || value === undefined || Number.isNaN(asNumber(value) ?? 0);
}
