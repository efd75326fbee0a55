/**
 * The run list of a project, read in pages as it is scrolled. A new query or a live change reads the pages in sight
 * again; until the answer is there, the old rows stay.
 */

import { getRuns } from "../api/client";
import type { RunSummary } from "../api/types";
import type { ListQuery } from "./allRuns.svelte";

export const PAGE_SIZE = 100;

export class RunList {
  total = $state<number | null>(null);
  error = $state.raw<Error | null>(null);
  private pages = $state.raw(new Map<number, RunSummary[]>());
  private query: ListQuery = {};
  private wanted: [number, number] = [0, 0];
  private generation = 0;
  private loading = new Set<number>();

  constructor(private readonly project: string) {}

  row(index: number): RunSummary | undefined {
    return this.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];
  }

  /** The rows of the first page: those that are charted come from here. */
  get first(): RunSummary[] {
    return this.pages.get(0) ?? [];
  }

  /** All rows that have been read, in order. */
  get loaded(): RunSummary[] {
    return [...this.pages].sort(([a], [b]) => a - b).flatMap(([, rows]) => rows);
  }

  /** Asks another question. */
  setQuery(query: ListQuery): void {
    if (JSON.stringify(query) === JSON.stringify(this.query) && this.generation > 0) return;
    this.query = query;
    this.wanted = [0, 0];
    this.reload();
  }

  /** Reads again what is in sight. */
  reload(): void {
    this.generation += 1;
    this.loading.clear();
    const inSight = new Set([0, ...pageRange(...this.wanted)]);
    void this.fetch([...inSight], true);
  }

  /** The rows from..to are in sight: reads what is missing. */
  ensure(from: number, to: number): void {
    this.wanted = [from, to];
    const missing = pageRange(from, to).filter((page) => !this.pages.has(page) && !this.loading.has(page));
    if (missing.length > 0 && this.total !== null) void this.fetch(missing, false);
  }

  /** Takes a run's new values without asking the server: after an edit in place. */
  replace(run: RunSummary): void {
    this.pages = new Map(
      [...this.pages].map(([page, rows]) => [page, rows.map((row) => (row.id === run.id ? { ...row, ...run } : row))]),
    );
  }

  private async fetch(pages: number[], isFresh: boolean): Promise<void> {
    const generation = this.generation;
    for (const page of pages) this.loading.add(page);
    try {
      const answers = await Promise.all(
        pages.map((page) => getRuns(this.project, { ...this.query, offset: page * PAGE_SIZE, limit: PAGE_SIZE })),
      );
      if (generation !== this.generation) return;
      const next = isFresh ? new Map<number, RunSummary[]>() : new Map(this.pages);
      answers.forEach((answer, index) => next.set(pages[index], answer.runs));
      this.pages = next;
      this.total = answers[0].total;
      this.error = null;
    } catch (error) {
      if (generation === this.generation) this.error = error instanceof Error ? error : new Error(String(error));
    } finally {
      if (generation === this.generation) for (const page of pages) this.loading.delete(page);
    }
  }
}

function pageRange(from: number, to: number): number[] {
  const first = Math.floor(from / PAGE_SIZE);
  const last = Math.floor(Math.max(from, to) / PAGE_SIZE);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
