/**
 * The runs of a project in groups, level below level. Counts and means come from the server; the groups, and the runs of an open one, are
 * read as they come in sight.
 */

import { SvelteMap } from "svelte/reactivity";
import { getGroups, getRuns } from "../api/client";
import type { RunGroup, RunSummary } from "../api/types";
import { groupLabel, pathOf, spanAt, spansOf, type Level, type Span, type TableRow } from "../model/groups";
import type { ListQuery } from "./listQuery";
import { PagedList } from "./pagedList.svelte";

/** Live changes are read at most this often. */
const CALM_MS = 5000;

export interface GroupQuestion {
  list: ListQuery;
  /** Fields to group by, the outermost first. */
  by: readonly string[];
  /** Columns whose mean is wanted. */
  numbers: readonly string[];
}

type Inside = { kind: "groups"; list: PagedList<RunGroup> } | { kind: "runs"; list: PagedList<RunSummary> };

export class GroupTree {
  private question = $state.raw<GroupQuestion | null>(null);
  /** What is inside each group that was looked at, by its path; the outermost groups are inside "". */
  private readonly levels = new SvelteMap<string, Inside>();
  private sight: [number, number] = [0, 0];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastRead_ms = 0;

  private readonly by = $derived(this.question?.by ?? []);
  private readonly spans = $derived<Span[]>(
    this.by.length === 0
      ? []
      : spansOf(
          this.by.length,
          (path) => this.known(path),
          (path) => this.isOpen(path),
        ),
  );
  readonly rowCount = $derived.by(() => {
    const last = this.isLoading ? undefined : this.spans.at(-1);
    return last === undefined ? 0 : last.start + last.count;
  });
  /** The runs that have been read, in the order of the table. */
  readonly loadedRuns = $derived(this.spans.flatMap((span) => this.runsIn(span)));

  constructor(
    private readonly project: string,
    private readonly isOpen: (path: string) => boolean,
  ) {}

  get isLoading(): boolean {
    return (this.levels.get("")?.list.total ?? null) === null;
  }

  /** How many runs match; null: nobody has said yet. */
  get runTotal(): number | null {
    return this.levels.get("")?.list.runTotal ?? null;
  }

  get error(): Error | null {
    return this.levels.get("")?.list.error ?? null;
  }

  /** Asks another question; null: nothing is grouped, forget what was read. */
  setQuestion(question: GroupQuestion | null): void {
    if (JSON.stringify(question) === JSON.stringify(this.question)) return;
    const isOther = question?.by.join() !== this.question?.by.join();
    this.question = question;
    if (isOther) {
      this.levels.clear();
      this.sight = [0, 0];
    }
    this.reload();
  }

  /** Reads again what is in sight; the rest when it comes in sight. */
  reload(): void {
    this.stop();
    if (this.question === null) return;
    this.lastRead_ms = Date.now();
    for (const level of this.levels.values()) level.list.invalidate();
    this.inside([], "").list.reload();
    this.ensure(...this.sight);
  }

  /** Reads again soon: something changed on the server. */
  refresh(): void {
    if (this.question === null || this.timer !== undefined) return;
    this.timer = setTimeout(() => this.reload(), Math.max(0, this.lastRead_ms + CALM_MS - Date.now()));
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  /** The rows from..to are in sight: reads what is missing. */
  ensure(from: number, to: number): void {
    this.sight = [from, to];
    for (const span of this.spans) {
      const [first, last] = [Math.max(from, span.start), Math.min(to, span.start + span.count - 1)];
      if (first > last) continue;
      this.inside(span.keys, pathOf(span.keys)).list.ensure(
        span.from + first - span.start,
        span.from + last - span.start,
      );
    }
  }

  rowAt(index: number): TableRow | undefined {
    const span = spanAt(this.spans, index);
    const inside = span && this.levels.get(pathOf(span.keys));
    if (inside === undefined) return undefined;
    const row = inside.list.row(span!.from + index - span!.start);
    if (row === undefined) return undefined;
    const depth = span!.keys.length;
    if (inside.kind === "runs") return { kind: "run", run: row as RunSummary, depth };
    const group = row as RunGroup;
    const keys = [...span!.keys, group.key];
    const path = pathOf(keys);
    const values = [...span!.values, group.value];
    const node = { group, path, keys, values, depth, field: this.by[depth], label: groupLabel(group.value) };
    return { kind: "group", node, isOpen: this.isOpen(path) };
  }

  private known(path: string): Level | undefined {
    const inside = this.levels.get(path);
    return inside && { total: inside.list.total, groups: inside.kind === "groups" ? inside.list.loaded : [] };
  }

  private runsIn(span: Span): RunSummary[] {
    const inside = this.levels.get(pathOf(span.keys));
    return inside?.kind === "runs" ? inside.list.loaded.map(([, run]) => run) : [];
  }

  /** What is inside a group, made when it is first looked at. */
  private inside(keys: readonly string[], path: string): Inside {
    let found = this.levels.get(path);
    if (found === undefined) {
      found =
        keys.length === this.by.length
          ? { kind: "runs", list: new PagedList((offset, limit) => this.readRuns(keys, offset, limit)) }
          : { kind: "groups", list: new PagedList((offset, limit) => this.readGroups(keys, offset, limit)) };
      this.levels.set(path, found);
    }
    return found;
  }

  private async readRuns(keys: readonly string[], offset: number, limit: number) {
    const page = await getRuns(this.project, { ...this.place(keys), offset, limit });
    return { total: page.total, rows: page.runs };
  }

  private async readGroups(keys: readonly string[], offset: number, limit: number) {
    const { columns: _, ...place } = this.place(keys);
    const numbers = this.question?.numbers.join(",");
    const page = await getGroups(this.project, { ...place, numbers, offset, limit });
    return { total: page.total, rows: page.groups, runTotal: page.run_total };
  }

  /** The query for what is inside a group. */
  private place(keys: readonly string[]): ListQuery {
    const inside = keys.length === 0 ? undefined : JSON.stringify(keys);
    return { ...this.question?.list, group_by: this.by.join(","), in_group: inside };
  }
}
