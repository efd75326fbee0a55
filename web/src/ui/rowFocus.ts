/** Going from row to row of a virtual table by keys: the focus goes along, on what a row marks with `data-row-focus`. */

export class RowFocus {
  /** The row that had the focus last; -1: none yet. */
  index = -1;

  constructor(
    private readonly root: () => HTMLElement | undefined,
    private readonly count: () => number,
    private readonly scrollTo: (index: number) => void,
  ) {}

  /** Remembers where the focus is: to be called when it arrives somewhere inside. */
  note(element: Element): void {
    const row = element.closest<HTMLElement>("[data-index]");
    if (row !== null) this.index = Number(row.dataset.index);
  }

  /** Moves the focus by so many rows, and scrolls where needed. */
  async move(delta: number): Promise<void> {
    const next = Math.min(this.count() - 1, Math.max(0, this.index + delta));
    if (next < 0) return;
    this.index = next;
    this.scrollTo(next);
    // A row that was out of sight exists after the next picture or two.
    for (let attempt = 0; attempt < 10; attempt++) {
      const target = this.root()?.querySelector<HTMLElement>(`[data-index="${next}"] [data-row-focus]`);
      if (target) return target.focus({ preventScroll: true });
      await new Promise(requestAnimationFrame);
    }
  }
}
