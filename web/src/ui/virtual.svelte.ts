/** Virtual rows: only those in sight exist in the page. A thin Svelte form of TanStack's virtualizer. */

import {
  elementScroll,
  observeElementOffset,
  observeElementRect,
  Virtualizer,
  type VirtualItem,
} from "@tanstack/virtual-core";
import { untrack } from "svelte";

/** Rows made beyond those in sight: few for the first look, which should stand at once, more as soon as one scrolls. */
const [FEW, MANY] = [2, 10];

interface Source {
  element: HTMLElement | undefined;
  count: number;
  rowHeight: number;
  /** Height of a head that stays above the rows inside the scrolled box. */
  headHeight?: number;
}

/** To be created while a component is set up; `source` is read in effects. */
export class VirtualRows {
  items = $state.raw<VirtualItem[]>([]);
  totalHeight = $state(0);
  private readonly virtualizer: Virtualizer<HTMLElement, HTMLElement>;

  constructor(source: () => Source) {
    this.virtualizer = new Virtualizer<HTMLElement, HTMLElement>({
      count: 0,
      getScrollElement: () => untrack(source).element ?? null,
      estimateSize: () => 32,
      overscan: FEW,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: (_, isScrolling) => {
        if (isScrolling) this.virtualizer.options.overscan = MANY;
        this.update();
      },
    });
    $effect(() => this.virtualizer._didMount());
    $effect(() => {
      const { element, count, rowHeight, headHeight: scrollPaddingEnd = 0 } = source();
      if (element === undefined) return;
      untrack(() => {
        const isNewHeight = this.virtualizer.options.estimateSize(0) !== rowHeight;
        const estimateSize = () => rowHeight;
        this.virtualizer.setOptions({ ...this.virtualizer.options, count, estimateSize, scrollPaddingEnd });
        this.virtualizer._willUpdate();
        if (isNewHeight) this.virtualizer.measure();
        this.update();
      });
    });
  }

  scrollTo(index: number, align: "auto" | "end" = "auto"): void {
    this.virtualizer.scrollToIndex(index, { align });
  }

  private update(): void {
    this.items = this.virtualizer.getVirtualItems();
    this.totalHeight = this.virtualizer.getTotalSize();
  }
}
