/** Colours of runs: ten that stay apart under the common colour-vision deficiencies, then the same again dashed. Pure. */

/** Hue names; the real colours are the CSS tokens `--run-0` to `--run-9`, one set for light and one for dark pages. */
export const COLOR_COUNT = 10;

export interface RunColor {
  /** CSS value, to be used in styles. */
  css: string;
  /** Name of the CSS token, to be resolved for canvas. */
  token: string;
  /** Canvas dash pattern; empty for a solid line. */
  dash: number[];
}

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** The look of slot `index` (0, 1, ...). */
export function runColor(index: number): RunColor {
  const token = `--run-${index % COLOR_COUNT}`;
  return { css: `var(${token})`, token, dash: DASHES[Math.floor(index / COLOR_COUNT) % DASHES.length] };
}

/** The lowest slot that the fewest others use. */
export function freeSlot(used: Iterable<number>): number {
  const counts = new Map<number, number>();
  for (const slot of used) counts.set(slot, (counts.get(slot) ?? 0) + 1);
  for (let slot = 0; ; slot++) if (!counts.has(slot)) return slot;
}
