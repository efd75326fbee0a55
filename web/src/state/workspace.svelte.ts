/** What the page of a project shows: query, columns and eyes from the address bar; rows, columns and keys from the server. */

import { getColumns, getKeys } from "../api/client";
import type { Column, MetricKey, RunSummary, Value } from "../api/types";
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
import { ALL_OPEN, groupLabel, groupValue, isInGroup, keysOf, type GroupNode, type TableRow } from "../model/groups";
import type { RunColor } from "../model/palette";
import { DEFAULT_ORDER, encodeOrder, parseOrder, toggleSort, type Sort } from "../model/sort";
import { arrange } from "../model/tableLayout";
import type { PanelRun } from "../panels/context";
import { BestRun } from "./bestRun.svelte";
import { colors } from "./colors.svelte";
import { GroupTree, type GroupQuestion } from "./groupTree.svelte";
import { readAllRuns, type ListQuery } from "./listQuery";
import { live } from "./live.svelte";
import { Resource } from "./resource.svelte";
import { router } from "./router.svelte";
import { RunList } from "./runList.svelte";
import { Selection } from "./selection.svelte";
import { TableLayout } from "./tableLayout.svelte";

export const CHARTED_CHOICES = [5, 10, 20, 50, 100];
const DEFAULT_CHARTED = 10;
/** Columns whose mean a group shows, and how many of them the server takes. */
const NUMBER_KINDS = ["number", "duration", "time"];
const MOST_NUMBERS = 64;

export class Workspace {
  readonly list: RunList;
  readonly tree: GroupTree;
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
  readonly charted = $derived(
    Math.min(
      Math.max(...CHARTED_CHOICES),
      Math.max(1, Math.floor(Number(router.query.get("show"))) || DEFAULT_CHARTED),
    ),
  );
  /** Fields to group by, the outermost first; groups that are open, or closed while all others are open; groups whose eye is closed. */
  readonly groupFields = $derived([...names("group")]);
  readonly open = $derived(names("open"));
  readonly shut = $derived(names("shut"));
  readonly hiddenGroups = $derived(names("hidegroup"));
  /** The field whose values have a colour each; null: every run has its own. */
  readonly colorField = $derived(router.query.get("color"));

  /** Columns of the runs that came first: known before the server's list of all columns, which takes longer. */
  private early = $state.raw<Column[]>([]);
  private askedKeys = "";

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
  readonly rowCount = $derived.by(() => (this.isGrouped ? this.tree.rowCount : (this.list.total ?? 0)));
  /** How many runs match; null: nobody has said yet. */
  readonly total = $derived.by(() => (this.isGrouped ? this.tree.runTotal : this.list.total));

  /** The runs whose charts are drawn: the first ones of the list whose eye is open. */
  readonly chartedRuns = $derived.by(() => this.chartedOf(this.list.first));
  readonly panelRuns = $derived<PanelRun[]>(
    this.chartedRuns.map((run) => ({ id: run.id, name: run.name, color: this.colorOf(run) })),
  );
  /** Which runs the page lists, for panels that compare more than are charted. */
  readonly panelQuery = $derived.by(() => {
    const { filter, search } = this.allQuery;
    return { filter, search };
  });
  readonly chartedIds = $derived(new Set(this.chartedRuns.map((run) => run.id)));

  readonly best = $derived(
    bestOrder(router.query.get("best"), this.columns, (metric) => {
      return this.keyList.value?.find((key) => key.key === metric)?.goal;
    }),
  );

  /** Why there is nothing to show. */
  get failure(): Error | null {
    if (this.list.total === null) return this.list.error;
    return this.isGrouped && this.tree.isLoading ? this.tree.error : null;
  }

  constructor(readonly project: string) {
    this.list = new RunList(project, (runs) => {
      const ids = this.chartedOf(runs).map((run) => run.id);
      if (ids.length > 0) this.askKeys(ids, live.keysVersion(project));
    });
    this.tree = new GroupTree(project, (path) => this.isOpen(path));
    this.layout = new TableLayout(project);
    this.bestRun = new BestRun(project);
  }

  readonly kindOf = (field: string): Kind => fieldKind(field, this.known.find((column) => column.name === field)?.kind);

  /** Settles the columns that are shown until the user chooses others: as soon as there are results to show. */
  look(runs: readonly RunSummary[]): void {
    const hasResults = defaultColumns(this.early).some((name) => name.startsWith("summary."));
    if (!hasResults) this.early = columnsOf(runs);
  }

  /** The query of the list: the runs that the charts take theirs from, so without those of groups whose eye is closed. */
  get query(): ListQuery {
    return { ...this.allQuery, ...this.withoutHidden };
  }

  /** The query of all that matches. Once columns are chosen, no other values are asked for. */
  private get allQuery(): ListQuery {
    const mongo = toMongo(this.filter, this.kindOf);
    return {
      filter: mongo === null ? undefined : JSON.stringify(mongo),
      search: this.search || undefined,
      order: encodeOrder(this.sorts) || undefined,
      columns: this.layout.chosen === null ? undefined : this.valueColumns,
      archived: this.archived || undefined,
    };
  }

  private get withoutHidden(): ListQuery {
    const hidden = [...this.hiddenGroups].map(keysOf).filter((keys) => keys && keys.length <= this.groupFields.length);
    if (hidden.length === 0) return {};
    return { group_by: this.groupFields.join(","), out_of_groups: JSON.stringify(hidden) };
  }

  /** What is asked about groups, while runs are grouped. */
  get groupQuestion(): GroupQuestion | null {
    if (!this.isGrouped) return null;
    const numbers = this.columns.filter((column) => NUMBER_KINDS.includes(column.kind)).map((column) => column.name);
    return { list: this.allQuery, by: this.groupFields, numbers: numbers.slice(0, MOST_NUMBERS) };
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

  /** Reads the metrics of the runs; another version asks anew. What is on its way, or has come, is not asked again. */
  askKeys(runs: readonly string[], version: number): void {
    const asked = JSON.stringify([runs, version]);
    if (asked === this.askedKeys) return;
    this.askedKeys = asked;
    void this.keyList
      .load(async (signal) => (await getKeys(this.project, runs, signal)).keys)
      .then(() => {
        if (this.keyList.error !== undefined) this.askedKeys = "";
      });
  }

  /** Those of the first runs of the list that are charted. */
  private chartedOf(runs: readonly RunSummary[]): RunSummary[] {
    return runs.filter((run) => !this.hidden.has(run.id)).slice(0, this.charted);
  }

  /** Whether search or filters leave runs out. */
  get isNarrowed(): boolean {
    return this.search !== "" || this.allQuery.filter !== undefined;
  }

  /** Reads again what is shown: after an edit. */
  reload(): void {
    this.list.reload();
    this.tree.reload();
  }

  /** Something changed on the server: the list at once, what is costly a little later. */
  refresh(): void {
    if (this.list.total === null) return;
    this.list.reload();
    this.tree.refresh();
    this.bestRun.refresh();
  }

  /** Forgets what it was about to read. */
  stop(): void {
    this.tree.stop();
    this.bestRun.stop();
  }

  rowAt(index: number): TableRow | undefined {
    if (this.isGrouped) return this.tree.rowAt(index);
    const run = this.list.row(index);
    return run && { kind: "run", run, depth: 0 };
  }

  /** The runs that have been read, in the order of the list. */
  get loadedRuns(): readonly RunSummary[] {
    return this.isGrouped ? this.tree.loadedRuns : this.list.loaded.map(([, run]) => run);
  }

  /** The rows from..to of the table are in sight: reads what is missing. */
  ensure(from: number, to: number): void {
    if (this.isGrouped) this.tree.ensure(from, to);
    else this.list.ensure(from, to);
  }

  /** All runs that match, or those of a group, with the values that are shown. */
  readAll(node?: GroupNode): Promise<RunSummary[]> {
    const place = node && { group_by: this.groupFields.join(","), in_group: JSON.stringify(node.keys) };
    return readAllRuns(this.project, { ...this.allQuery, ...place, columns: this.valueColumns });
  }

  /** Those of the selected runs that are in a group. */
  selectedIn(node: GroupNode): RunSummary[] {
    return this.selection.runs.filter((run) => isInGroup(run, this.groupFields, node.values));
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
    const means = this.meansInCharts && fields[0] !== this.groupFields[0];
    router.set({ group: fields.join(","), open: null, shut: null, hidegroup: null });
    if (means) router.set({ mean: fields[0] ?? null, color: fields[0] ?? null });
  }

  /** Whether charts have one line, in one colour, for each group of the first field. */
  get meansInCharts(): boolean {
    return this.isGrouped && router.query.get("mean") === this.groupFields[0];
  }

  setMeansInCharts(joined: boolean): void {
    const field = joined ? this.groupFields[0] : null;
    router.set({ mean: field, color: field });
  }

  setColorField(field: string | null): void {
    router.set({ color: field });
  }

  setBest(order: string | null): void {
    router.set({ best: order });
  }

  isOpen(path: string): boolean {
    return this.open.has(ALL_OPEN) ? !this.shut.has(path) : this.open.has(path);
  }

  toggleGroup(path: string): void {
    if (this.open.has(ALL_OPEN)) router.set({ shut: toggled(this.shut, path) });
    else router.set({ open: toggled(this.open, path) });
  }

  openAll(isOpen: boolean): void {
    router.set({ open: isOpen ? ALL_OPEN : null, shut: null });
  }

  setCharted(count: number): void {
    router.set({ show: count === DEFAULT_CHARTED ? null : String(count) });
  }

  /** Whether the eye of the group, or of one around it, is closed. */
  isGroupHidden(path: string): boolean {
    return [...this.hiddenGroups].some((hidden) => path === hidden || path.startsWith(hidden + "/"));
  }

  toggleGroupEye(path: string): void {
    router.set({ hidegroup: toggled(this.hiddenGroups, path) });
  }

  toggleEye(run: RunSummary): void {
    router.set({ hide: toggled(this.hidden, run.id) });
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
    return this.colorField === null ? run.id : this.valueColorKey(groupValue(run, this.colorField));
  }

  /** Under what name the colour of a value is remembered. */
  valueColorKey(value: Value): string {
    return `${this.colorField}=${encodeURIComponent(groupLabel(value))}`;
  }

  colorOf(run: RunSummary): RunColor {
    return colors.of(this.project, this.colorKey(run));
  }

  value(run: RunSummary, column: TableColumn): unknown {
    return cellValue(run, column.name);
  }
}

/** The comma list with or without a name. */
function toggled(names: ReadonlySet<string>, name: string): string {
  const next = new Set(names);
  if (!next.delete(name)) next.add(name);
  return [...next].join(",");
}

/** A comma list in the address bar. */
function names(parameter: string): Set<string> {
  return new Set((router.query.get(parameter) ?? "").split(",").filter(Boolean));
}
