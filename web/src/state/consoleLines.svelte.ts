/** The console output of a run, read in blocks; while it grows only the end is read again. */

import { getConsole } from "../api/client";
import type { ConsoleLine } from "../api/types";

const BLOCK = 500;

export class ConsoleLines {
  total = $state<number | null>(null);
  error = $state.raw<Error | null>(null);
  private blocks = $state.raw(new Map<number, ConsoleLine[]>());
  /** All found lines, while a search is on. */
  private found = $state.raw<ConsoleLine[] | null>(null);
  private needle = "";
  private loading = new Set<number>();

  constructor(
    private readonly project: string,
    private readonly run: string,
  ) {}

  line(index: number): ConsoleLine | undefined {
    if (this.found !== null) return this.found[index];
    return this.blocks.get(Math.floor(index / BLOCK))?.[index % BLOCK];
  }

  /** Reads what was added, or searches again. */
  async refresh(): Promise<void> {
    if (this.needle !== "") return this.search(this.needle);
    const last = this.total === null ? 0 : Math.floor(Math.max(0, this.total - 1) / BLOCK);
    await this.read(last);
    if (this.total !== null) await this.read(Math.floor(Math.max(0, this.total - 1) / BLOCK));
  }

  async ensure(from: number, to: number): Promise<void> {
    if (this.found !== null) return;
    for (let block = Math.floor(from / BLOCK); block <= Math.floor(to / BLOCK); block++) {
      if (!this.blocks.has(block)) await this.read(block);
    }
  }

  async search(needle: string): Promise<void> {
    this.needle = needle.trim();
    if (this.needle === "") {
      this.found = null;
      this.total = null;
      return this.refresh();
    }
    await this.guard(async () => {
      const page = await getConsole(this.project, this.run, { search: this.needle, limit: 5000 });
      if (this.needle !== needle.trim()) return;
      this.found = page.lines;
      this.total = page.lines.length;
    });
  }

  private async read(block: number): Promise<void> {
    if (this.loading.has(block)) return;
    this.loading.add(block);
    await this.guard(async () => {
      // `after` is the number of the line before the first one wanted.
      const after = block * BLOCK - 1;
      const page = await getConsole(this.project, this.run, { after: after < 0 ? undefined : after, limit: BLOCK });
      if (this.found !== null) return;
      this.blocks = new Map(this.blocks).set(block, page.lines);
      this.total = page.total;
    });
    this.loading.delete(block);
  }

  private async guard(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.error = null;
    } catch (error) {
      this.error = error instanceof Error ? error : new Error(String(error));
    }
  }
}
