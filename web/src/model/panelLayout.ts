/**
 * How the panels of a project are laid out: order, sizes, hidden ones, those that were added, and changed options. Pure: a
 * layout goes in, a new one comes out. Saved as the view `panels` of the project.
 */

import type { MetricKey } from "../api/types";
import { keyMatcher, ROOT_SECTION, sections, sectionOf } from "./sections";
import { isMap } from "./value";

/** How one panel differs from what it would show by itself; what is missing follows the bar above the charts. */
export interface PanelOptions {
  title?: string;
  /** Metrics of a line panel, each by name. */
  keys?: string[];
  /** More metrics of a line panel: all that this regular expression finds. */
  pattern?: string;
  x?: string;
  smoothing?: number;
  log?: boolean;
  logX?: boolean;
  /** Fields of runs, such as `config.lr` or `summary.loss`, that a panel over runs compares. */
  fields?: string[];
  /** The field that colours or explains. */
  target?: string;
}

export interface PanelSize {
  /** Columns of the grid. */
  span?: number;
  /** Height of the body in CSS pixels. */
  height?: number;
}

export interface AddedPanel {
  id: string;
  kind: string;
  section: string;
}

export interface Layout {
  /** Columns of the grid; 0: as many as there is room for. */
  columns: number;
  /** Ids of panels in the order of their section; those it does not name come after, in the usual order. */
  order: string[];
  hidden: string[];
  sizes: Record<string, PanelSize>;
  added: AddedPanel[];
  options: Record<string, PanelOptions>;
}

export const EMPTY_LAYOUT: Layout = { columns: 0, order: [], hidden: [], sizes: {}, added: [], options: {} };

export const MIN_HEIGHT = 120;
export const MAX_HEIGHT = 900;
export const MAX_COLUMNS = 3;

/** A panel of a page: of a key that was logged, or one that was added. */
export interface PanelItem {
  id: string;
  metric: MetricKey;
  options: PanelOptions;
  size: PanelSize;
  isAdded: boolean;
}

export interface PanelSection {
  name: string;
  items: PanelItem[];
}

export function panelId(metric: Pick<MetricKey, "key" | "kind">): string {
  return `${metric.kind}:${metric.key}`;
}

/** Reads a saved layout; parts that are no layout are left out. */
export function parseLayout(data: unknown): Layout {
  if (!isMap(data)) return EMPTY_LAYOUT;
  const texts = (value: unknown) => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
  const maps = <T>(value: unknown) => (isMap(value) ? (value as Record<string, T>) : {});
  const columns = typeof data.columns === "number" ? Math.round(data.columns) : 0;
  return {
    columns: Math.min(MAX_COLUMNS, Math.max(0, columns)),
    order: texts(data.order),
    hidden: texts(data.hidden),
    sizes: maps(data.sizes),
    added: Array.isArray(data.added) ? data.added.filter(isAddedPanel) : [],
    options: maps(data.options),
  };
}

function isAddedPanel(value: unknown): value is AddedPanel {
  return isMap(value) && [value.id, value.kind, value.section].every((part) => typeof part === "string");
}

interface LayoutQuery {
  search?: string;
  accept?: (key: MetricKey) => boolean;
}

/** The panels to show, by section and in order. An added panel is searched by its title and its metrics. */
export function layoutSections(layout: Layout, keys: readonly MetricKey[], query: LayoutQuery = {}): PanelSection[] {
  const groups = new Map<string, PanelItem[]>();
  for (const { name, keys: members } of sections(keys, query)) {
    groups.set(
      name,
      members.map((metric) => itemOf(layout, panelId(metric), metric, false)),
    );
  }
  const matches = keyMatcher(query.search ?? "");
  const layers = blankMetric("layer health", LAYERS);
  const hasLayers = keys.some((key) => key.kind === "histogram" && LAYER_KEY.test(key.key));
  if (hasLayers && matches(layers.key) && (query.accept?.(layers) ?? true)) {
    groups.set(LAYERS, [itemOf(layout, panelId(layers), layers, false)]);
  }
  for (const panel of layout.added) {
    const item = itemOf(layout, panel.id, addedMetric(layout, panel), true);
    const words = [item.metric.key, ...(item.options.keys ?? [])];
    if (!words.some(matches) || (query.accept && !query.accept({ ...item.metric, kind: "number" }))) continue;
    groups.set(panel.section, [...(groups.get(panel.section) ?? []), item]);
  }
  const place = new Map(layout.order.map((id, index) => [id, index]));
  const rank = (item: PanelItem) => place.get(item.id) ?? Infinity;
  const isShown = (item: PanelItem) => !layout.hidden.includes(item.id);
  return [...groups]
    .sort(([a], [b]) => compare(sectionRank(a), sectionRank(b)))
    .map(([name, items]) => ({ name, items: items.filter(isShown).sort((a, b) => compare(rank(a), rank(b))) }))
    .filter(({ items }) => items.length > 0);
}

/** Metrics, comparisons and the look over the layers stand before all else, which keeps its order. */
function sectionRank(name: string): number {
  const place = [ROOT_SECTION, COMPARISONS, LAYERS].indexOf(name);
  return place < 0 ? Infinity : place;
}

/** Infinity minus itself is no number, so places are compared, not subtracted. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function itemOf(layout: Layout, id: string, metric: MetricKey, isAdded: boolean): PanelItem {
  return { id, metric, options: layout.options[id] ?? {}, size: layout.sizes[id] ?? {}, isAdded };
}

/** What stands for the key in an added panel: its title. */
function addedMetric(layout: Layout, { id, kind }: AddedPanel): MetricKey {
  const options = layout.options[id] ?? {};
  const key = options.title || options.keys?.join(", ") || options.pattern || ADDED_TITLES[kind] || id;
  return blankMetric(key, kind);
}

/** A key that was never logged, for panels of no single key. */
function blankMetric(key: string, kind: string): MetricKey {
  return { key, kind, run_count: 0, point_count: 0, last_step: null, step_metric: null, goal: null, hidden: false };
}

export const ADDED_TITLES: Record<string, string> = {
  lines: "Lines",
  "runs-scatter": "Scatter",
  "runs-parallel": "Parallel coordinates",
  "runs-importance": "Parameter importance",
  "runs-bars": "Bars",
};

/** The panel that looks over the histograms of all layers, where there are some. */
export const LAYERS = "layers";
const LAYER_KEY = /^(gradients|parameters)\//;

/** Moves `id` before `target` (null: to the end) among the panels of its section, as they are shown now. */
export function movePanel(layout: Layout, shown: readonly string[], id: string, target: string | null): Layout {
  if (id === target) return layout;
  const rest = shown.filter((other) => other !== id);
  const at = target === null ? rest.length : rest.indexOf(target);
  const ordered = [...rest.slice(0, at), id, ...rest.slice(at)];
  const others = layout.order.filter((other) => !ordered.includes(other));
  return { ...layout, order: [...others, ...ordered] };
}

export function resizePanel(layout: Layout, id: string, size: PanelSize): Layout {
  const height = size.height === undefined ? undefined : Math.min(MAX_HEIGHT, Math.max(MIN_HEIGHT, size.height));
  const next = { ...layout.sizes[id], ...size, ...(height === undefined ? {} : { height: Math.round(height) }) };
  return { ...layout, sizes: { ...layout.sizes, [id]: next } };
}

export function hidePanel(layout: Layout, id: string): Layout {
  return layout.hidden.includes(id) ? layout : { ...layout, hidden: [...layout.hidden, id] };
}

export function showPanel(layout: Layout, id: string): Layout {
  return { ...layout, hidden: layout.hidden.filter((other) => other !== id) };
}

/** Adds a panel with an id of its own, before the others of its section. */
export function addPanel(layout: Layout, kind: string, options: PanelOptions): Layout {
  const used = new Set(layout.added.map((panel) => panel.id));
  let number = layout.added.length + 1;
  while (used.has(`added:${number}`)) number += 1;
  const id = `added:${number}`;
  const section = kind === "lines" && options.keys?.length ? sectionOf(options.keys[0]) : COMPARISONS;
  return {
    ...layout,
    added: [...layout.added, { id, kind, section }],
    order: [id, ...layout.order],
    options: { ...layout.options, [id]: options },
  };
}

/** The section of panels that compare runs. */
export const COMPARISONS = "comparisons";

/** Takes an added panel out; a panel of a key can only be hidden. */
export function removePanel(layout: Layout, id: string): Layout {
  const without = <T>(map: Record<string, T>) => Object.fromEntries(Object.entries(map).filter(([key]) => key !== id));
  return {
    ...layout,
    added: layout.added.filter((panel) => panel.id !== id),
    order: layout.order.filter((other) => other !== id),
    sizes: without(layout.sizes),
    options: without(layout.options),
  };
}

export function setOptions(layout: Layout, id: string, options: PanelOptions): Layout {
  return { ...layout, options: { ...layout.options, [id]: options } };
}

export const GRID_GAP = 12;
const [LEAST, LEAST_CHOSEN] = [310, 220];

/**
 * How many columns stand side by side in a grid of `width` pixels whose largest section has `most` panels: as many as fit, and no more than
 * were chosen, or than two or three panels fill.
 */
export function gridColumns(width: number, chosen: number, most: number): number {
  const fitting = Math.floor((width + GRID_GAP) / ((chosen === 0 ? LEAST : LEAST_CHOSEN) + GRID_GAP));
  return Math.max(1, Math.min(fitting, chosen === 0 ? Math.max(2, most) : chosen));
}
