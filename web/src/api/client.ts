/** The only place (with series.ts and live.ts) that talks to the server: JSON in and out, errors as one class. */

import type {
  ArtifactDetail,
  ArtifactList,
  ArtifactManifest,
  BulkEdit,
  BulkResult,
  CellPage,
  ColumnList,
  ConsolePage,
  FileList,
  GroupPage,
  Health,
  HistogramList,
  HistogramQuery,
  KeyList,
  ProjectList,
  RunArtifacts,
  RunDetail,
  RunPage,
  RunPatch,
  ViewList,
} from "./types";

/** An answer that is not the one asked for. `code` is the server's word, or `offline` when there was no answer. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

/** Attributes of an `iframe`. */
export type Frame = { src: string } | { srcdoc: string };

/** What answers a page: the server that it came from or, where there is none, data that lies in the page (`offline/`). */
export interface Transport {
  fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The address under which elements such as `img` load a blob. */
  blobUrl: (sha256: string, type?: string, download?: string) => string;
  /** What the frame that draws figures of Plotly is made of. */
  figureFrame: () => Promise<Frame>;
  /** Whether tables can be filtered, grouped and joined. */
  hasTableQueries: boolean;
}

/** The address of a frame that plotly/build.ts makes. */
declare const FIGURE_FRAME: string;
export const servedFigureFrame = (): Promise<Frame> => Promise.resolve({ src: FIGURE_FRAME });

const SERVER: Transport = {
  fetch: (url, init) => fetch(url, init),
  blobUrl: (sha256, type, download) => apiUrl(`blobs/${sha256}`, { type, name: download }),
  figureFrame: servedFigureFrame,
  hasTableQueries: true,
};
let transport = SERVER;

/** Lets something else than the server answer, for as long as the page lives. Called once, before anything is drawn. */
export function answerWith(other: Transport): void {
  transport = other;
}

export const hasTableQueries = () => transport.hasTableQueries;
export const figureFrame = () => transport.figureFrame();

type Query = Record<string, string | number | boolean | null | undefined>;

/** The address of an API path; empty query values are left out. */
export function apiUrl(path: string, query: Query = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== "" && value !== false) search.set(name, String(value));
  }
  const text = search.toString();
  return `/api/${path}${text ? "?" + text : ""}`;
}

/** Fetches and turns every failure into an `ApiError`; an aborted request stays an `AbortError`. */
export async function request(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await transport.fetch(url, init);
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "offline", "The server does not answer. Is `kerascope ui` still running?");
  }
  if (!response.ok) throw await errorOf(response);
  return response;
}

async function errorOf(response: Response): Promise<ApiError> {
  try {
    const body = (await response.json()) as { error?: { code?: string; message?: string } };
    if (body.error?.message) return new ApiError(response.status, body.error.code ?? "internal", body.error.message);
  } catch {
    // Not our JSON: fall through to the status line.
  }
  return new ApiError(response.status, "internal", `The server answered ${response.status} ${response.statusText}.`);
}

async function get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
  const response = await request(apiUrl(path, query), { signal: signal ?? null });
  return (await response.json()) as T;
}

async function send(method: string, path: string, body: unknown = {}): Promise<Response> {
  return request(apiUrl(path), {
    method,
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  });
}

const project = (name: string) => `projects/${encodeURIComponent(name)}`;
const run = (name: string, id: string) => `${project(name)}/runs/${encodeURIComponent(id)}`;

export const getHealth = (signal?: AbortSignal) => get<Health>("health", {}, signal);

export const getProjects = (signal?: AbortSignal) => get<ProjectList>("projects", {}, signal);

export interface RunQuery extends Query {
  filter?: string;
  search?: string;
  order?: string;
  offset?: number;
  limit?: number;
  columns?: string;
  archived?: boolean;
  group_by?: string;
  in_group?: string;
  out_of_groups?: string;
}

export interface GroupQuery extends Omit<RunQuery, "columns" | "out_of_groups"> {
  numbers?: string;
}

export const getRuns = (name: string, query: RunQuery, signal?: AbortSignal) =>
  get<RunPage>(`${project(name)}/runs`, query, signal);

export const getGroups = (name: string, query: GroupQuery, signal?: AbortSignal) =>
  get<GroupPage>(`${project(name)}/groups`, query, signal);

export const getColumns = (name: string, signal?: AbortSignal) =>
  get<ColumnList>(`${project(name)}/columns`, {}, signal);

export const getKeys = (name: string, runs: readonly string[], signal?: AbortSignal) =>
  get<KeyList>(`${project(name)}/keys`, { runs: runs.join(",") }, signal);

export const getRun = (name: string, id: string, signal?: AbortSignal) => get<RunDetail>(run(name, id), {}, signal);

export type RunEdit = Partial<RunPatch>;

export async function editRun(name: string, id: string, edit: RunEdit): Promise<RunDetail> {
  return (await (await send("PATCH", run(name, id), edit)).json()) as RunDetail;
}

export async function deleteRun(name: string, id: string): Promise<void> {
  await send("DELETE", run(name, id));
}

export async function restoreRun(name: string, id: string): Promise<void> {
  await send("POST", `${run(name, id)}/restore`);
}

/** One change to many runs; the ids that it applied to are in the answer. */
export async function editMany(name: string, edit: BulkEdit): Promise<BulkResult> {
  return (await (await send("POST", `${project(name)}/bulk`, edit)).json()) as BulkResult;
}

export interface CellQuery extends Query {
  key: string;
  min_step?: number;
  max_step?: number;
  limit?: number;
  last?: boolean;
  /** So many of all, evenly spread, instead of `limit` and `last`. */
  sample?: number;
}

export const getCells = (name: string, id: string, query: CellQuery, signal?: AbortSignal) =>
  get<CellPage>(`${run(name, id)}/cells`, query, signal);

/** The histograms of many keys in one answer, each as a small picture. */
export async function getHistograms(name: string, id: string, query: HistogramQuery, signal?: AbortSignal) {
  const response = await request(apiUrl(`${run(name, id)}/histograms`), {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(query),
    signal: signal ?? null,
  });
  return (await response.json()) as HistogramList;
}

export interface ConsoleQuery extends Query {
  after?: number;
  before?: number;
  limit?: number;
  search?: string;
}

export const getConsole = (name: string, id: string, query: ConsoleQuery, signal?: AbortSignal) =>
  get<ConsolePage>(`${run(name, id)}/console`, query, signal);

export const getFiles = (name: string, id: string, signal?: AbortSignal) =>
  get<FileList>(`${run(name, id)}/files`, {}, signal);

const artifact = (name: string, title: string) => `${project(name)}/artifacts/${encodeURIComponent(title)}`;

export const getRunArtifacts = (name: string, run: string, signal?: AbortSignal) =>
  get<RunArtifacts>(`${project(name)}/runs/${encodeURIComponent(run)}/artifacts`, {}, signal);

export const getArtifacts = (name: string, signal?: AbortSignal) =>
  get<ArtifactList>(`${project(name)}/artifacts`, {}, signal);

export const getArtifact = (name: string, title: string, signal?: AbortSignal) =>
  get<ArtifactDetail>(artifact(name, title), {}, signal);

export const getManifest = (name: string, title: string, version: string, signal?: AbortSignal) =>
  get<ArtifactManifest>(`${artifact(name, title)}/${encodeURIComponent(version)}`, {}, signal);

export const getViews = (name: string, signal?: AbortSignal) => get<ViewList>(`${project(name)}/views`, {}, signal);

const view = (name: string, kind: string, title: string) =>
  `${project(name)}/views/${encodeURIComponent(kind)}/${encodeURIComponent(title)}`;

/** Saves a view, layout or report (`kind`) under a name; the one of that name before is replaced. */
export async function saveView(name: string, kind: string, title: string, data: unknown): Promise<void> {
  const body = JSON.stringify({ data });
  // Browsers let a request of at most 64 KiB outlive its page.
  const keepalive = body.length < 60_000;
  const headers = { "Content-Type": "application/json" };
  await request(apiUrl(view(name, kind, title)), { method: "PUT", headers, body, keepalive });
}

export async function deleteView(name: string, kind: string, title: string): Promise<void> {
  await send("DELETE", view(name, kind, title));
}

export const fileUrl = (name: string, id: string, path: string) =>
  `/api/${run(name, id)}/files/${path.split("/").map(encodeURIComponent).join("/")}`;

export const blobUrl = (sha256: string, type?: string, download?: string) => transport.blobUrl(sha256, type, download);

export const exportUrl = (name: string, id: string, format: string) => apiUrl(`${run(name, id)}/export`, { format });

export async function getText(url: string, signal?: AbortSignal): Promise<string> {
  return (await request(url, { signal: signal ?? null })).text();
}

export async function getJson<T>(url: string, signal?: AbortSignal): Promise<T> {
  return (await (await request(url, { signal: signal ?? null })).json()) as T;
}
