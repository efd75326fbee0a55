/**
 * The panel layout of a project, as all its pages share it: read once from the saved view `panels/default`, changed at once on the page,
 * saved a moment later.
 */

import { deleteView, getViews, saveView } from "../api/client";
import type { MetricKey } from "../api/types";
import * as rules from "../model/panelLayout";
import { EMPTY_LAYOUT, parseLayout, type Layout, type PanelOptions, type PanelSize } from "../model/panelLayout";
import { toasts } from "./toasts.svelte";

const KIND = "panels";
const NAME = "default";
const SAVE_AFTER_MS = 400;

/** The panel that is being added or edited; `id` null: a new one. */
export interface PanelDraft {
  id: string | null;
  kind: string;
  options: PanelOptions;
}

export class PanelLayout {
  value = $state.raw<Layout>(EMPTY_LAYOUT);
  draft = $state.raw<PanelDraft | null>(null);
  /** The keys of the page, which the dialog offers. */
  keys = $state.raw<readonly MetricKey[]>([]);
  private isTouched = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly project: string) {
    void this.load();
    addEventListener("pagehide", () => this.flush());
  }

  /** No `$derived`: that would end with the page that asked for the layout first, and leave a stale answer to the save after it. */
  get isChanged(): boolean {
    return JSON.stringify(this.value) !== JSON.stringify(EMPTY_LAYOUT);
  }

  /** Moves a panel before another one of its section (null: to the end); `shown` are the ids there, in order. */
  move(shown: readonly string[], id: string, target: string | null): void {
    this.set(rules.movePanel(this.value, shown, id, target));
  }

  resize(id: string, size: PanelSize): void {
    this.set(rules.resizePanel(this.value, id, size));
  }

  setColumns(columns: number): void {
    this.set({ ...this.value, columns });
  }

  /** Hides a panel of a key, takes an added one out; both can be undone. */
  dismiss(id: string, isAdded: boolean, name: string): void {
    const before = this.value;
    this.set(isAdded ? rules.removePanel(before, id) : rules.hidePanel(before, id));
    const undo = () => this.set(before);
    toasts.show(`${isAdded ? "Removed" : "Hid"} ${name}`, { action: { label: "Undo", run: undo } });
  }

  show(id: string): void {
    this.set(rules.showPanel(this.value, id));
  }

  reset(): void {
    const before = this.value;
    this.set(EMPTY_LAYOUT);
    toasts.show("Panels are laid out as at first", { action: { label: "Undo", run: () => this.set(before) } });
  }

  /** Takes the draft over. */
  keep(kind: string, options: PanelOptions): void {
    if (this.draft === null) return;
    const { id } = this.draft;
    this.set(id === null ? rules.addPanel(this.value, kind, options) : rules.setOptions(this.value, id, options));
    this.draft = null;
  }

  private set(next: Layout): void {
    if (next === this.value) return;
    this.value = next;
    this.isTouched = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), SAVE_AFTER_MS);
  }

  /** Saves what waits to be saved: also when the page is left. */
  private flush(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    void this.save();
  }

  private async load(): Promise<void> {
    try {
      const { views } = await getViews(this.project);
      const saved = views.find((view) => view.kind === KIND && view.name === NAME);
      // What was changed while the answer was on its way stays.
      if (saved !== undefined && !this.isTouched) this.value = parseLayout(saved.data);
    } catch {
      // Without the saved layout panels stand as at first; a page that cannot reach its server says so elsewhere.
    }
  }

  private async save(): Promise<void> {
    try {
      if (this.isChanged) await saveView(this.project, KIND, NAME, this.value);
      else await deleteView(this.project, KIND, NAME);
    } catch (error) {
      toasts.error(error);
    }
  }
}

const layouts = new Map<string, PanelLayout>();

/** The layout of a project, the same one for all who ask. */
export function panelLayout(project: string): PanelLayout {
  let layout = layouts.get(project);
  if (layout === undefined) layouts.set(project, (layout = new PanelLayout(project)));
  return layout;
}
