/** The run list of a project. A new query or a live change reads the pages in sight again. */

import { getRuns } from "../api/client";
import type { RunSummary } from "../api/types";
import type { ListQuery } from "./listQuery";
import { PagedList } from "./pagedList.svelte";

export class RunList extends PagedList<RunSummary> {
  private asked: string | null = null;
  private query: ListQuery = {};

  /** `first` hears of the first runs before they are drawn: what is to be asked about them is then on its way meanwhile. */
  constructor(project: string, first: (runs: readonly RunSummary[]) => void = () => {}) {
    super(async (offset, limit) => {
      const query = this.query;
      const page = await getRuns(project, { ...query, offset, limit });
      if (offset === 0 && query === this.query) first(page.runs);
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
