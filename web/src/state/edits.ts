/** Changes of runs, one or many, each with its message and the way back. */

import { editMany } from "../api/client";
import type { BulkEdit, RunPatch, RunSummary } from "../api/types";
import { formatPlural } from "../model/format";
import { toasts } from "./toasts.svelte";
import { undo } from "./undo.svelte";

/** What the server takes in one request. */
const MAX_IDS = 10_000;

type Change = Omit<BulkEdit, "runs">;
type Runs = readonly RunSummary[];

/** Deletes a run and offers to take it back. `done` and `undone` are called when the server has agreed. */
export async function deleteWithUndo(run: RunSummary, done: () => void, undone: () => void): Promise<void> {
  await deleteRuns([run], done, undone);
}

/** Deletes runs and offers to take them back. */
export async function deleteRuns(runs: Runs, done: () => void, undone = done): Promise<void> {
  await change(runs, { action: "delete" }, `Deleted ${nameOf(runs)}`, done, async () => {
    await send(runs, { action: "restore" });
    undone();
  });
}

/** Gives the runs a tag that they do not have yet, or takes it away from those that have it. */
export async function tagRuns(runs: Runs, tag: string, isAdded: boolean, done: () => void): Promise<void> {
  const affected = runs.filter((run) => run.tags.includes(tag) !== isAdded);
  const [there, back] = [{ add_tags: [tag] }, { remove_tags: [tag] }].map((tags): Change => ({
    action: "edit",
    ...tags,
  }));
  const label = isAdded ? `Tagged ${nameOf(affected)} “${tag}”` : `Removed “${tag}” from ${nameOf(affected)}`;
  await change(affected, isAdded ? there : back, label, done, async () => {
    await send(affected, isAdded ? back : there);
    done();
  });
}

/** Sets a field of the runs; `verb` begins the message, such as "Archived". Undone, each gets back what it had. */
export async function setField<Field extends "group" | "job_type" | "archived">(
  runs: Runs,
  field: Field,
  value: RunSummary[Field],
  verb: string,
  done: () => void,
): Promise<void> {
  const affected = runs.filter((run) => run[field] !== value);
  const set = (given: RunSummary[Field]): Change => ({ action: "edit", set: { [field]: given } as RunPatch });
  await change(affected, set(value), `${verb} ${nameOf(affected)}`, done, async () => {
    for (const before of new Set(affected.map((run) => run[field]))) {
      await send(
        affected.filter((run) => run[field] === before),
        set(before),
      );
    }
    done();
  });
}

/** Shows runs in another project. Undone, they come back. */
export async function moveRuns(runs: Runs, to: string, done: () => void): Promise<void> {
  const affected = runs.filter((run) => run.project !== to);
  await change(
    affected,
    { action: "move", project: to },
    `Moved ${nameOf(affected)} to the project “${to}”`,
    done,
    async () => {
      await send(affected, { action: "move", project: affected[0].project }, to);
      done();
    },
  );
}

async function change(
  runs: Runs,
  edit: Change,
  label: string,
  done: () => void,
  back: () => Promise<void>,
): Promise<void> {
  if (runs.length === 0) {
    toasts.show("Nothing to change");
    return;
  }
  try {
    await send(runs, edit);
  } catch (error) {
    toasts.error(error);
    return;
  }
  done();
  undo.offer(label, back);
}

async function send(runs: Runs, edit: Change, project = runs[0].project): Promise<void> {
  const ids = runs.map((run) => run.id);
  for (let from = 0; from < ids.length; from += MAX_IDS) {
    await editMany(project, { ...edit, runs: ids.slice(from, from + MAX_IDS) });
  }
}

function nameOf(runs: Runs): string {
  return runs.length === 1 ? runs[0].name : formatPlural(runs.length, "run");
}
