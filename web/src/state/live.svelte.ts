/**
 * What changed on the server, as reactive counters: read `version(project, run)` in an effect and it runs again when the
 * run has new data. At most one step a second, so that fast trainings do not keep the page busy.
 */

import { SvelteMap } from "svelte/reactivity";
import { openLive, type LiveStatus } from "../api/live";
import type { LiveChange } from "../api/types";

const INTERVAL_MS = 1000;

class Live {
  status = $state<LiveStatus>("connecting");
  private readonly versions = new SvelteMap<string, number>();
  private pending: LiveChange[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  private lastFlush_ms = 0;

  /** Follows a project, a run, or everything; returns how to stop. */
  follow(scope: { project?: string; run?: string }): () => void {
    const close = openLive(scope, {
      change: (change) => this.receive(change),
      reset: () => this.bumpAll(),
      status: (status) => (this.status = status),
    });
    return () => {
      close();
      clearTimeout(this.timer);
      this.timer = undefined;
      this.flush();
    };
  }

  /** Steps when the run has new data of any kind. */
  version(project: string, run: string): number {
    return this.get("reset") + this.get(`run ${project} ${run}`);
  }

  /** Steps when a run of the project appears or changes. */
  projectVersion(project: string): number {
    return this.get("reset") + this.get(`project ${project}`);
  }

  /** Steps when the set of metric keys of some run of the project grows. */
  keysVersion(project: string): number {
    return this.get("reset") + this.get(`keys ${project}`);
  }

  /** Steps when the run printed something. */
  consoleVersion(project: string, run: string): number {
    return this.get("reset") + this.get(`console ${project} ${run}`);
  }

  /** Steps on every change. */
  get anyVersion(): number {
    return this.get("reset") + this.get("any");
  }

  private get(name: string): number {
    return this.versions.get(name) ?? 0;
  }

  private bump(names: Iterable<string>): void {
    for (const name of names) this.versions.set(name, (this.versions.get(name) ?? 0) + 1);
  }

  private bumpAll(): void {
    this.bump(["reset"]);
  }

  private receive(change: LiveChange): void {
    this.pending.push(change);
    if (this.timer !== undefined) return;
    const wait_ms = Math.max(0, this.lastFlush_ms + INTERVAL_MS - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.flush();
    }, wait_ms);
  }

  private flush(): void {
    if (this.pending.length === 0) return;
    this.lastFlush_ms = Date.now();
    const names = new Set<string>(["any"]);
    for (const change of this.pending) {
      for (const project of change.projects) names.add(`project ${project}`);
      for (const run of change.runs) {
        names.add(`run ${run.project} ${run.run}`);
        names.add(`project ${run.project}`);
        if (run.new_keys) names.add(`keys ${run.project}`);
        if (run.console) names.add(`console ${run.project} ${run.run}`);
      }
    }
    this.pending = [];
    this.bump(names);
  }
}

export const live = new Live();
