/** What can be taken back: every change offers it in its message, and Ctrl+Z takes back the last one. */

import { toasts } from "./toasts.svelte";

interface Step {
  id: number;
  label: string;
  back: () => Promise<void> | void;
}

const MAX_STEPS = 50;

class Undo {
  private steps = $state.raw<readonly Step[]>([]);
  private next = 0;

  /** What the last change was; null when there is none to take back. */
  readonly last = $derived(this.steps.at(-1)?.label ?? null);

  /** Says that something was done (`label`), and how to take it back. */
  offer(label: string, back: Step["back"]): void {
    const step = { id: this.next++, label, back };
    this.steps = [...this.steps.slice(1 - MAX_STEPS), step];
    toasts.show(label, { action: { label: "Undo", run: () => void this.take(step) } });
  }

  /** Takes the last change back. */
  takeLast(): void {
    const step = this.steps.at(-1);
    if (step === undefined) toasts.show("There is nothing to undo");
    else void this.take(step);
  }

  private async take(step: Step): Promise<void> {
    if (!this.steps.some((other) => other.id === step.id)) return;
    this.steps = this.steps.filter((other) => other.id !== step.id);
    toasts.dismissText(step.label);
    try {
      await step.back();
      toasts.show(`Undone: ${step.label}`);
    } catch (error) {
      toasts.error(error);
    }
  }
}

export const undo = new Undo();
