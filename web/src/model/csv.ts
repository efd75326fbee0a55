/** Rows as CSV (RFC 4180). Pure. */

import { isMap } from "./value";

/** One field: quoted where it must be; lists and maps as JSON; nothing for null and undefined. */
function field(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = Array.isArray(value) || isMap(value) ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function toCsv(header: readonly string[], rows: Iterable<readonly unknown[]>): string {
  const lines = [header.map(field).join(",")];
  for (const row of rows) lines.push(row.map(field).join(","));
  return lines.join("\r\n") + "\r\n";
}
