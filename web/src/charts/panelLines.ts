/** Which lines a line panel has, how they look, and how groups of them become one. Pure. */

import type { MetricKey, RunSummary } from "../api/types";
import { groupMean, groupName, type Band } from "../model/grouping";
import { runColor, type RunColor } from "../model/palette";
import type { PanelOptions } from "../model/panelLayout";
import { compareKeys, keyMatcher } from "../model/sections";
import type { Line } from "./lines";

/** More lines than this in one panel say nothing. */
export const MOST_KEYS = 20;

/** The metrics of a panel: the chosen ones, those that its pattern finds, else its own. */
export function panelKeys(metric: MetricKey, options: PanelOptions, all: readonly MetricKey[]): string[] {
  const named = options.keys ?? (metric.kind === "number" ? [metric.key] : []);
  if (!options.pattern) return named;
  const matches = keyMatcher(options.pattern);
  const found = all.filter((key) => key.kind === "number" && !key.key.startsWith("_") && matches(key.key));
  const names = found.map((key) => key.key).sort(compareKeys);
  return [...new Set([...named, ...names])];
}

interface RunLook {
  id: string;
  name: string;
  color: RunColor;
}

type Look = Pick<Line, "id" | "run" | "key" | "label" | "color" | "dash">;

/** Colour is the run's and the dash the metric's; in the chart of one run colour is the metric's. `color` is a token. */
export function lineLook(run: RunLook, key: string, keys: readonly string[], runCount: number): Look {
  const base = { run: run.id, key };
  if (keys.length === 1) {
    return { ...base, id: run.id, label: run.name, color: run.color.token, dash: run.color.dash };
  }
  const place = keys.indexOf(key);
  const id = `${run.id}/${key}`;
  const own = runColor(place);
  if (runCount === 1) return { ...base, id, label: key, color: own.token, dash: own.dash };
  return { ...base, id, label: `${run.name}, ${key}`, color: run.color.token, dash: runColor(place * 10).dash };
}

/** One mean line per group and metric, in the colour of the group's first run. Runs that are not known yet stand alone. */
export function joinGroups(
  lines: readonly Line[],
  facts: ReadonlyMap<string, RunSummary>,
  field: string,
  band: Band,
): Line[] {
  const groups = new Map<string, { name: string; members: Line[] }>();
  const keys = new Set(lines.map((line) => line.key));
  for (const line of lines) {
    const run = facts.get(line.run ?? "");
    const name = run === undefined ? line.label : groupName(run, field);
    const id = JSON.stringify([name, line.key]);
    const group = groups.get(id) ?? { name, members: [] };
    group.members.push(line);
    groups.set(id, group);
  }
  return [...groups].map(([id, { name, members }]) => ({
    id,
    key: members[0].key,
    label: `${name} (${members.length})` + (keys.size > 1 ? `, ${members[0].key}` : ""),
    color: members[0].color,
    dash: members[0].dash,
    ...groupMean(members, band),
  }));
}

export interface LegendEntry {
  label: string;
  color: string;
  dash: number[];
}

/** More names than this are a wall: the hover box has them all. */
const MOST_NAMES = 12;

/**
 * What the lines of a panel mean where the list of runs does not say it: means of groups, the metrics of one run, and for several runs which
 * dashes are which metric.
 */
export function lineLegend(lines: readonly Line[], keys: readonly string[]): LegendEntry[] {
  const runs = new Set(lines.map((line) => line.run));
  const isMeans = runs.has(undefined);
  if (!isMeans && keys.length < 2) return [];
  if (isMeans || runs.size === 1) return lines.length > MOST_NAMES ? [] : [...lines];
  const shown = keys.flatMap((key) => lines.find((line) => line.key === key) ?? []);
  return shown.length > MOST_NAMES
    ? []
    : shown.map((line) => ({ label: line.key ?? "", color: "var(--text-2)", dash: line.dash }));
}

/** The step at the same place of a line over steps; both lines stand for the same points, in as many entries or others. */
export function stepAt(steps: Float64Array, index: number, count: number): number {
  if (steps.length === count || count < 2) return steps[Math.min(index, steps.length - 1)];
  return steps[Math.round((index / (count - 1)) * (steps.length - 1))];
}
