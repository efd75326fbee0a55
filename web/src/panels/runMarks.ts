/** How runs look in panels that compare them: in their own colour where they are charted, or by a result. */

import type { RunSummary } from "../api/types";
import type { FieldScale } from "../model/fieldScale";
import { runField } from "../model/grouping";
import { token } from "../state/theme.svelte";
import type { PanelContext } from "./context";

/** Blue to orange: told apart with any colour vision. */
const [LOW, HIGH] = ["--run-0", "--run-1"];

/** The CSS colour of a place from 0 to 1; grey for one that has none. */
export function rampColor(at: number): string {
  if (!Number.isFinite(at)) return token("--border-strong");
  return `color-mix(in oklab, ${token(HIGH)} ${Math.round(at * 100)}%, ${token(LOW)})`;
}

export function rampCss(): string {
  return `linear-gradient(to right in oklab, var(${LOW}), var(${HIGH}))`;
}

/** Colours of runs: by `field` on `scale`, or without one each its own, grey for those that are not charted. */
export function runColors(
  runs: readonly RunSummary[],
  context: PanelContext,
  field?: string,
  scale?: FieldScale,
): Map<string, string> {
  const own = new Map(context.runs.map((run) => [run.id, token(run.color.token)]));
  return new Map(
    runs.map((run) => [
      run.id,
      field !== undefined && scale !== undefined
        ? rampColor(scale.place(runField(run, field)))
        : (own.get(run.id) ?? token("--text-3")),
    ]),
  );
}
