/** What the page of a project shows: query, columns and eyes from the address bar; rows, columns and keys from the server. */

import { getColumns, getKeys } from "../api/client";
import type { Column, MetricKey, RunSummary } from "../api/types";
import { bestOrder } from "../model/best";
import { allColumns, cellValue, columnsOf, defaultColumns, type TableColumn } from "../model/columns";
import {
  decodeFilter,
  encodeFilter,
  fieldKind,
  toMongo,
  type Condition,
  type Filter,
  type Kind,
} from "../model/filter";
import { ALL_OPEN, groupPath, groupPaths, groupRuns, tableRows, type RunGroup, type TableRow } from "../model/groups";
import type { RunColor } from "../model/palette";
import { DEFAULT_ORDER, encodeOrder, parseOrder, toggleSort, type Sort } from "../model/sort";
import { arrange } from "../model/tableLayout";
import type { PanelRun } from "../panels/context";
import { AllRuns, readAllRuns, type ListQuery } from "./allRuns.svelte";
import { BestRun } from "./bestRun.svelte";
import { colors } from "./colors.svelte";
import { Resource } from "./resource.svelte";
import { router } from "./router.svelte";
import { RunList } from "./runList.svelte";
import { Selection } from "./selection.svelte";
import { TableLayout } from "./tableLayout.svelte";

export const CHARTED_CHOICES = [5, 10, 20, 50, 100];
const DEFAULT_CHARTED = 10;

export class Workspace {
  readonly list: RunList;
  readonly all: AllRuns;
  readonly layout: TableLayout;
  readonly selection = new Selection();
  readonly columnList = new Resource<Column[]>();
  readonly keyList = new Resource<MetricKey[]>();
  readonly bestRun: BestRun;

  readonly search = $derived(router.query.get("q") ?? "");
  readonly filter = $derived(decodeFilter(router.query));
  readonly archived = $derived(router.query.get("archived") === "1");
  readonly sorts = $derived(parseOrder(router.query.get("sort") ?? DEFAULT_ORDER));
  readonly hidden = $derived(names("hide"));
  readonly charted = $derived(Number(router.query.get("show")) || DEFAULT_CHARTED);
  /** Fields to group by, the outermost first; groups that are open; groups whose eye is closed. */
  readonly groupFields = $derived([...names("group")]);
  readonly open = $derived(names("open"));
  readonly hiddenGroups = $derived(names("hidegroup"));
  /** The field whose values have a colour each; null: every run has its own. */
  readonly colorField = $derived(router.query.get("color"));

  /** Columns of the runs that came first: known before the server's list of all columns, which takes longer. */
  private early = $state.raw<Column[]>([]);

  private readonly known = $derived(this.columnList.value ?? this.early);
  readonly choices = $derived(allColumns(this.known));
  readonly shownNames = $derived.by(() => this.layout.chosen ?? defaultColumns(this.early));
  readonly columns = $derived.by(() => {
    const found = this.shownNames
      .map((name) => this.choices.find((column) => column.name === name))
      .filter((column): column is TableColumn => column !== undefined);
    return arrange(found, this.layout.pinned, this.layout.widths);
  });

  readonly isGrouped = $derived(this.groupFields.length > 0);
  readonly groups = $derived.by<RunGroup[]>(() =>
    this.isGrouped ? groupRuns(this.all.resource.value ?? [], this.groupFields) : [],
  );
  private readonly groupedRows = $derived(tableRows(this.groups, this.open));
  readonly rowCount = $derived.by(() => (this.isGrouped ? this.groupedRows.length : (this.list.total ?? 0)));

  /** The runs whose charts are drawn: the first ones of the list whose eye is open. */
  readonly chartedRuns = $derived.by(() => {
    const runs = this.isGrouped ? (this.all.resource.value ?? []) : this.list.first;
    const charted: RunSummary[] = [];
    for (const run of runs) {
      if (charted.length >= this.charted) break;
      if (!this.isHidden(run)) charted.push(run);
    }
    return charted;
  });
  readonly panelRuns = $derived<PanelRun[]>(
    this.chartedRuns.map((run) => ({ id: run.id, name: run.name, color: this.colorOf(run) })),
  );
  readonly chartedIds = $derived(new Set(this.chartedRuns.map((run) => run.id)));

  readonly best = $derived(
    bestOrder(router.query.get("best"), this.columns, (metric) => {
      return this.keyList.value?.find((key) => key.key === metric)?.goal;
    }),
  );

  constructor(readonly project: string) {
    this.list = new RunList(project);
    this.all = new AllRuns(project);
    this.layout = new TableLayout(project);
    this.bestRun = new BestRun(project);
  }

  readonly kindOf = (field: string): Kind => fieldKind(field, this.known.find((column) => column.name === field)?.kind);

  /** Settles the columns that are shown until the user chooses others: as soon as there are results to show. */
  look(runs: readonly RunSummary[]): void {
    const hasResults = defaultColumns(this.early).some((name) => name.startsWith("summary."));
    if (!hasResults) this.early = columnsOf(runs);
  }

  /** The query of the list. Once columns are chosen, no other values are asked for. */
  get query(): ListQuery {
    const mongo = toMongo(this.filter, this.kindOf);
    return {
      filter: mongo === null ? undefined : JSON.stringify(mongo),
      search: this.search || undefined,
      order: encodeOrder(this.sorts) || undefined,
      columns: this.layout.chosen === null ? undefined : this.valueColumns,
      archived: this.archived || undefined,
    };
  }

  /** The query for all runs at once, while they are grouped. */
  get groupQuery(): ListQuery | null {
    return this.isGrouped ? { ...this.query, columns: this.valueColumns } : null;
  }

  /** The values that the table shows, groups by and colours by. */
  private get valueColumns(): string {
    const fields = [...this.shownNames, ...this.groupFields, ...(this.colorField ? [this.colorField] : [])];
    const values = [...new Set(fields)].filter((name) => /^(config|summary)\./.test(name));
    // Asking for no column at all would mean "all small values".
    return values.join(",") || "config._none";
  }

  loadColumns(): Promise<void> {
    return this.columnList.load(async (signal) => (await getColumns(this.project, signal)).columns);
  }

  loadKeys(runs: readonly string[]): Promise<void> {
    return this.keyList.load(async (signal) => (await getKeys(this.project, runs, signal)).keys);
  }

  /** Whether search or filters leave runs out. */
  get isNarrowed(): boolean {
    return this.search !== "" || this.query.filter !== undefined;
  }

  /** Reads again what is shown: after an edit. */
  reload(): void {
    this.list.reload();
    this.all.reload();
  }

  /** Something changed on the server: the list at once, what is costly a little later. */
  refresh(): void {
    if (this.list.total === null) return;
    this.list.reload();
    this.all.refresh();
    this.bestRun.refresh();
  }

  /** Forgets what it was about to read. */
  stop(): void {
    this.all.stop();
    this.bestRun.stop();
  }

  rowAt(index: number): TableRow | undefined {
    if (this.isGrouped) return this.groupedRows[index];
    const run = this.list.row(index);
    return run && { kind: "run", run, depth: 0 };
  }

  /** The runs that have been read, in the order of the list. */
  get loadedRuns(): RunSummary[] {
    if (this.isGrouped) return this.groupedRows.flatMap((row) => (row.kind === "run" ? [row.run] : []));
    return this.list.loaded;
  }

  /** All runs that match, with the values that are shown. */
  readAll(): Promise<RunSummary[]> {
    return readAllRuns(this.project, { ...this.query, columns: this.valueColumns });
  }

  setSearch(text: string): void {
    router.set({ q: text });
  }

  setFilter(filter: Filter): void {
    router.set({ ...encodeFilter(filter) });
  }

  addCondition(condition: Condition): void {
    this.setFilter({ ...this.filter, conditions: [...this.filter.conditions, condition] });
  }

  clearFilters(): void {
    router.set({ q: null, f: null, fg: null, any: null });
  }

  setArchived(shown: boolean): void {
    router.set({ archived: shown ? "1" : null });
  }

  sortBy(field: string, extend: boolean): void {
    this.setSorts(toggleSort(this.sorts, field, extend));
  }

  setSorts(sorts: readonly Sort[]): void {
    const text = encodeOrder(sorts);
    router.set({ sort: text === DEFAULT_ORDER ? null : text });
  }

  setGroupFields(fields: readonly string[]): void {
    router.set({ group: fields.join(","), open: null, hidegroup: null });
  }

  setColorField(field: string | null): void {
    router.set({ color: field });
  }

  setBest(order: string | null): void {
    router.set({ best: order });
  }

  toggleGroup(group: RunGroup): void {
    const open = new Set(this.open.has(ALL_OPEN) ? groupPaths(this.groups) : this.open);
    if (!open.delete(group.path)) open.add(group.path);
    router.set({ open: [...open].join(",") });
  }

  openAll(isOpen: boolean): void {
    router.set({ open: isOpen ? ALL_OPEN : null });
  }

  setCharted(count: number): void {
    router.set({ show: count === DEFAULT_CHARTED ? null : String(count) });
  }

  isHidden(run: RunSummary): boolean {
    if (this.hidden.has(run.id)) return true;
    return this.hiddenGroups.size > 0 && this.isGroupHidden(groupPath(run, this.groupFields));
  }

  /** Whether the eye of the group, or of one around it, is closed. */
  isGroupHidden(path: string): boolean {
    return [...this.hiddenGroups].some((hidden) => path === hidden || path.startsWith(hidden + "/"));
  }

  toggleGroupEye(group: RunGroup): void {
    const hidden = new Set(this.hiddenGroups);
    if (!hidden.delete(group.path)) hidden.add(group.path);
    router.set({ hidegroup: [...hidden].join(",") });
  }

  toggleEye(run: RunSummary): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(run.id)) hidden.add(run.id);
    router.set({ hide: [...hidden].join(",") });
  }

  showAll(): void {
    router.set({ hide: null, hidegroup: null });
  }

  /** All eyes open, or only this one. */
  showOnly(run: RunSummary): void {
    const others = this.chartedRuns.concat(this.list.first).filter((other) => other.id !== run.id);
    const isAlone = this.chartedRuns.length === 1 && this.chartedIds.has(run.id);
    router.set({ hide: isAlone ? null : [...new Set(others.map((other) => other.id))].join(",") });
  }

  /** Under what name the colour of a run is remembered: its own, or that of the value it is coloured by. */
  colorKey(run: RunSummary): string {
    return this.colorField === null ? run.id : `${this.colorField}=${groupPath(run, [this.colorField])}`;
  }

  colorOf(run: RunSummary): RunColor {
    return colors.of(this.project, this.colorKey(run));
  }

  value(run: RunSummary, column: TableColumn): unknown {
    return cellValue(run, column.name);
  }
}

/** A comma list in the address bar. */
function names(parameter: string): Set<string> {
  return new Set((router.query.get(parameter) ?? "").split(",").filter(Boolean));
}
