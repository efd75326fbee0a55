/** The panels of media values in a page that stands alone: all in its one file, none fetched later. */

import type { Component } from "svelte";
import ChartPanel from "../panels/ChartPanel.svelte";
import type { PanelProps } from "../panels/context";
import FilePanel from "../panels/FilePanel.svelte";
import GraphPanel from "../panels/GraphPanel.svelte";
import HistogramPanel from "../panels/HistogramPanel.svelte";
import ImagePanel from "../panels/ImagePanel.svelte";
import TablePanel from "../panels/TablePanel.svelte";
import TextPanel from "../panels/TextPanel.svelte";

export interface StaticPanel {
  Panel: Component<PanelProps>;
  height: number;
  /** As wide as the page. */
  wide: boolean;
}

const image = { Panel: ImagePanel, height: 300, wide: true };
const file = { Panel: FilePanel, height: 220, wide: false };
const tall = { Panel: FilePanel, height: 300, wide: false };

const PANELS: Record<string, StaticPanel> = {
  chart: { Panel: ChartPanel, height: 300, wide: false },
  histogram: { Panel: HistogramPanel, height: 230, wide: false },
  "image-file": image,
  "images/separated": image,
  "table-file": { Panel: TablePanel, height: 320, wide: true },
  "graph-file": { Panel: GraphPanel, height: 360, wide: true },
  "audio-file": file,
  "audio/separated": file,
  "video-file": file,
  "video/separated": file,
  "html-file": file,
  "html/separated": file,
  "plotly-file": tall,
  "object3D-file": tall,
  "object3D/separated": tall,
};

const TEXT: StaticPanel = { Panel: TextPanel, height: 160, wide: false };

export function staticPanel(kind: string): StaticPanel {
  return PANELS[kind] ?? TEXT;
}
