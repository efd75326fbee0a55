/** All runs that match a query, read in few large pages: what grouping needs. Read only while something is grouped. */

import { getRuns, type RunQuery } from "../api/client";
import type { RunSummary } from "../api/types";
import { Resource } from "./resource.svelte";

const PAGE = 10_000;
/** Live changes of a large list are read at most this often. */
const CALM_MS = 5000;

export type ListQuery = Pick<RunQuery, "filter" | "search" | "order" | "columns" | "archived">;

export async function readAllRuns(project: string, query: ListQuery, signal?: AbortSignal): Promise<RunSummary[]> {
  const runs: RunSummary[] = [];
  for (;;) {
    const page = await getRuns(project, { ...query, offset: runs.length, limit: PAGE }, signal);
    runs.push(...page.runs);
    if (page.runs.length === 0 || runs.length >= page.total) return runs;
  }
}

export class AllRuns {
  readonly resource = new Resource<RunSummary[]>();
  private query: ListQuery | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastRead_ms = 0;

  constructor(private readonly project: string) {}

  /** Asks another question; null: nothing is grouped, forget what was read. */
  setQuery(query: ListQuery | null): void {
    if (JSON.stringify(query) === JSON.stringify(this.query)) return;
    this.query = query;
    if (query === null) this.resource.clear();
    else this.reload();
  }

  reload(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const query = this.query;
    if (query === null) return;
    this.lastRead_ms = Date.now();
    void this.resource.load((signal) => readAllRuns(this.project, query, signal));
  }

  /** Reads again soon: something changed on the server. */
  refresh(): void {
    if (this.query === null || this.timer !== undefined) return;
    this.timer = setTimeout(() => this.reload(), Math.max(0, this.lastRead_ms + CALM_MS - Date.now()));
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}
