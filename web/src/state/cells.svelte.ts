/** The media values of a key of one run, by step: evenly spread over all of them, or the newest; read again when the run changes. To be created while a component is set up. */

import { untrack } from "svelte";
import { getCells } from "../api/client";
import type { CellPage } from "../api/types";
import { live } from "./live.svelte";
import { Resource } from "./resource.svelte";

interface Source {
  project: string;
  run: string | undefined;
  key: string;
  limit: number;
  /** The newest, rather than some of all. */
  newest: boolean;
}

export class Cells extends Resource<CellPage> {
  constructor(private readonly source: () => Source) {
    super();
    let [shown, asked] = ["", ""];
    $effect(() => {
      const { project, run, ...rest } = source();
      if (run === undefined) return;
      const question = JSON.stringify([project, run, rest, live.version(project, run)]);
      untrack(() => {
        // Whoever shows the panel may tell it the same again, in a new object: one does not read twice for that.
        if (question === asked) return;
        if (shown !== "" && shown !== run + rest.key) this.clear();
        [shown, asked] = [run + rest.key, question];
        this.reload();
      });
    });
  }

  readonly reload = (): void => {
    const { project, run, key, limit, newest } = this.source();
    if (run === undefined) return;
    void this.load((signal) =>
      getCells(project, run, { key, ...(newest ? { limit, last: true } : { sample: limit }) }, signal),
    );
  };
}
