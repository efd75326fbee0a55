/** The histograms of all layers of a run, and what is wrong with them; a few requests at a time. To be created while a component is set up. */

import { untrack } from "svelte";
import { getCells } from "../api/client";
import { parseHistogram, type Histogram } from "../model/histogram";
import { histogramStats, judge, type Finding, type LayerArray } from "../model/layers";
import { live } from "./live.svelte";
import { Resource } from "./resource.svelte";

/** So many steps a histogram: as many as the small picture has pixels for. */
const STEPS = 40;
const AT_ONCE = 6;
/** A running training is looked at again after this time. */
const AGAIN_AFTER_MS = 10_000;

export interface ArrayHealth {
  histograms: Histogram[];
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
    if (run !== undefined) void this.load((signal) => readAll(project, run, arrays, signal));
  };

  private schedule(subject: string): void {
    const isOther = this.shown !== subject;
    if (isOther) this.clear();
    this.shown = subject;
    const wait_ms = isOther ? 0 : Math.max(0, this.read_ms + AGAIN_AFTER_MS - Date.now());
    if (wait_ms === 0) this.reload();
    else this.timer = setTimeout(this.reload, wait_ms);
  }
}

async function readAll(
  project: string,
  run: string,
  arrays: readonly LayerArray[],
  signal: AbortSignal,
): Promise<Map<string, ArrayHealth>> {
  const found = new Map<string, ArrayHealth>();
  const waiting = [...arrays];
  const work = async () => {
    for (let array = waiting.shift(); array !== undefined; array = waiting.shift()) {
      const { cells } = await getCells(project, run, { key: array.key, sample: STEPS }, signal);
      const histograms = cells
        .map((cell) => parseHistogram(cell.step, cell.value))
        .filter((one): one is Histogram => one !== null);
      const stats = histograms.map(histogramStats);
      const rms = stats.at(-1)?.rms ?? NaN;
      found.set(array.key, { histograms, rms, finding: judge(array.kind, stats) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}
