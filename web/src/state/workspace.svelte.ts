/** What the page of a project shows: query, columns and eyes from the address bar; rows, columns and keys from the server. */

import { getColumns, getKeys } from "../api/client";
import type { Column, MetricKey, RunSummary } from "../api/types";
import { allColumns, cellValue, columnsOf, defaultColumns, type TableColumn } from "../model/columns";
import { decodeFilter, encodeFilter, fieldKind, toMongo, type Filter, type Kind } from "../model/filter";
import { DEFAULT_ORDER, encodeOrder, parseOrder, toggleSort, type Sort } from "../model/sort";
import type { PanelRun } from "../panels/context";
import { colors } from "./colors.svelte";
import { Resource } from "./resource.svelte";
import { router } from "./router.svelte";
import { RunList } from "./runList.svelte";
import { readStored, writeStored } from "./stored";

export const CHARTED_CHOICES = [5, 10, 20, 50, 100];
const DEFAULT_CHARTED = 10;

export class Workspace {
  readonly list: RunList;
  readonly columnList = new Resource<Column[]>();
  readonly keyList = new Resource<MetricKey[]>();

  readonly search = $derived(router.query.get("q") ?? "");
  readonly filter = $derived(decodeFilter(router.query.getAll("f"), router.query.get("any") === "1"));
  readonly sorts = $derived(parseOrder(router.query.get("sort") ?? DEFAULT_ORDER));
  readonly hidden = $derived(new Set((router.query.get("hide") ?? "").split(",").filter(Boolean)));
  readonly charted = $derived(Number(router.query.get("show")) || DEFAULT_CHARTED);

  private stored = $state.raw<string[] | null>(null);
  /** Columns of the runs that came first: known before the server's list of all columns, which takes longer. */
  private early = $state.raw<Column[]>([]);

  private readonly known = $derived(this.columnList.value ?? this.early);
  readonly choices = $derived(allColumns(this.known));
  /** What the user chose, here or in the address; null: nothing yet. */
  private readonly chosen = $derived(router.query.get("cols")?.split(",").filter(Boolean) ?? this.stored);
  readonly shownNames = $derived(this.chosen ?? defaultColumns(this.early));
  readonly columns = $derived(
    this.shownNames
      .map((name) => this.choices.find((column) => column.name === name))
      .filter((column): column is TableColumn => column !== undefined),
  );

  /** The runs whose charts are drawn: the first ones of the list whose eye is open. */
  readonly chartedRuns = $derived.by(() =>
    this.list.first.filter((run) => !this.hidden.has(run.id)).slice(0, this.charted),
  );
  readonly panelRuns = $derived<PanelRun[]>(
    this.chartedRuns.map((run) => ({ id: run.id, name: run.name, color: colors.of(this.project, run.id) })),
  );
  readonly chartedIds = $derived(new Set(this.chartedRuns.map((run) => run.id)));

  constructor(readonly project: string) {
    this.list = new RunList(project);
    this.stored = readStored<string[] | null>("columns." + project, null);
  }

  readonly kindOf = (field: string): Kind => fieldKind(field, this.known.find((column) => column.name === field)?.kind);

  /** Settles the columns that are shown until the user chooses others: as soon as there are results to show. */
  look(runs: readonly RunSummary[]): void {
    const hasResults = defaultColumns(this.early).some((name) => name.startsWith("summary."));
    if (!hasResults) this.early = columnsOf(runs);
  }

  /** The query of the list. Once columns are chosen, no other values are asked for. */
  get query() {
    const mongo = toMongo(this.filter, this.kindOf);
    const values = this.chosen?.filter((name) => /^(config|summary)\./.test(name));
    return {
      filter: mongo === null ? undefined : JSON.stringify(mongo),
      search: this.search || undefined,
      order: encodeOrder(this.sorts) || undefined,
      // Asking for no column at all would mean "all small values".
      columns: values === undefined ? undefined : values.join(",") || "config._none",
    };
  }

  loadColumns(): Promise<void> {
    return this.columnList.load(async (signal) => (await getColumns(this.project, signal)).columns);
  }

  loadKeys(runs: readonly string[]): Promise<void> {
    return this.keyList.load(async (signal) => (await getKeys(this.project, runs, signal)).keys);
  }

  setSearch(text: string): void {
    router.set({ q: text });
  }

  setFilter(filter: Filter): void {
    router.set({ f: encodeFilter(filter), any: filter.any ? "1" : null });
  }

  sortBy(field: string, extend: boolean): void {
    this.setSorts(toggleSort(this.sorts, field, extend));
  }

  setSorts(sorts: readonly Sort[]): void {
    const text = encodeOrder(sorts);
    router.set({ sort: text === DEFAULT_ORDER ? null : text });
  }

  setColumns(names: readonly string[]): void {
    this.stored = [...names];
    writeStored("columns." + this.project, names);
    router.set({ cols: names.join(",") });
  }

  setCharted(count: number): void {
    router.set({ show: count === DEFAULT_CHARTED ? null : String(count) });
  }

  toggleEye(run: RunSummary): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(run.id)) hidden.add(run.id);
    router.set({ hide: [...hidden].join(",") });
  }

  /** All eyes open, or only this one. */
  showOnly(run: RunSummary): void {
    const others = this.list.first.filter((other) => other.id !== run.id).map((other) => other.id);
    const isAlone = this.chartedRuns.length === 1 && this.chartedIds.has(run.id);
    router.set({ hide: isAlone ? null : others.join(",") });
  }

  value(run: RunSummary, column: TableColumn): unknown {
    return cellValue(run, column.name);
  }
}
