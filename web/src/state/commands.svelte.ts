/**
 * What can be done by a key or from the command palette. Pages say what they offer while they are shown; the help sheet lists
 * all of it. A key is written as `KeyboardEvent.key`; two with a space between them are pressed one after the other.
 */

import { untrack } from "svelte";
import type { IconName } from "../ui/icons";

export interface Command {
  label: string;
  section: string;
  run: () => void;
  keys?: string;
  icon?: IconName;
  /** Only a key, such as "next row": of no use in the palette. */
  isKeyOnly?: boolean;
}

const SEQUENCE_MS = 1500;

class Commands {
  private sources = $state.raw<readonly (() => Command[])[]>([]);
  /** The first key of two, and when it was pressed: by the time of the event, for the page may be busy in between. */
  private pending = "";
  private pressed_ms = 0;

  /** Everything that can be done now; what pages offer comes before what is always there. */
  get all(): Command[] {
    return [...this.sources].reverse().flatMap((source) => source());
  }

  /** Offers commands until the function that it returns is called: to be used as an effect. */
  provide(source: () => Command[]): () => void {
    // Offering reads what others offer; an effect that does it must not run again for that.
    this.sources = [...untrack(() => this.sources), source];
    return () => (this.sources = this.sources.filter((other) => other !== source));
  }

  /** Runs what a key stands for. Keys typed into a field, or with a dialog open, are left alone. */
  press(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTaken(event)) return;
    const isSecond = this.pending !== "" && event.timeStamp - this.pressed_ms < SEQUENCE_MS;
    const sequence = isSecond ? `${this.pending} ${event.key}` : event.key;
    this.pending = "";
    const keyed = this.all.filter((command) => command.keys !== undefined);
    const command = keyed.find(({ keys }) => keys === sequence) ?? keyed.find(({ keys }) => keys === event.key);
    if (command !== undefined) {
      event.preventDefault();
      command.run();
    } else if (keyed.some(({ keys }) => keys?.startsWith(event.key + " "))) {
      this.pending = event.key;
      this.pressed_ms = event.timeStamp;
    }
  }
}

/** Whether the key belongs to what has the focus. */
function isTaken(event: KeyboardEvent): boolean {
  if (document.querySelector("dialog[open], [popover]:popover-open")) return true;
  const target = event.target as HTMLElement | null;
  return target?.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]") != null;
}

export const commands = new Commands();
