/** Runs of a table as a CSV file: name, id and state first, then the columns that are shown. */

import type { RunSummary } from "../api/types";
import { cellValue, type TableColumn } from "../model/columns";
import { toCsv } from "../model/csv";
import { download } from "../ui/download";

export function exportCsv(project: string, runs: readonly RunSummary[], columns: readonly TableColumn[]): void {
  const names = [
    "name",
    "id",
    "state",
    ...columns.map((column) => column.name).filter((name) => name !== "state" && name !== "id"),
  ];
  const rows = runs.map((run) => names.map((name) => cellText(run, name)));
  download(`${project}-runs.csv`, toCsv(names, rows), "text/csv");
}

/** Times as ISO text: a spreadsheet knows those. */
function cellText(run: RunSummary, name: string): unknown {
  return name === "created_s" ? new Date(run.created_s * 1000).toISOString() : cellValue(run, name);
}
