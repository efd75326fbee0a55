/** Logged tables: pages of rows that the server filters, sorts, groups and joins (docs/http_api.md, "Tables"). */

import { apiUrl, request } from "./client";

export type TableSource = { sha256: string } | { project: string; artifact: string; version: string; path: string };

export interface Aggregate {
  op: "count" | "mean" | "min" | "max" | "sum" | "median" | "std" | "distinct";
  column?: string;
}

/** What to show of a table; all parts but the source may be left out. */
export interface TableQuestion {
  source: TableSource;
  join?: {
    source: TableSource;
    /** The columns of the key, in both tables; null: rows with the same number. */
    on: [string, string][] | null;
    how: "inner" | "left" | "outer";
    differences?: string[];
  } | null;
  filter?: Record<string, unknown> | null;
  search?: string | null;
  group?: { by: string[]; aggregates: Aggregate[] } | null;
  order?: string[];
}

export interface TableColumn {
  name: string;
  kind: string;
  media: string | null;
}

export interface TablePage {
  row_count: number;
  total: number;
  offset: number;
  columns: TableColumn[];
  rows: unknown[][];
  row_numbers: (number | null)[];
}

async function ask(question: TableQuestion, more: Record<string, unknown>, signal?: AbortSignal): Promise<Response> {
  return request(apiUrl("table"), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ ...question, ...more }),
    signal: signal ?? null,
  });
}

export async function getTablePage(
  question: TableQuestion,
  offset: number,
  limit: number,
  signal?: AbortSignal,
): Promise<TablePage> {
  return (await (await ask(question, { offset, limit }, signal)).json()) as TablePage;
}

/** All matching rows as CSV. */
export async function getTableCsv(question: TableQuestion): Promise<Blob> {
  return (await ask(question, { format: "csv" })).blob();
}
