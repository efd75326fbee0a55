/**
 * Answers in the place of a server, out of data that lies in the page: the values of runs, blobs, and plain pages of tables. For pages
 * that stand alone and for the gallery of panels.
 */

import type { Transport } from "../api/client";
import type { CellPage } from "../api/types";
import { toCsv } from "../model/csv";
import { tablePage, type PlainQuestion } from "./table";

export interface OfflineData {
  /** Values of a key of a run, under `cellsId`. */
  cells: Map<string, CellPage>;
  /** Blobs by their sha256. */
  blobs: { get: (sha256: string) => Uint8Array<ArrayBuffer> | undefined };
}

export const cellsId = (project: string, run: string, key: string) => JSON.stringify([project, run, key]);

/** One more kind of question; undefined: not this one. */
export type Answer = (url: URL, body: unknown) => unknown;

/** All of a transport but the frame of figures, which is made of other things in each place. */
export function offlineTransport(data: OfflineData, more: Answer = () => undefined): Omit<Transport, "figureFrame"> {
  const urls = new Map<string, string>();

  function blobUrl(sha256: string, type = "application/octet-stream"): string {
    // What reads it as data asks `fetch` below, which knows the addresses of the server only.
    if (type === "application/json") return `/api/blobs/${sha256}`;
    const id = `${sha256} ${type}`;
    const known = urls.get(id);
    if (known !== undefined) return known;
    const url = URL.createObjectURL(new Blob([data.blobs.get(sha256) ?? new Uint8Array()], { type }));
    urls.set(id, url);
    return url;
  }

  function answer(url: URL, body: unknown): Response {
    const cells = /^\/api\/projects\/([^/]+)\/runs\/([^/]+)\/cells$/.exec(url.pathname);
    if (cells !== null) {
      const [, project, run] = cells.map(decodeURIComponent);
      return json(cellPage(data.cells.get(cellsId(project, run, url.searchParams.get("key") ?? "")), url.searchParams));
    }
    const blob = /^\/api\/blobs\/([0-9a-f]+)$/.exec(url.pathname);
    if (blob !== null) {
      const bytes = data.blobs.get(blob[1]);
      return bytes === undefined ? missing("This file is not in the page.") : new Response(bytes);
    }
    if (url.pathname === "/api/table") return table(data, body as TableBody);
    const other = more(url, body);
    if (other === undefined) return missing("This is not in the page.");
    return other instanceof Response ? other : json(other);
  }

  return {
    fetch: async (url, init) => {
      const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : null;
      return answer(new URL(url, "http://page"), body);
    },
    blobUrl,
    hasTableQueries: false,
  };
}

type TableBody = PlainQuestion & { source: { sha256?: string }; format?: string };

function table(data: OfflineData, body: TableBody): Response {
  const bytes = data.blobs.get(body.source.sha256 ?? "");
  if (bytes === undefined) return missing("This table is not in the page.");
  const file: unknown = JSON.parse(new TextDecoder().decode(bytes));
  if (body.format !== "csv") return json(tablePage(file, body));
  const all = tablePage(file, { ...body, offset: 0, limit: Infinity });
  return new Response(
    toCsv(
      all.columns.map((column) => column.name),
      all.rows,
    ),
  );
}

/** The newest of them where only some are wanted from the end; else all there are, which are few. */
function cellPage(page: CellPage | undefined, query: URLSearchParams): CellPage {
  if (page === undefined) return { total: 0, cells: [] };
  const limit = Number(query.get("limit") ?? Infinity);
  return query.get("last") === "true" ? { ...page, cells: page.cells.slice(-limit) } : page;
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), { headers: { "Content-Type": "application/json" } });
}

function missing(message: string): Response {
  return new Response(JSON.stringify({ error: { code: "not_found", message, field: null } }), { status: 404 });
}
