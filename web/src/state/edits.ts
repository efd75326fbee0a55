/** Changes of runs, with their messages and the way back. */

import { deleteRun, restoreRun } from "../api/client";
import type { RunSummary } from "../api/types";
import { toasts } from "./toasts.svelte";

/** Deletes a run and offers to take it back. `done` and `undone` are called when the server has agreed. */
export async function deleteWithUndo(run: RunSummary, done: () => void, undone: () => void): Promise<void> {
  try {
    await deleteRun(run.project, run.id);
  } catch (error) {
    toasts.error(error);
    return;
  }
  done();
  toasts.show(`Deleted ${run.name}`, { action: { label: "Undo", run: () => void undo(run, undone) } });
}

async function undo(run: RunSummary, undone: () => void): Promise<void> {
  try {
    await restoreRun(run.project, run.id);
    undone();
  } catch (error) {
    toasts.error(error);
  }
}
