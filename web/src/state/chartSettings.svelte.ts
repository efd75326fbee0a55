/** How charts are drawn (x axis, smoothing, log scale, zoom), kept in the address bar and shared by all charts of a page. */

import type { Range } from "../charts/lines";
import { router } from "./router.svelte";

export class ChartSettings {
  /** The chosen x (`step`, `time`, `relative` or a key); null: each metric's own step metric, else the step. */
  readonly x = $derived(router.query.get("x"));
  readonly smoothing = $derived(clamp(Number(router.query.get("smooth") ?? 0), 0, 0.999));
  readonly log = $derived(router.query.get("log") === "1");
  readonly zoom = $derived(parseZoom(router.query.get("zoom")));
  readonly search = $derived(router.query.get("keys") ?? "");

  setX(x: string | null): void {
    router.set({ x, zoom: null });
  }

  setSmoothing(weight: number): void {
    router.set({ smooth: weight > 0 ? String(weight) : null });
  }

  setLog(log: boolean): void {
    router.set({ log: log ? "1" : null });
  }

  setZoom(axis: string, range: Range | null): void {
    router.set({ zoom: range === null ? null : `${axis}:${short(range.min)}:${short(range.max)}` });
  }

  setSearch(search: string): void {
    router.set({ keys: search });
  }

  /** The zoom of charts over `axis`. */
  zoomFor(axis: string): Range | null {
    return this.zoom !== null && this.zoom.axis === axis ? this.zoom.range : null;
  }
}

function clamp(value: number, min: number, max: number): number {
  return Number.isNaN(value) ? min : Math.min(max, Math.max(min, value));
}

function short(value: number): string {
  return String(Number(value.toPrecision(8)));
}

function parseZoom(text: string | null): { axis: string; range: Range } | null {
  const match = /^(.+):([^:]+):([^:]+)$/.exec(text ?? "");
  if (!match) return null;
  const range = { min: Number(match[2]), max: Number(match[3]) };
  return range.max > range.min ? { axis: match[1], range } : null;
}
