/**
 * Which panel shows which kind of key. A new kind of panel is one component and one line here. Panels that are not
 * lines are fetched when the first of their kind is on screen.
 */

import type { Component } from "svelte";
import LinePanel from "./LinePanel.svelte";
import type { PanelProps } from "./context";

export interface PanelType {
  load: () => Promise<Component<PanelProps>>;
  /** Height of the panel's body in the grid, in CSS pixels. */
  height: number;
  /** Columns of the grid it would like to have. */
  span: 1 | 2;
}

const lazy = (load: () => Promise<{ default: Component<PanelProps> }>, height: number, span: 1 | 2 = 1): PanelType => ({
  load: async () => (await load()).default,
  height,
  span,
});

const lines: PanelType = { load: () => Promise.resolve(LinePanel), height: 210, span: 1 };
const images = lazy(() => import("./ImagePanel.svelte"), 300, 2);
const files = lazy(() => import("./FilePanel.svelte"), 220);
const tall = lazy(() => import("./FilePanel.svelte"), 300);

const PANELS: Record<string, PanelType> = {
  number: lines,
  lines,
  layers: lazy(() => import("./LayersPanel.svelte"), 340, 2),
  "runs-scatter": lazy(() => import("./ScatterPanel.svelte"), 300),
  "runs-parallel": lazy(() => import("./ParallelPanel.svelte"), 300, 2),
  "runs-importance": lazy(() => import("./ImportancePanel.svelte"), 300),
  "runs-bars": lazy(() => import("./RunBarsPanel.svelte"), 300),
  chart: lazy(() => import("./ChartPanel.svelte"), 300),
  histogram: lazy(() => import("./HistogramPanel.svelte"), 230),
  "image-file": images,
  "images/separated": images,
  "table-file": lazy(() => import("./TablePanel.svelte"), 300, 2),
  "graph-file": lazy(() => import("./GraphPanel.svelte"), 360, 2),
  "audio-file": files,
  "audio/separated": files,
  "video/separated": files,
  "html/separated": files,
  "video-file": files,
  "html-file": files,
  "plotly-file": tall,
  "object3D-file": tall,
  "object3D/separated": tall,
};

const FALLBACK = lazy(() => import("./TextPanel.svelte"), 160);

/** Kinds whose panel has more to choose than its size. */
export function isEditable(kind: string): boolean {
  return kind === "number" || kind === "lines" || kind.startsWith("runs-");
}

/** The panel for a kind (`number`, `text` or a `_type`); unknown kinds are shown as text. */
export function panelFor(kind: string): PanelType {
  return PANELS[kind] ?? FALLBACK;
}
