/** Artifact versions: aliases, single files, differences, layers and lineage. */

import { apiUrl, getJson, request } from "./client";
import type { ArtifactDifference, LayerComparison, LineageGraph } from "./types";

const place = (project: string, name: string, version: string) =>
  `projects/${encodeURIComponent(project)}/artifacts/${encodeURIComponent(name)}/${encodeURIComponent(version)}`;

export interface BaseQuery {
  /** Version or alias that is compared with; left out: the version before. */
  base?: string;
  base_name?: string;
  base_project?: string;
}

export async function setAliases(project: string, name: string, version: string, aliases: string[]): Promise<void> {
  await request(apiUrl(`${place(project, name, version)}/aliases`), {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ aliases }),
  });
}

export const getDifference = (project: string, name: string, version: string, base: BaseQuery, signal?: AbortSignal) =>
  getJson<ArtifactDifference>(apiUrl(`${place(project, name, version)}/diff`, { ...base }), signal);

export const getLayers = (project: string, name: string, version: string, base: BaseQuery, signal?: AbortSignal) =>
  getJson<LayerComparison>(apiUrl(`${place(project, name, version)}/layers`, { ...base }), signal);

export const getLineage = (project: string, name: string, version: string, signal?: AbortSignal) =>
  getJson<LineageGraph>(apiUrl(`${place(project, name, version)}/lineage`), signal);

export const artifactFileUrl = (project: string, name: string, version: string, path: string, download = false) =>
  apiUrl(`${place(project, name, version)}/files/${path.split("/").map(encodeURIComponent).join("/")}`, { download });
