/** The artifacts that a run made and used, one row for all versions of a name. Pure. */

import type { ArtifactLink } from "../api/types";

export interface ArtifactRow {
  verb: "made" | "used";
  name: string;
  type: string;
  /** In rising order. */
  versions: number[];
}

/** What was made first, then what was used; names in the order in which they came. */
export function artifactRows(made: readonly ArtifactLink[], used: readonly ArtifactLink[]): ArtifactRow[] {
  return [...rowsOf("made", made), ...rowsOf("used", used)];
}

function rowsOf(verb: ArtifactRow["verb"], links: readonly ArtifactLink[]): ArtifactRow[] {
  const rows = new Map<string, ArtifactRow>();
  for (const { name, type, version } of links) {
    const row = rows.get(name) ?? { verb, name, type, versions: [] };
    row.versions = [...new Set([...row.versions, version])].sort((a, b) => a - b);
    rows.set(name, row);
  }
  return [...rows.values()];
}

/** `v3`, `v0 to v7`, or with gaps `v0 … v7 (3)`. */
export function versionsText(versions: readonly number[]): string {
  const [first, last] = [versions[0], versions[versions.length - 1]];
  if (versions.length === 1) return `v${first}`;
  if (last - first === versions.length - 1) return `v${first} to v${last}`;
  return `v${first} … v${last} (${versions.length})`;
}
