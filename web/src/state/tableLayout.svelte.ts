/** Which columns a run table has, in which order, pinned or not, how wide: from the address bar, else as last chosen here. */

import { DEFAULT_WIDTHS } from "../model/columns";
import { clampWidth, encodeWidths, moveBefore, moveBy, parseWidths, type Widths } from "../model/tableLayout";
import { router } from "./router.svelte";
import { readStored, writeStored } from "./stored";

interface Stored {
  pinned: string[];
  widths: Widths;
}

export class TableLayout {
  private storedNames = $state.raw<string[] | null>(null);
  private stored = $state.raw<Stored>({ pinned: [], widths: {} });
  /** The width of a column whose border is being dragged: not in the address before it is let go. */
  private dragged = $state.raw<Widths>({});

  /** What the user chose, here or in the address; null: nothing yet. */
  readonly chosen = $derived(split(router.query.get("cols")) ?? this.storedNames);
  readonly pinned = $derived(new Set(split(router.query.get("pin")) ?? this.stored.pinned));
  private readonly settled = $derived.by(() => {
    const text = router.query.get("w");
    return text === null ? this.stored.widths : parseWidths(text);
  });
  readonly widths = $derived<Widths>({ ...this.settled, ...this.dragged });
  readonly nameWidth = $derived(this.widths.name ?? DEFAULT_WIDTHS.name);

  constructor(private readonly project: string) {
    this.storedNames = readStored<string[] | null>("columns." + project, null);
    this.stored = readStored<Stored>("table." + project, this.stored);
  }

  setColumns(names: readonly string[]): void {
    this.storedNames = [...names];
    writeStored("columns." + this.project, names);
    router.set({ cols: names.join(",") });
  }

  move(shown: readonly string[], name: string, before: string | null): void {
    this.setColumns(moveBefore(shown, name, before));
  }

  step(shown: readonly string[], name: string, delta: -1 | 1): void {
    this.setColumns(moveBy(shown, name, delta));
  }

  togglePin(name: string): void {
    const pinned = new Set(this.pinned);
    if (!pinned.delete(name)) pinned.add(name);
    this.keep({ ...this.stored, pinned: [...pinned] });
    router.set({ pin: [...pinned].join(",") });
  }

  /** A width while the border is dragged. */
  drag(name: string, width: number): void {
    this.dragged = { [name]: clampWidth(width) };
  }

  /** Keeps the width that was dragged to. */
  settle(): void {
    if (Object.keys(this.dragged).length === 0) return;
    this.setWidths(this.widths);
    this.dragged = {};
  }

  setWidth(name: string, width: number): void {
    this.setWidths({ ...this.settled, [name]: clampWidth(width) });
  }

  private setWidths(widths: Widths): void {
    this.keep({ ...this.stored, widths });
    router.set({ w: encodeWidths(widths) });
  }

  private keep(stored: Stored): void {
    this.stored = stored;
    writeStored("table." + this.project, stored);
  }
}

function split(text: string | null): string[] | null {
  return text?.split(",").filter(Boolean) ?? null;
}
