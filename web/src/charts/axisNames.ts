/** Names above parallel axes: in as many rows as they need to be read, and no wider than the chart. Pure. */

import type { Measure } from "./names";

export interface AxisName {
  /** The name, or its end where there is no room for all of it. */
  text: string;
  /** 0 is the row next to the axes. */
  row: number;
  /** The middle of the text, in pixels. */
  center: number;
}

export interface AxisNames {
  rows: number;
  names: AxisName[];
}

const EDGE = 4;
const MOST_ROWS = 3;

/** The end of a text, which says more than its beginning in names such as `optimizer.learning_rate`. */
function endOf(text: string, room: number, measure: Measure): string {
  let [end, from] = [text, 0];
  while (measure(end) > room && from < text.length - 1) end = "…" + text.slice(++from);
  return end;
}

/** The middle nearest to `x` of a text that stays between two places. */
export function centered(x: number, textWidth: number, from: number, to: number): number {
  return Math.max(from + textWidth / 2, Math.min(x, to - textWidth / 2));
}

/** Where the names of axes at `xs` stand in a chart of some width. Neighbours take turns between the rows. */
export function axisNames(names: readonly string[], xs: readonly number[], width: number, measure: Measure): AxisNames {
  let rows = 1;
  while (rows < MOST_ROWS && !names.every((name, axis) => measure(name) <= room(axis, rows))) rows++;
  return {
    rows,
    names: names.map((name, axis) => {
      const [from, to] = ends(axis, rows);
      const text = endOf(name, to - from, measure);
      return { text, row: axis % rows, center: centered(xs[axis], measure(text), from, to) };
    }),
  };

  /** Between the middles to the neighbours in its row; to the edge where it has none. */
  function ends(axis: number, count: number): [number, number] {
    const before = xs[axis - count];
    const after = xs[axis + count];
    return [
      before === undefined ? EDGE : (before + xs[axis]) / 2 + EDGE,
      after === undefined ? width - EDGE : (after + xs[axis]) / 2 - EDGE,
    ];
  }

  function room(axis: number, count: number): number {
    const [from, to] = ends(axis, count);
    return to - from;
  }
}
