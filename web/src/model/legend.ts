/** How much room the names of a chart's lines take. Pure. */

const LETTER = 6.7;
/** Square, its margin, and the gap to the next name. */
const AROUND = 28;
const PADDING = 24;
const ROW = 18;
const MOST_ROWS = 3;

/** The height of the names below each other in rows of `width`, all in pixels; more than three rows are cut off. */
export function legendHeight(names: readonly string[], width: number): number {
  const room = Math.max(1, width - PADDING);
  let [rows, used] = [1, 0];
  for (const name of names) {
    const wide = Math.min(room, AROUND + Math.min(180, name.length * LETTER));
    if (used + wide > room) [rows, used] = [rows + 1, 0];
    used += wide;
  }
  return 6 + ROW * Math.min(MOST_ROWS, rows);
}
