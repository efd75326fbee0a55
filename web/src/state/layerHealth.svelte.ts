/**
 * The histograms of all layers of a run, and what is wrong with them: the first layers in a small request of their own, so that a picture
 * stands at once, the others behind them. To be created while a component is set up.
 */

import { untrack } from "svelte";
import { getHistograms } from "../api/client";
import type { HistogramSeries } from "../api/types";
import { judge, type Finding, type LayerArray } from "../model/layers";
import { live } from "./live.svelte";
import { Resource } from "./resource.svelte";

/** So many steps a histogram: as many as the small picture has pixels for. */
const STEPS = 40;
const ROWS = 16;
/** Arrays of the first request: about as many as are in sight. */
const FIRST = 20;
const AT_ONCE = 50;
/** The rest is of layers out of sight: what is in sight elsewhere on the page goes first. */
const REST_AFTER_MS = 300;
/** A running training is looked at again after this time. */
const AGAIN_AFTER_MS = 10_000;

export interface ArrayHealth {
  /** A byte a cell, step after step, the lowest values first. */
  shades: Uint8Array;
  steps: number;
  rms: number;
  finding: Finding;
}

interface Source {
  project: string;
  run: string | undefined;
  arrays: readonly LayerArray[];
}

export class LayerHealth extends Resource<Map<string, ArrayHealth>> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private read_ms = 0;
  private shown = "";

  constructor(private readonly source: () => Source) {
    super();
    $effect(() => {
      const { project, run, arrays } = source();
      if (run === undefined) return;
      void live.version(project, run);
      untrack(() => this.schedule(JSON.stringify([run, arrays])));
      return () => clearTimeout(this.timer);
    });
  }

  readonly reload = (): void => {
    const { project, run, arrays } = this.source();
    this.read_ms = Date.now();
    if (run !== undefined) void this.load((signal) => this.readAll(project, run, arrays, signal));
  };

  /** What has come is shown while more is on its way. */
  private async readAll(
    project: string,
    run: string,
    arrays: readonly LayerArray[],
    signal: AbortSignal,
  ): Promise<Map<string, ArrayHealth>> {
    let found = new Map(this.value);
    for (let from = 0; from < arrays.length; from += from === 0 ? FIRST : AT_ONCE) {
      const some = arrays.slice(from, from + (from === 0 ? FIRST : AT_ONCE));
      const keys = some.map((array) => array.key);
      const { series } = await getHistograms(project, run, { keys, sample: STEPS, rows: ROWS }, signal);
      found = new Map([...found, ...some.map((array, place) => [array.key, healthOf(array, series[place])] as const)]);
      if (signal.aborted) return found;
      this.value = found;
      if (from === 0 && some.length < arrays.length) await new Promise((done) => setTimeout(done, REST_AFTER_MS));
    }
    return found;
  }

  private schedule(subject: string): void {
    const isOther = this.shown !== subject;
    if (isOther) this.clear();
    this.shown = subject;
    const wait_ms = isOther ? 0 : Math.max(0, this.read_ms + AGAIN_AFTER_MS - Date.now());
    if (wait_ms === 0) this.reload();
    else this.timer = setTimeout(this.reload, wait_ms);
  }
}

function healthOf(array: LayerArray, found: HistogramSeries): ArrayHealth {
  const { rms, largest, nonfinite } = found;
  const stats = rms.map((value, step) => ({ rms: value, largest: largest[step], nonfinite: nonfinite[step] }));
  return {
    shades: Uint8Array.from(atob(found.shades), (character) => character.charCodeAt(0)),
    steps: found.steps.length,
    // Of an array that is NaN throughout the server tells no size.
    rms: nonfinite.at(-1) && !rms.at(-1) ? NaN : (rms.at(-1) ?? NaN),
    finding: judge(array.kind, stats, array.name),
  };
}
