/** Which runs a page lists, and reading all of them. */

import { getRuns, type RunQuery } from "../api/client";
import type { RunSummary } from "../api/types";

/** The server's limit for one page of runs. */
const PAGE = 10_000;

export type ListQuery = Pick<
  RunQuery,
  "filter" | "search" | "order" | "columns" | "archived" | "group_by" | "in_group" | "out_of_groups"
>;

/** All runs that match, in few large pages. */
export async function readAllRuns(project: string, query: ListQuery): Promise<RunSummary[]> {
  const runs: RunSummary[] = [];
  for (;;) {
    const page = await getRuns(project, { ...query, offset: runs.length, limit: PAGE });
    runs.push(...page.runs);
    if (page.runs.length === 0 || runs.length >= page.total) return runs;
  }
}
