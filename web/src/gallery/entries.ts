/** The panels of the gallery by name: what they are given, and how large they are drawn. */

import type { MetricKey } from "../api/types";
import type { PanelOptions } from "../model/panelLayout";
import { metricKey } from "./layers";

export interface Entry {
  name: string;
  metric: MetricKey;
  options?: PanelOptions;
  width: number;
  height: number;
  /** How many of the runs are shown. */
  runs: number;
}

const [NARROW, WIDE] = [400, 640];

function entry(name: string, kind: string, key: string, height: number, more: Partial<Entry> = {}): Entry {
  return { name, metric: metricKey(key, kind), width: NARROW, height, runs: 1, ...more };
}

export const ENTRIES: Entry[] = [
  entry("lines", "number", "loss", 210, { runs: 3 }),
  entry("lines-band", "number", "spread", 210, { runs: 2 }),
  entry("lines-smooth", "number", "loss", 210, { runs: 2, options: { smoothing: 0.9 } }),
  entry("lines-log", "number", "loss", 210, { runs: 12, options: { log: true } }),
  entry("lines-two-metrics", "lines", "both", 210, { runs: 2, options: { keys: ["loss", "spread"] } }),
  entry("runs-scatter", "runs-scatter", "scatter", 300, { runs: 12 }),
  entry("runs-parallel", "runs-parallel", "parallel", 300, { runs: 12, width: WIDE }),
  entry("runs-parallel-narrow", "runs-parallel", "parallel", 300, {
    runs: 12,
    options: { fields: ["config.lr", "config.optimizer", "config.units", "config.dropout", "summary.val_accuracy"] },
  }),
  entry("runs-importance", "runs-importance", "importance", 240, { runs: 12 }),
  entry("runs-bars", "runs-bars", "bars", 300, { runs: 12 }),
  entry("histograms", "histogram", "parameters/dense.kernel", 230),
  entry("layers", "layers", "layer health", 340, { width: WIDE }),
  entry("images", "images/separated", "pictures", 300, { width: WIDE }),
  entry("images-two-runs", "images/separated", "pictures", 240, { runs: 2 }),
  entry("table", "table-file", "predictions", 320, { width: WIDE }),
  entry("chart-line", "chart", "line", 240),
  entry("chart-scatter", "chart", "scatter", 240),
  entry("chart-roc", "chart", "roc", 300),
  entry("chart-pr", "chart", "pr", 300),
  entry("chart-bar", "chart", "bar", 180),
  entry("chart-histogram", "chart", "values", 240),
  entry("chart-confusion", "chart", "confusion", 300),
  entry("figure", "plotly-file", "figure", 260),
  entry("figure-grid", "plotly-file", "grid", 260),
  entry("figure-map", "plotly-file", "map", 260),
  entry("figure-named", "plotly-file", "named", 260),
  entry("cloud", "object3D-file", "cloud", 300),
  entry("audio", "audio-file", "tone", 120),
  entry("graph", "graph-file", "graph", 360, { width: WIDE }),
  entry("text", "text", "words", 140),
  entry("empty", "histogram", "nothing was logged here", 160),
  // Of other widths, as charts of one width share a request, and its fate.
  entry("error", "number", "unreadable", 160, { width: 460 }),
  entry("no-run", "number", "loss", 160, { runs: 0 }),
  entry("loading", "number", "slow", 160, { width: 300 }),
];
