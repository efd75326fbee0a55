/** Config and summary values of runs, for panels that compare them. Panels that ask the same question share one answer. */

import { getRuns, type RunQuery } from "../api/client";
import type { RunSummary } from "../api/types";

const MOST_ANSWERS = 12;
/** The server's limit for one page of runs. */
const MOST_RUNS = 10_000;

export interface RunTableQuery {
  project: string;
  /** Only these; undefined: all that match. */
  ids?: readonly string[];
  filter?: string;
  search?: string;
  /** Comma list such as `config.lr,summary.loss`; undefined: all small values. */
  columns?: string;
  /** Another number asks anew. */
  version: number;
}

const answers = new Map<string, Promise<RunSummary[]>>();

export function loadRunTable(query: RunTableQuery): Promise<RunSummary[]> {
  const id = JSON.stringify(query);
  let answer = answers.get(id);
  if (answer === undefined) {
    answer = getRuns(query.project, listQuery(query)).then((page) => page.runs);
    answers.set(id, answer);
    answer.catch(() => answers.delete(id));
    for (const old of answers.keys()) {
      if (answers.size <= MOST_ANSWERS) break;
      answers.delete(old);
    }
  }
  return answer;
}

function listQuery({ ids, filter, search, columns }: RunTableQuery): RunQuery {
  const only = ids === undefined ? filter : JSON.stringify({ id: { $in: ids } });
  return { filter: only, search, columns, limit: MOST_RUNS };
}
