/** The run list of a project. A new query or a live change reads the pages in sight again. */

import { getRuns } from "../api/client";
import type { RunSummary } from "../api/types";
import type { ListQuery } from "./listQuery";
import { PagedList } from "./pagedList.svelte";

export class RunList extends PagedList<RunSummary> {
  private asked: string | null = null;
  private query: ListQuery = {};

  constructor(project: string) {
    super(async (offset, limit) => {
      const page = await getRuns(project, { ...this.query, offset, limit });
      return { total: page.total, rows: page.runs };
    });
  }

  /** Asks another question. */
  setQuery(query: ListQuery): void {
    const asked = JSON.stringify(query);
    if (asked === this.asked) return;
    this.asked = asked;
    this.query = query;
    this.toTop();
    this.reload();
  }
}
