/** Logged charts (`kerascope.plot`): what is to be drawn, read from the chart's description and its table. Pure. */

import type { Histogram } from "./histogram";
import type { TableData } from "./table";
import { asNumber, isMap } from "./value";

/** A history value with `_type` `chart`, as docs/formats/events.md has it. */
export interface ChartSpec {
  chart: string;
  title: string | null;
  fields: Record<string, string>;
  strings: Record<string, string>;
  /** The blob that holds the table. */
  sha256: string;
}

export interface PointGroup {
  name: string;
  points: [x: number, y: number][];
  /** Dots in a plot of lines. */
  isDots?: boolean;
}

export interface PointPlot {
  form: "lines" | "dots";
  groups: PointGroup[];
  xName: string;
  yName: string;
  /** Both axes go from 0 to 1 at least. */
  isUnit: boolean;
  /** The line from (0, 0) to (1, 1), on which a guess by chance lies. */
  hasDiagonal: boolean;
}

export interface BarPlot {
  form: "bars";
  /** `color` is a CSS value; without it a bar has the usual one. */
  bars: { label: string; value: number; color?: string }[];
  name: string;
}

export interface HistogramPlot {
  form: "histogram";
  histogram: Histogram;
  name: string;
}

export interface MatrixPlot {
  form: "matrix";
  rows: string[];
  columns: string[];
  /** counts[row][column] */
  counts: number[][];
  rowName: string;
  columnName: string;
}

/** A drawing that this page does not know: its table is shown. */
export interface TablePlot {
  form: "table";
}

export type Plot = PointPlot | BarPlot | HistogramPlot | MatrixPlot | TablePlot;

const TITLES: Record<string, string> = {
  line: "line chart",
  line_series: "line chart",
  scatter: "scatter plot",
  bar: "bar chart",
  histogram: "histogram",
  confusion_matrix: "confusion matrix",
  pr_curve: "precision-recall curve",
  roc_curve: "ROC curve",
  custom: "table",
};

/** What kind of drawing it is, in words. */
export function chartWords(chart: string): string {
  return TITLES[chart] ?? "chart";
}

/** Reads a logged value; null when it is no chart. */
export function parseChart(value: unknown): ChartSpec | null {
  if (!isMap(value) || value._type !== "chart" || !isMap(value.table)) return null;
  const { sha256 } = value.table;
  if (typeof value.chart !== "string" || typeof sha256 !== "string") return null;
  return {
    chart: value.chart,
    title: typeof value.title === "string" ? value.title : null,
    fields: texts(value.fields),
    strings: texts(value.strings),
    sha256,
  };
}

function texts(value: unknown): Record<string, string> {
  return isMap(value) ? Object.fromEntries(Object.entries(value).map(([name, text]) => [name, String(text)])) : {};
}

/** What to draw. A field that names no column of the table gives an error that says so. */
export function plotOf(spec: ChartSpec, table: TableData): Plot {
  switch (spec.chart) {
    case "line":
    case "line_series":
      return points(spec, table, "lines", "stroke", true);
    case "scatter":
      return points(spec, table, "dots", "stroke", false);
    case "pr_curve":
    case "roc_curve":
      return points(spec, table, "lines", "class", false);
    case "bar":
      return bars(spec, table);
    case "histogram":
      return histogram(spec, table);
    case "confusion_matrix":
      return matrix(spec, table);
    default:
      return { form: "table" };
  }
}

/** The values of the column that a field names. */
function column(spec: ChartSpec, table: TableData, field: string): unknown[] {
  const name = spec.fields[field];
  const place = name === undefined ? -1 : table.columns.indexOf(name);
  if (place < 0)
    throw new Error(`The chart draws “${field}” from the column “${name}”, which its table does not have.`);
  return table.rows.map((row) => row[place]);
}

function points(
  spec: ChartSpec,
  table: TableData,
  form: PointPlot["form"],
  groupField: string,
  isSorted: boolean,
): PointPlot {
  const xs = column(spec, table, "x").map(asNumber);
  const ys = column(spec, table, "y").map(asNumber);
  const names = groupField in spec.fields ? column(spec, table, groupField).map(String) : null;
  const groups = new Map<string, PointGroup>();
  xs.forEach((x, row) => {
    const y = ys[row];
    if (x === undefined || y === undefined || !Number.isFinite(x) || !Number.isFinite(y)) return;
    const name = names?.[row] ?? spec.fields.y;
    const group = groups.get(name) ?? { name, points: [] };
    group.points.push([x, y]);
    groups.set(name, group);
  });
  if (isSorted) for (const group of groups.values()) group.points.sort((a, b) => a[0] - b[0]);
  return {
    form,
    groups: [...groups.values()],
    xName: spec.strings.x ?? spec.fields.x,
    yName: spec.strings.y ?? spec.fields.y,
    isUnit: groupField === "class",
    hasDiagonal: spec.chart === "roc_curve",
  };
}

function bars(spec: ChartSpec, table: TableData): BarPlot {
  const labels = column(spec, table, "label");
  const values = column(spec, table, "value").map(asNumber);
  const found = labels.map((label, row) => ({ label: String(label), value: values[row] ?? NaN }));
  return { form: "bars", bars: found.filter(({ value }) => Number.isFinite(value)), name: spec.fields.value };
}

const MOST_BINS = 50;

/** As many bins as the root of the number of values, 50 at most. */
function histogram(spec: ChartSpec, table: TableData): HistogramPlot {
  const values = column(spec, table, "value").map(asNumber);
  const finite = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const bad = values.filter((value) => value !== undefined && !Number.isFinite(value)).length;
  return { form: "histogram", histogram: binned(finite, bad), name: spec.fields.value };
}

/** Values in equal bins between the smallest and the largest. */
export function binned(values: readonly number[], nonfinite: number): Histogram {
  if (values.length === 0) return { step: 0, bins: [0, 1], counts: [0], nonfinite };
  let min = Infinity;
  let max = -Infinity;
  for (const value of values) [min, max] = [Math.min(min, value), Math.max(max, value)];
  if (max === min) [min, max] = [min - 0.5, max + 0.5];
  const count = Math.min(MOST_BINS, Math.max(1, Math.ceil(Math.sqrt(values.length))));
  const counts = new Array<number>(count).fill(0);
  for (const value of values) counts[Math.min(count - 1, Math.floor(((value - min) / (max - min)) * count))] += 1;
  const bins = Array.from({ length: count + 1 }, (_, edge) => min + ((max - min) * edge) / count);
  return { step: 0, bins, counts, nonfinite };
}

function matrix(spec: ChartSpec, table: TableData): MatrixPlot {
  const actual = column(spec, table, "Actual").map(String);
  const predicted = column(spec, table, "Predicted").map(String);
  const numbers = column(spec, table, "nPredictions").map((count) => asNumber(count) ?? 0);
  const rows = [...new Set(actual)];
  const columns = [...new Set(predicted)];
  const rowOf = new Map(rows.map((name, place) => [name, place]));
  const columnOf = new Map(columns.map((name, place) => [name, place]));
  const counts = rows.map(() => columns.map(() => 0));
  numbers.forEach((count, row) => {
    counts[rowOf.get(actual[row]) ?? 0][columnOf.get(predicted[row]) ?? 0] += count;
  });
  return { form: "matrix", rows, columns, counts, rowName: "Actual", columnName: "Predicted" };
}

/** Whether there is nothing to draw. */
export function isEmptyPlot(plot: Plot): boolean {
  switch (plot.form) {
    case "lines":
    case "dots":
      return plot.groups.length === 0;
    case "bars":
      return plot.bars.length === 0;
    case "histogram":
      return plot.histogram.counts.every((count) => count === 0);
    case "matrix":
      return plot.rows.length === 0;
    case "table":
      return false;
  }
}

/** Smallest and largest value of x and y; an axis without extent gets some. */
export function pointRanges(plot: PointPlot): { x: [number, number]; y: [number, number] } {
  const x: [number, number] = plot.isUnit ? [0, 1] : [Infinity, -Infinity];
  const y: [number, number] = plot.isUnit ? [0, 1] : [Infinity, -Infinity];
  for (const { points: all } of plot.groups) {
    for (const point of all) {
      [x[0], x[1]] = [Math.min(x[0], point[0]), Math.max(x[1], point[0])];
      [y[0], y[1]] = [Math.min(y[0], point[1]), Math.max(y[1], point[1])];
    }
  }
  return { x: padded(x, plot.isUnit), y: padded(y, plot.isUnit) };
}

function padded([min, max]: [number, number], isUnit: boolean): [number, number] {
  if (!Number.isFinite(min)) return [0, 1];
  if (max === min) return [min - 0.5, max + 0.5];
  const pad = isUnit ? 0 : (max - min) * 0.04;
  return [min - pad, max + pad];
}
