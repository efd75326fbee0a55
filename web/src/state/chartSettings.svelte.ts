/** How charts are drawn (x axis, smoothing, scales, groups, zoom), kept in the address bar and shared by all charts of a page. */

import type { Range } from "../charts/lines";
import { isBand, type Band } from "../model/grouping";
import { isSmoother, type Smoother } from "../model/smoothing";
import type { PanelLayout } from "./panelLayout.svelte";
import { router } from "./router.svelte";

export class ChartSettings {
  /** The chosen x (`step`, `time`, `relative` or a key); null: each metric's own step metric, else the step. */
  readonly x = $derived(router.query.get("x"));
  readonly smoothing = $derived(clamp(Number(router.query.get("smooth") ?? 0), 0, 0.999));
  readonly smoother: Smoother = $derived.by(() => {
    const kind = router.query.get("smoother");
    return isSmoother(kind) ? kind : "ema";
  });
  readonly log = $derived(router.query.get("log") === "1");
  readonly logX = $derived(router.query.get("logx") === "1");
  /** Whether the y axis leaves outliers outside. */
  readonly trims = $derived(router.query.get("outliers") === "0");
  /** The field that joins runs to one mean line; null: a line a run. */
  readonly group = $derived(router.query.get("mean"));
  readonly band: Band = $derived.by(() => {
    const band = router.query.get("band");
    return isBand(band) ? band : "minmax";
  });
  /** The step that media panels open at: the address of a clicked point. */
  readonly step = $derived(wholeNumber(router.query.get("step")));
  readonly zoom = $derived(parseZoom(router.query.get("zoom")));
  readonly search = $derived(router.query.get("keys") ?? "");
  /** The layout of the panels below the bar, once there are some. */
  layout = $state.raw<PanelLayout | null>(null);

  setX(x: string | null): void {
    router.set({ x, zoom: null });
  }

  setSmoothing(weight: number): void {
    router.set({ smooth: weight > 0 ? String(weight) : null });
  }

  setSmoother(kind: Smoother): void {
    router.set({ smoother: kind === "ema" ? null : kind });
  }

  setLogX(log: boolean): void {
    router.set({ logx: log ? "1" : null });
  }

  setTrims(trims: boolean): void {
    router.set({ outliers: trims ? "0" : null });
  }

  setGroup(field: string | null): void {
    router.set({ mean: field });
  }

  setBand(band: Band): void {
    router.set({ band: band === "minmax" ? null : band });
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

function wholeNumber(text: string | null): number | null {
  const value = Number(text ?? NaN);
  return Number.isInteger(value) ? value : null;
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
