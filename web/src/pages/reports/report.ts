/** How a report is kept: as a view of this kind, whose data is its Markdown. */

import { isMap } from "../../model/value";

export const REPORT = "report";

export function markdownOf(data: unknown): string {
  return isMap(data) && typeof data.markdown === "string" ? data.markdown : "";
}

/** What a new report begins with: a panel to be changed. */
export function firstDraft(name: string, run: string | undefined): string {
  return `# ${name}\n\nWhat was tried, and what came out?\n\n\`\`\`panel\n${run ? `runs: ${run}\n` : ""}metric: loss, val_loss\n\`\`\`\n`;
}
