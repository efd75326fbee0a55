/** The runs that were brushed in a panel over runs: the other such panels of the page show them too. */

class Brush {
  /** Null: none is brushed, all are shown alike. */
  runs = $state.raw<ReadonlySet<string> | null>(null);

  /** A run that is brushed, or any while nothing is. */
  has(run: string): boolean {
    return this.runs === null || this.runs.has(run);
  }
}

export const brush = new Brush();
