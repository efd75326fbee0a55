/** The files of an artifact version, read from its manifest (docs/formats/artifacts.md). Pure. */

import { isMap } from "./value";

export interface ArtifactFile {
  path: string;
  size_bytes: number | null;
  /** The blob that is the file; null for references and for files that consist of pieces. */
  sha256: string | null;
  /** Where a file lies that was only referred to. */
  reference: string | null;
}

/** The files by path; entries that are none are left out. */
export function filesOf(manifest: Record<string, unknown>): ArtifactFile[] {
  const entries: unknown[] = Array.isArray(manifest.entries) ? manifest.entries : [];
  return entries
    .filter((entry) => isMap(entry) && typeof entry.path === "string")
    .map((entry) => fileOf(entry as Record<string, unknown>))
    .sort((a, b) => a.path.localeCompare(b.path, "en", { numeric: true }));
}

function fileOf(entry: Record<string, unknown>): ArtifactFile {
  const reference = typeof entry.reference === "string" ? entry.reference : null;
  const isWhole = reference === null && !Array.isArray(entry.chunks) && typeof entry.sha256 === "string";
  return {
    path: String(entry.path),
    size_bytes: typeof entry.size === "number" ? entry.size : null,
    sha256: isWhole ? String(entry.sha256) : null,
    reference,
  };
}
