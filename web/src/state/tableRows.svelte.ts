/** The rows of a table that are in sight, read in pages; a new question drops all pages, the old rows stay until the answer is there. */

import { getTablePage, type TableColumn, type TableQuestion } from "../api/tables";

const PAGE_SIZE = 200;

export class TableRows {
  columns = $state.raw<TableColumn[] | null>(null);
  /** Whether the columns are those of the table itself: of a group or comparison there are others. */
  isPlain = $state(true);
  /** Rows before the filter, and those that match. */
  rowCount = $state(0);
  total = $state(0);
  error = $state.raw<Error | null>(null);
  isLoading = $state(false);
  private pages = $state.raw(new Map<number, { rows: unknown[][]; numbers: (number | null)[] }>());
  private question: TableQuestion | null = null;
  private readonly loading = new Set<number>();
  private abort = new AbortController();

  row(index: number): { cells: unknown[]; number: number | null } | undefined {
    const page = this.pages.get(Math.floor(index / PAGE_SIZE));
    const cells = page?.rows[index % PAGE_SIZE];
    return cells === undefined ? undefined : { cells, number: page?.numbers[index % PAGE_SIZE] ?? null };
  }

  ask(question: TableQuestion): void {
    this.abort.abort();
    this.abort = new AbortController();
    this.loading.clear();
    this.question = question;
    void this.fetch(0, true);
  }

  /** The rows from..to are in sight: reads what is missing. */
  ensure(from: number, to: number): void {
    for (let page = Math.floor(from / PAGE_SIZE); page <= Math.floor(Math.max(from, to) / PAGE_SIZE); page++) {
      if (!this.pages.has(page) && !this.loading.has(page) && page * PAGE_SIZE < this.total) {
        void this.fetch(page, false);
      }
    }
  }

  private async fetch(page: number, isFresh: boolean): Promise<void> {
    if (this.question === null) return;
    const { signal } = this.abort;
    this.loading.add(page);
    if (isFresh) this.isLoading = true;
    try {
      const { question } = this;
      const answer = await getTablePage(question, page * PAGE_SIZE, PAGE_SIZE, signal);
      if (signal.aborted) return;
      const kept = isFresh ? [] : [...this.pages];
      this.pages = new Map([...kept, [page, { rows: answer.rows, numbers: answer.row_numbers }]]);
      this.columns = answer.columns;
      this.isPlain = !question.group && !question.join;
      this.rowCount = answer.row_count;
      this.total = answer.total;
      this.error = null;
    } catch (error) {
      if (signal.aborted) return;
      this.error = error instanceof Error ? error : new Error(String(error));
    } finally {
      if (!signal.aborted) {
        this.loading.delete(page);
        if (isFresh) this.isLoading = false;
      }
    }
  }
}
