/** What every panel is given. */

import type { MetricKey } from "../api/types";
import type { RunColor } from "../model/palette";
import type { PanelOptions } from "../model/panelLayout";
import type { ChartSettings } from "../state/chartSettings.svelte";

export interface PanelRun {
  id: string;
  name: string;
  color: RunColor;
}

export interface PanelContext {
  project: string;
  /** The runs to show, in order. */
  runs: PanelRun[];
  settings: ChartSettings;
  /** Tells panels of the same key on one page apart: their part of the address bears it. */
  scope?: string;
  /** Which runs the page lists, for panels that compare more runs than are charted; without it all of the project. */
  query?: { filter?: string; search?: string };
}

export interface PanelProps {
  context: PanelContext;
  metric: MetricKey;
  /** The room inside the frame, in CSS pixels. */
  width: number;
  height: number;
  /** How this panel differs from the page's settings. */
  options?: PanelOptions;
}
