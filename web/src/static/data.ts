/** The data inside a page that stands alone (kerascope/reports/page.py writes it). */

import type { Series } from "../api/series";
import type { Cell, RunDetail } from "../api/types";
import { asNumber } from "../model/value";
import { cellsId, type OfflineData } from "../offline/answers";

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

/** The values of a key of a run that are no numbers: as many as fit, evenly spread, with all their files. */
export interface StaticMedia {
  project: string;
  run: string;
  key: string;
  kind: string;
  /** How many were logged. */
  total: number;
  cells: Cell[];
  /** Whether the newest one lacks a file, and how many bytes it takes. */
  is_missing: boolean;
  newest_bytes: number;
}

export interface StaticData {
  title: string;
  project: string;
  made_s: number;
  version: string;
  /** Markdown of a report; null: a page about the runs. */
  markdown: string | null;
  /** Which runs the panels of a report mean, by the project and names that they give. */
  panels: { project: string; runs: string[]; ids: string[] }[];
  runs: StaticRun[];
  series: StaticSeries[];
  media: StaticMedia[];
  /** Files as base64, by their sha256. */
  blobs: Record<string, string>;
  most_media_bytes: number;
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

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function floats(base64: string): Float64Array {
  return new Float64Array(bytesOf(base64).buffer);
}

/** The media of the page as the panels ask for them; files are decoded when one looks at them. */
export function offlineData({ media, blobs }: StaticData): OfflineData {
  const pages = media.map(
    ({ project, run, key, total, cells }) => [cellsId(project, run, key), { total, cells }] as const,
  );
  const get = (sha256: string) => (sha256 in blobs ? bytesOf(blobs[sha256]) : undefined);
  return { cells: new Map(pages), blobs: { get } };
}

/** The media by key, in the order of the page. */
export function mediaByKey(media: readonly StaticMedia[]): StaticMedia[][] {
  const groups = new Map<string, StaticMedia[]>();
  for (const one of media) {
    const id = JSON.stringify([one.project, one.kind, one.key]);
    groups.set(id, [...(groups.get(id) ?? []), one]);
  }
  return [...groups.values()];
}

/** Numbers of a summary that are worth a row. */
export function results(run: StaticRun): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(run.summary).filter(
      ([name, value]) => !/^(_|system\/)/.test(name) && (asNumber(value) !== undefined || typeof value === "string"),
    ),
  );
}
