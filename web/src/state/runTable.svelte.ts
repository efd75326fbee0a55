/**
 * The runs that a panel compares, with their config and summary; read again when the project changes, but not more often than every
 * few seconds. To be created while a component is set up.
 */

import { untrack } from "svelte";
import type { RunSummary } from "../api/types";
import { live } from "./live.svelte";
import { Resource } from "./resource.svelte";
import { loadRunTable } from "./runTable";

const AGAIN_AFTER_MS = 10_000;

interface Source {
  project: string;
  filter?: string;
  search?: string;
}

export class RunTable extends Resource<RunSummary[]> {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private read_ms = 0;
  private asked = "";

  constructor(private readonly source: () => Source) {
    super();
    $effect(() => {
      const asked = source();
      const version = live.projectVersion(asked.project);
      untrack(() => this.schedule(JSON.stringify(asked), version));
      return () => clearTimeout(this.timer);
    });
  }

  readonly reload = (): void => this.start(live.projectVersion(this.source().project));

  private schedule(asked: string, version: number): void {
    clearTimeout(this.timer);
    const wait_ms = asked !== this.asked ? 0 : Math.max(0, this.read_ms + AGAIN_AFTER_MS - Date.now());
    if (wait_ms === 0) this.start(version);
    else this.timer = setTimeout(() => this.start(version), wait_ms);
  }

  private start(version: number): void {
    this.read_ms = Date.now();
    this.asked = JSON.stringify(this.source());
    void this.load(() => loadRunTable({ ...this.source(), version }));
  }
}
