/**
 * A long list, read in pages as it is scrolled. When it is to be read again, the old rows stay until the new ones are there; of what is
 * out of sight nothing is read before it is looked at.
 */

export const PAGE_SIZE = 100;

export interface ListPage<T> {
  total: number;
  rows: readonly T[];
  /** Where the rows are groups of runs: how many runs they hold. */
  runTotal?: number;
}

export class PagedList<T> {
  total = $state<number | null>(null);
  runTotal = $state<number | null>(null);
  error = $state.raw<Error | null>(null);
  private pages = $state.raw(new Map<number, readonly T[]>());
  private wanted: [number, number] = [0, 0];
  private generation = 0;
  private isStale = false;
  private readonly loading = new Set<number>();

  /** The rows that have been read, with their places, in order. */
  readonly loaded = $derived.by(() =>
    [...this.pages]
      .sort(([a], [b]) => a - b)
      .flatMap(([page, rows]) => rows.map((row, at) => [page * PAGE_SIZE + at, row] as const)),
  );

  constructor(private readonly read: (offset: number, limit: number) => Promise<ListPage<T>>) {}

  row(index: number): T | undefined {
    return this.pages.get(Math.floor(index / PAGE_SIZE))?.[index % PAGE_SIZE];
  }

  /** The rows of the first page. */
  get first(): readonly T[] {
    return this.pages.get(0) ?? [];
  }

  /** Reads again what is in sight. */
  reload(): void {
    this.invalidate();
    this.isStale = false;
    void this.fetch([...new Set([0, ...pageRange(...this.wanted)])], true);
  }

  /** Forgets what is on its way, and reads again as soon as rows are looked at. */
  invalidate(): void {
    this.generation += 1;
    this.loading.clear();
    this.isStale = true;
  }

  /** Forgets where it was looked at: the list is about to be another one. */
  toTop(): void {
    this.wanted = [0, 0];
  }

  /** The rows from..to are in sight: reads what is missing. */
  ensure(from: number, to: number): void {
    this.wanted = [from, to];
    if (this.isStale) return this.reload();
    const missing = pageRange(from, to).filter((page) => !this.pages.has(page) && !this.loading.has(page));
    if (missing.length > 0) void this.fetch(missing, false);
  }

  private async fetch(pages: number[], isFresh: boolean): Promise<void> {
    const generation = this.generation;
    for (const page of pages) this.loading.add(page);
    try {
      const answers = await Promise.all(pages.map((page) => this.read(page * PAGE_SIZE, PAGE_SIZE)));
      if (generation !== this.generation) return;
      const next = isFresh ? new Map<number, readonly T[]>() : new Map(this.pages);
      answers.forEach((answer, index) => next.set(pages[index], answer.rows));
      this.pages = next;
      this.total = answers[0].total;
      this.runTotal = answers[0].runTotal ?? null;
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
