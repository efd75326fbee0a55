/** Logged tables, read whole for the charts that are drawn from them. Pure. */

import { isMap } from "./value";

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
