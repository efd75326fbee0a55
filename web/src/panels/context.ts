/** What every panel is given. */

import type { MetricKey } from "../api/types";
import type { RunColor } from "../model/palette";
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
}

export interface PanelProps {
  context: PanelContext;
  metric: MetricKey;
  /** The room inside the frame, in CSS pixels. */
  width: number;
  height: number;
}
