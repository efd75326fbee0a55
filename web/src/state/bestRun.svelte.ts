/** Which of all the runs that match is the best one. Live changes are asked about at most every few seconds. */

import { getRuns } from "../api/client";
import { encodeOrder, type Sort } from "../model/sort";
import type { ListQuery } from "./listQuery";
import { Resource } from "./resource.svelte";

const CALM_MS = 5000;
/** The question looks at every run: the list, which is asked for at the same moment, goes first. */
const LIST_FIRST_MS = 200;
/** Infinities are no good results, and runs without a value have none. */
const HUGE = 1e308;

export class BestRun {
  private readonly resource = new Resource<string | null>();
  private asked: [ListQuery, Sort] | null = null;
  private key = "";
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** The id of the run; null when nobody can say, or there is only one to choose from. */
  readonly id = $derived(this.resource.value ?? null);

  constructor(private readonly project: string) {}

  ask(query: ListQuery, best: Sort | null): void {
    const key = JSON.stringify([query.filter, query.search, query.archived, best]);
    if (key === this.key) return;
    this.key = key;
    this.asked = best === null ? null : [query, best];
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), LIST_FIRST_MS);
  }

  /** Asks again soon: something changed on the server. */
  refresh(): void {
    this.timer ??= setTimeout(() => this.load(), CALM_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private load(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const asked = this.asked;
    void this.resource.load((signal) => (asked === null ? Promise.resolve(null) : this.read(...asked, signal)));
  }

  private async read(query: ListQuery, best: Sort, signal: AbortSignal): Promise<string | null> {
    const finite = { [best.field]: { $gte: -HUGE, $lte: HUGE } };
    const filter = query.filter === undefined ? finite : { $and: [JSON.parse(query.filter), finite] };
    const only = { filter: JSON.stringify(filter), order: encodeOrder([best]), columns: "config._none", limit: 1 };
    const page = await getRuns(this.project, { ...query, ...only }, signal);
    return page.total > 1 ? page.runs[0].id : null;
  }
}
