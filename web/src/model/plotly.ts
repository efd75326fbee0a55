/**
 * Figures of Plotly, as far as they are lines, dots, bars, heat maps and histograms. Anything else is named, so that the page can say what it
 * does not draw. Pure.
 */

import type { BarPlot, HistogramPlot, PointGroup, PointPlot } from "./plots";
import { binned } from "./plots";
import { asNumber, isMap, type ValueMap } from "./value";

export interface GridPlot {
  form: "grid";
  /** values[row][column], the first row at the bottom, as Plotly has it. */
  values: number[][];
  rows: string[];
  columns: string[];
}

/** What is not drawn, in words. */
export interface UnknownPlot {
  form: "unknown";
  what: string;
}

export interface Figure {
  title: string | null;
  plot: PointPlot | BarPlot | HistogramPlot | GridPlot | UnknownPlot;
}

/** Reads a figure; anything that is no figure gives an error that says so. */
export function figureOf(data: unknown): Figure {
  if (!isMap(data) || !Array.isArray(data.data)) {
    throw new Error("This file is not a Plotly figure: it has no list `data`.");
  }
  const layout = isMap(data.layout) ? data.layout : {};
  return { title: titleOf(layout.title), plot: plotOf(data.data.filter(isMap), layout) };
}

function plotOf(traces: readonly ValueMap[], layout: ValueMap): Figure["plot"] {
  const types = [...new Set(traces.map((trace) => String(trace.type ?? "scatter")))];
  if (traces.length === 0) return { form: "unknown", what: "no traces" };
  if (types.length > 1) return { form: "unknown", what: types.join(" and ") };
  switch (types[0]) {
    case "scatter":
    case "scattergl":
      return points(traces, layout);
    case "bar":
      return bars(traces, layout);
    case "histogram":
      return histogram(traces, layout);
    case "heatmap":
      return traces.length === 1 ? grid(traces[0]) : { form: "unknown", what: "several heat maps" };
    default:
      return { form: "unknown", what: types[0] };
  }
}

function titleOf(title: unknown): string | null {
  const text = isMap(title) ? title.text : title;
  return typeof text === "string" && text !== "" ? text : null;
}

const axisName = (layout: ValueMap, axis: string) => {
  const found = layout[axis];
  return (isMap(found) ? titleOf(found.title) : null) ?? "";
};

function points(traces: readonly ValueMap[], layout: ValueMap): PointPlot | UnknownPlot {
  const groups: PointGroup[] = [];
  for (const [place, trace] of traces.entries()) {
    const ys = arrayOf(trace.y).map(asNumber);
    const given = arrayOf(trace.x);
    const xs = (given.length > 0 ? given : ys.map((_, index) => index)).map(asNumber);
    if ([...xs, ...ys].some((value) => value === undefined)) return { form: "unknown", what: "texts on an axis" };
    const pairs = xs.map((x, index) => [x, ys[index]] as [number, number]);
    const isDots = typeof trace.mode === "string" && !trace.mode.includes("lines");
    groups.push({
      name: typeof trace.name === "string" ? trace.name : `trace ${place}`,
      points: pairs.filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y)),
      isDots,
    });
  }
  const form = groups.every((group) => group.isDots) ? "dots" : "lines";
  const names = { xName: axisName(layout, "xaxis"), yName: axisName(layout, "yaxis") };
  return {
    form,
    groups: groups.filter((group) => group.points.length > 0),
    ...names,
    isUnit: false,
    hasDiagonal: false,
  };
}

function bars(traces: readonly ValueMap[], layout: ValueMap): BarPlot {
  const found = traces.flatMap((trace, place) => {
    const isFlat = trace.orientation === "h";
    const values = arrayOf(isFlat ? trace.x : trace.y).map(asNumber);
    const labels = arrayOf(isFlat ? trace.y : trace.x);
    const name = traces.length > 1 ? `${String(trace.name ?? `trace ${place}`)}, ` : "";
    return values.map((value, index) => ({ label: name + String(labels[index] ?? index), value: value ?? NaN }));
  });
  return { form: "bars", bars: found.filter((bar) => Number.isFinite(bar.value)), name: axisName(layout, "yaxis") };
}

function histogram(traces: readonly ValueMap[], layout: ValueMap): HistogramPlot | UnknownPlot {
  if (traces.length > 1) return { form: "unknown", what: "several histograms" };
  const values = arrayOf(traces[0].x ?? traces[0].y).map(asNumber);
  if (values.some((value) => value === undefined)) return { form: "unknown", what: "a histogram of texts" };
  const finite = values.filter((value): value is number => value !== undefined && Number.isFinite(value));
  const name = axisName(layout, "xaxis");
  return { form: "histogram", histogram: binned(finite, values.length - finite.length), name };
}

function grid(trace: ValueMap): GridPlot {
  const values = rowsOf(trace.z).map((row) => row.map((value) => asNumber(value) ?? NaN));
  const width = Math.max(0, ...values.map((row) => row.length));
  const name = (given: unknown[], place: number) => String(given[place] ?? place);
  const [xs, ys] = [arrayOf(trace.x), arrayOf(trace.y)];
  return {
    form: "grid",
    values,
    rows: values.map((_, place) => name(ys, place)),
    columns: Array.from({ length: width }, (_, place) => name(xs, place)),
  };
}

const READERS: Record<string, [size: number, read: (view: DataView, at: number) => number]> = {
  f8: [8, (view, at) => view.getFloat64(at, true)],
  f4: [4, (view, at) => view.getFloat32(at, true)],
  i4: [4, (view, at) => view.getInt32(at, true)],
  u4: [4, (view, at) => view.getUint32(at, true)],
  i2: [2, (view, at) => view.getInt16(at, true)],
  u2: [2, (view, at) => view.getUint16(at, true)],
  i1: [1, (view, at) => view.getInt8(at)],
  u1: [1, (view, at) => view.getUint8(at)],
};

/** A list as it is, or one that Plotly wrote as base64 of little-endian numbers: `{dtype, bdata}`. */
function arrayOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value;
  if (!isMap(value) || typeof value.bdata !== "string") return [];
  const reader = READERS[String(value.dtype)];
  if (reader === undefined) return [];
  const [size, read] = reader;
  const bytes = Uint8Array.from(atob(value.bdata), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => read(view, index * size));
}

/** A list of lists; in the short form `shape` (`"2, 3"`) says how a list is cut. */
function rowsOf(value: unknown): unknown[][] {
  if (Array.isArray(value)) return value.map(arrayOf);
  const flat = arrayOf(value);
  const shape = isMap(value) ? String(value.shape ?? "").split(",") : [];
  const width = Number(shape[1] ?? flat.length) || 1;
  return Array.from({ length: Math.ceil(flat.length / width) }, (_, row) => flat.slice(row * width, (row + 1) * width));
}
