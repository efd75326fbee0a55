/** The panels of a report: fenced blocks named `panel` in its Markdown. Pure. The same rules stand in kerascope/reports/panels.py. */

export interface ReportPanel {
  project: string;
  /** Ids or names; empty: the newest runs of the project. */
  runs: string[];
  metrics: string[];
  /** null: each metric's own. */
  x: string | null;
  smoothing: number;
  log: boolean;
  height: number;
}

/** Reads the lines of a block. Throws an error that names the line to blame. */
export function parsePanel(text: string, project: string): ReportPanel {
  const panel: ReportPanel = { project, runs: [], metrics: [], x: null, smoothing: 0, log: false, height: 240 };
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const match = /^\s*([a-z]+)\s*:\s*(.*?)\s*$/.exec(line);
    if (!match) throw new Error(`A line of a panel is \`name: value\`. Received: ${line.trim()}`);
    setField(panel, match[1], match[2]);
  }
  if (panel.metrics.length === 0)
    throw new Error("A panel names its metrics. Add a line such as `metric: loss, val_loss`.");
  return panel;
}

function setField(panel: ReportPanel, name: string, value: string): void {
  const names = value
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  if (name === "project") panel.project = value;
  else if (name === "runs" || name === "run") panel.runs = names;
  else if (name === "metric" || name === "metrics") panel.metrics = names;
  else if (name === "x") panel.x = value;
  else if (name === "log") panel.log = value === "true" || value === "yes" || value === "1";
  else if (name === "smooth") panel.smoothing = Math.min(0.999, Math.max(0, Number(value) || 0));
  else if (name === "height") panel.height = Math.min(1000, Math.max(100, Number(value) || 240));
  else throw new Error(`A panel has project, runs, metric, x, smooth, log and height. Received: ${name}`);
}

const NEWEST = 5;
const MOST = 1000;

/** What the server is asked for: the runs that a panel names, archived ones too; without names the newest. */
export function runsQuery(wanted: readonly string[]): {
  order: string;
  columns: string;
  limit: number;
  filter?: string;
  archived?: boolean;
} {
  const plain = { order: "-created_s", columns: "config._none" };
  if (wanted.length === 0) return { ...plain, limit: NEWEST };
  const filter = JSON.stringify({ $or: [{ id: { $in: wanted } }, { name: { $in: wanted } }] });
  return { ...plain, filter, limit: MOST, archived: true };
}

/** The runs that a panel means, in its order: by id, else by name. */
export function pickRuns<T extends { id: string; name: string }>(all: readonly T[], wanted: readonly string[]): T[] {
  if (wanted.length === 0) return all.slice(0, NEWEST);
  const found = wanted.flatMap((name) => {
    const byId = all.find((run) => run.id === name);
    return byId ? [byId] : all.filter((run) => run.name === name);
  });
  return [...new Set(found)];
}

/** The names that no run bears: it was deleted, or is called otherwise now. */
export function goneRuns(found: readonly { id: string; name: string }[], wanted: readonly string[]): string[] {
  return wanted.filter((name) => !found.some((run) => run.id === name || run.name === name));
}
