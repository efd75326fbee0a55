/** The runs that are ticked in a table. They stay ticked while one scrolls, searches and filters. */

import type { RunSummary } from "../api/types";

export class Selection {
  private chosen = $state.raw<ReadonlyMap<string, RunSummary>>(new Map());
  /** Where a range begins: the run ticked last. */
  private anchor: string | null = null;

  readonly count = $derived(this.chosen.size);
  readonly runs = $derived([...this.chosen.values()]);

  has(id: string): boolean {
    return this.chosen.has(id);
  }

  toggle(run: RunSummary): void {
    const next = new Map(this.chosen);
    if (!next.delete(run.id)) next.set(run.id, run);
    this.chosen = next;
    this.anchor = run.id;
  }

  /** Ticks all from the run ticked last to `run`, as `rows` has them in order. */
  extendTo(run: RunSummary, rows: readonly RunSummary[]): void {
    const from = rows.findIndex((row) => row.id === this.anchor);
    const to = rows.findIndex((row) => row.id === run.id);
    if (from < 0 || to < 0) return this.toggle(run);
    this.add(rows.slice(Math.min(from, to), Math.max(from, to) + 1));
  }

  add(runs: readonly RunSummary[]): void {
    this.chosen = new Map([...this.chosen, ...runs.map((run) => [run.id, run] as const)]);
  }

  remove(runs: readonly RunSummary[]): void {
    const gone = new Set(runs.map((run) => run.id));
    this.chosen = new Map([...this.chosen].filter(([id]) => !gone.has(id)));
  }

  clear(): void {
    this.chosen = new Map();
    this.anchor = null;
  }
}
