/** The data inside a page that stands alone (kerascope/reports/page.py writes it). */

import type { Series } from "../api/series";
import type { RunDetail } from "../api/types";
import { asNumber } from "../model/value";

export interface StaticRun extends Pick<RunDetail, "project" | "id" | "name" | "state" | "created_s" | "duration_s"> {
  notes: string | null;
  tags: string[];
  config: Record<string, unknown>;
  summary: Record<string, unknown>;
}

export interface StaticSeries {
  project: string;
  run: string;
  key: string;
  axis: string;
  kind: "points" | "buckets";
  total_points: number;
  /** Columns as in the HTTP API, each as base64 of float64. */
  columns: Record<string, string>;
}

export interface StaticData {
  title: string;
  project: string;
  made_s: number;
  version: string;
  /** Markdown of a report; null: a page about the runs. */
  markdown: string | null;
  runs: StaticRun[];
  series: StaticSeries[];
}

export function readData(text: string): StaticData {
  return JSON.parse(text) as StaticData;
}

export function decode(one: StaticSeries): Series {
  const column = (name: string) => (name in one.columns ? floats(one.columns[name]) : undefined);
  return {
    project: one.project,
    run: one.run,
    key: one.key,
    kind: one.kind,
    totalPoints: one.total_points,
    x: column("x") ?? new Float64Array(0),
    y: column("y") ?? column("mean") ?? new Float64Array(0),
    min: column("min"),
    max: column("max"),
  };
}

function floats(base64: string): Float64Array {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return new Float64Array(bytes.buffer);
}

/** Numbers of a summary that are worth a row. */
export function results(run: StaticRun): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(run.summary).filter(
      ([name, value]) => !/^(_|system\/)/.test(name) && (asNumber(value) !== undefined || typeof value === "string"),
    ),
  );
}
