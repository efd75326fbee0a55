/** Addresses of pages. Pure: path text in, route out, and back. */

export const RUN_TABS = [
  "charts",
  "media",
  "overview",
  "config",
  "summary",
  "console",
  "system",
  "source",
  "files",
  "graph",
  "artifacts",
] as const;

export type RunTab = (typeof RUN_TABS)[number];

export type Route =
  | { page: "projects" }
  | { page: "runs"; project: string }
  | { page: "run"; project: string; run: string; tab: RunTab }
  | { page: "artifacts"; project: string }
  | { page: "artifact"; project: string; artifact: string; version: string | null }
  | { page: "compare"; project: string }
  | { page: "reports"; project: string }
  | { page: "report"; project: string; report: string }
  | { page: "missing"; path: string };

export function parsePath(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  let names: string[];
  try {
    names = parts.map(decodeURIComponent);
  } catch {
    return { page: "missing", path };
  }
  if (names.length === 0 || (names.length === 1 && names[0] === "projects")) return { page: "projects" };
  if (names[0] !== "projects") return { page: "missing", path };
  if (names.length === 2 || (names.length === 3 && names[2] === "runs")) return { page: "runs", project: names[1] };
  if (names[2] === "runs" && names.length <= 5) {
    const tab = (names[4] ?? "charts") as RunTab;
    if (RUN_TABS.includes(tab)) return { page: "run", project: names[1], run: names[3], tab };
  }
  if (names[2] === "artifacts" && names.length === 3) return { page: "artifacts", project: names[1] };
  if (names[2] === "artifacts" && names.length <= 5) {
    return { page: "artifact", project: names[1], artifact: names[3], version: names[4] ?? null };
  }
  if (names[2] === "compare" && names.length === 3) return { page: "compare", project: names[1] };
  if (names[2] === "reports" && names.length === 3) return { page: "reports", project: names[1] };
  if (names[2] === "reports" && names.length === 4) return { page: "report", project: names[1], report: names[3] };
  return { page: "missing", path };
}

export function projectPath(project: string): string {
  return `/projects/${encodeURIComponent(project)}`;
}

export function runPath(project: string, run: string, tab: RunTab = "charts"): string {
  const base = `${projectPath(project)}/runs/${encodeURIComponent(run)}`;
  return tab === "charts" ? base : `${base}/${tab}`;
}

export function artifactsPath(project: string): string {
  return `${projectPath(project)}/artifacts`;
}

/** The page of an artifact, or of one of its versions (a number or an alias). */
export function artifactPath(project: string, artifact: string, version?: number | string): string {
  const base = `${artifactsPath(project)}/${encodeURIComponent(artifact)}`;
  if (version === undefined) return base;
  return `${base}/${typeof version === "number" ? `v${version}` : encodeURIComponent(version)}`;
}

/** So many runs can be compared at most. */
export const MAX_COMPARED = 20;

/** The page that compares runs; which ones is the query value `runs` (ids, joined by commas). */
export function comparePath(project: string, runs: readonly string[] = []): string {
  const base = `${projectPath(project)}/compare`;
  return runs.length === 0 ? base : `${base}?runs=${runs.map(encodeURIComponent).join(",")}`;
}

export function reportsPath(project: string): string {
  return `${projectPath(project)}/reports`;
}

export function reportPath(project: string, report: string): string {
  return `${reportsPath(project)}/${encodeURIComponent(report)}`;
}
