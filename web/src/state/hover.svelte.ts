/** Where the mouse stands on the x axis, shared by all charts with the same x, so that they point at the same step. */

class Hover {
  /** The `x` of the query the value belongs to, the value, and the chart that the mouse is in. */
  at = $state.raw<{ axis: string; x: number; chart: string } | null>(null);
  /** The run to bring to the front, say while the mouse is on its row. */
  run = $state<string | null>(null);

  xFor(axis: string): number | null {
    return this.at !== null && this.at.axis === axis ? this.at.x : null;
  }
}

export const hover = new Hover();
