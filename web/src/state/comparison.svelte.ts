/** The runs of the compare page: which ones, which of them is the base, and all that is known of them. */

import { getRun } from "../api/client";
import type { RunDetail } from "../api/types";
import { MAX_COMPARED } from "../model/routes";
import { live } from "./live.svelte";
import { router } from "./router.svelte";
import { untrack } from "svelte";

/** To be created while a component is set up. */
export class Comparison {
  private readonly named = $derived([...new Set((router.query.get("runs") ?? "").split(",").filter(Boolean))]);
  readonly ids = $derived(this.named.slice(0, MAX_COMPARED));
  /** How many more the address names than can be compared. */
  readonly leftOut = $derived(this.named.length - this.ids.length);
  /** What could be read; a run keeps its last state while it is read again. */
  private known = $state.raw(new Map<string, RunDetail>());
  private failed = $state.raw(new Map<string, Error>());

  readonly runs = $derived(this.ids.map((id) => this.known.get(id)).filter((run): run is RunDetail => !!run));
  readonly errors = $derived([...this.failed].filter(([id]) => this.ids.includes(id)));
  readonly isLoading = $derived(this.ids.some((id) => !this.known.has(id) && !this.failed.has(id)));
  readonly base = $derived(this.runs.find((run) => run.id === router.query.get("base")) ?? this.runs[0]);
  readonly others = $derived(this.runs.filter((run) => run !== this.base));
  /** The run that is held against the base where only two can be shown. */
  readonly other = $derived(this.others.find((run) => run.id === router.query.get("with")) ?? this.others[0]);

  constructor(readonly project: string) {
    const versions = new Map<string, number>();
    $effect(() => {
      for (const id of this.ids) {
        const version = live.version(project, id);
        if (versions.get(id) === version) continue;
        versions.set(id, version);
        untrack(() => void this.read(id));
      }
    });
  }

  retry(): void {
    for (const [id] of this.errors) void this.read(id);
  }

  choose(ids: readonly string[]): void {
    router.set({ runs: ids.join(",") });
  }

  remove(id: string): void {
    this.choose(this.ids.filter((other) => other !== id));
  }

  private async read(id: string): Promise<void> {
    try {
      const run = await getRun(this.project, id);
      this.known = new Map(this.known).set(id, run);
      if (this.failed.has(id)) this.failed = new Map([...this.failed].filter(([other]) => other !== id));
    } catch (error) {
      this.failed = new Map(this.failed).set(id, error instanceof Error ? error : new Error(String(error)));
    }
  }
}
