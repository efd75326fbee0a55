/** A page of a table file that lies in the page: searched and sorted as the server does it. Not for: filters, groups and joins. Pure. */

import type { TableColumn, TablePage } from "../api/tables";
import { parseTable } from "../model/table";
import { asNumber, isMap } from "../model/value";

export interface PlainQuestion {
  search?: string | null;
  order?: string[];
  offset?: number;
  limit?: number;
}

export function tablePage(file: unknown, question: PlainQuestion): TablePage {
  const { columns: names, rows } = parseTable(file);
  const columns = names.map((name, place) => columnOf(name, typeOf(file, place)));
  const found = sorted(matching(rows, question.search ?? ""), rows, names, question.order ?? []);
  const offset = question.offset ?? 0;
  const shown = found.slice(offset, offset + (question.limit ?? 100));
  return {
    row_count: rows.length,
    total: found.length,
    offset,
    columns,
    rows: shown.map((place) => rows[place]),
    row_numbers: shown,
  };
}

function typeOf(file: unknown, place: number): Record<string, unknown> {
  const types = isMap(file) && Array.isArray(file.column_types) ? (file.column_types as unknown[]) : [];
  const type = types[place];
  return isMap(type) ? type : {};
}

function columnOf(name: string, type: Record<string, unknown>): TableColumn {
  return { name, kind: String(type.kind ?? "any"), media: typeof type.media === "string" ? type.media : null };
}

/** Numbers of the rows with a text that contains `search`. */
function matching(rows: readonly unknown[][], search: string): number[] {
  const needle = search.trim().toLowerCase();
  const isHit = (cell: unknown) => typeof cell === "string" && cell.toLowerCase().includes(needle);
  return rows.flatMap((row, place) => (needle === "" || row.some(isHit) ? [place] : []));
}

/** Sorted by the first column of `order` (`-` for descending); missing values come last in both directions. */
function sorted(
  places: number[],
  rows: readonly unknown[][],
  names: readonly string[],
  order: readonly string[],
): number[] {
  const [wanted] = order;
  if (wanted === undefined) return places;
  const isDescending = wanted.startsWith("-") && !names.includes(wanted);
  const column = names.indexOf(isDescending ? wanted.slice(1) : wanted);
  const valueOf = (place: number) => rows[place][column];
  return places.toSorted((a, b) => {
    const [lacksA, lacksB] = [isMissing(valueOf(a)), isMissing(valueOf(b))];
    if (lacksA || lacksB) return Number(lacksA) - Number(lacksB) || a - b;
    return (isDescending ? -1 : 1) * compare(valueOf(a), valueOf(b)) || a - b;
  });
}

function isMissing(cell: unknown): boolean {
  return cell === null || cell === undefined || Number.isNaN(asNumber(cell));
}

function compare(a: unknown, b: unknown): number {
  const [x, y] = [asNumber(a), asNumber(b)];
  if (x !== undefined && y !== undefined) return x - y;
  return textOf(a).localeCompare(textOf(b), "en");
}

const textOf = (cell: unknown) => (typeof cell === "string" ? cell : (JSON.stringify(cell) ?? ""));
