/** Steps that have a value. Pure. */

/** The place of the step nearest to `step`, the earlier of two; -1 without any. */
export function nearestPlace(steps: readonly number[], step: number): number {
  let best = -1;
  steps.forEach((one, place) => {
    if (best < 0 || Math.abs(one - step) < Math.abs(steps[best] - step)) best = place;
  });
  return best;
}
