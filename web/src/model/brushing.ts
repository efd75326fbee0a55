/** Which runs lie inside what was brushed. Pure. */

/** Part of an axis, from 0 to 1. */
export type Span = readonly [low: number, high: number];

/** The runs whose place on every brushed axis lies inside its span; null when no axis is brushed. A place that is NaN lies outside. */
export function runsWithin(
  ids: readonly string[],
  places: readonly (readonly number[])[],
  spans: readonly (Span | null | undefined)[],
): ReadonlySet<string> | null {
  if (spans.every((span) => !span)) return null;
  const isInside = (row: readonly number[]) =>
    spans.every((span, axis) => !span || (row[axis] >= span[0] && row[axis] <= span[1]));
  return new Set(ids.filter((_, index) => isInside(places[index])));
}
