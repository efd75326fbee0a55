/** Which colour a run has. A run keeps its colour in this browser; new runs take the colour that is used least. */

import { SvelteMap } from "svelte/reactivity";
import { freeSlot, runColor, type RunColor } from "../model/palette";
import { readStored, writeStored } from "./stored";

const MAX_REMEMBERED = 2000;

class Colors {
  private readonly projects = new Map<string, SvelteMap<string, number>>();

  of(project: string, run: string): RunColor {
    return runColor(this.slots(project).get(run) ?? 0);
  }

  /** Whether the run has a colour yet: those that were never charted have none. */
  has(project: string, run: string): boolean {
    return this.slots(project).has(run);
  }

  /** Gives every run of the list a colour that has none yet. Not to be called while something is being derived. */
  assign(project: string, runs: readonly string[]): void {
    const slots = this.slots(project);
    const missing = runs.filter((run) => !slots.has(run));
    if (missing.length === 0) return;
    // Only the runs in sight matter: far more runs than colours would else push every new one into dashed lines.
    const near = new Set(runs);
    const used = [...slots].filter(([run]) => near.has(run)).map(([, slot]) => slot);
    for (const run of missing) {
      const slot = freeSlot(used);
      used.push(slot);
      slots.set(run, slot);
    }
    this.store(project);
  }

  choose(project: string, run: string, slot: number): void {
    this.slots(project).set(run, slot);
    this.store(project);
  }

  private slots(project: string): SvelteMap<string, number> {
    let slots = this.projects.get(project);
    if (slots === undefined) {
      slots = new SvelteMap(readStored<[string, number][]>("colors." + project, []));
      this.projects.set(project, slots);
    }
    return slots;
  }

  private store(project: string): void {
    writeStored("colors." + project, [...this.slots(project)].slice(-MAX_REMEMBERED));
  }
}

export const colors = new Colors();
