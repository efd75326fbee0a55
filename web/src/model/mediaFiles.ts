/** Sound, film, pages and other files among logged values. Pure. */

import { isMap } from "./value";

export interface MediaFile {
  kind: "audio" | "video" | "html" | "other";
  sha256: string;
  name: string;
  /** MIME type to ask the server for. */
  type: string;
  caption: string | null;
}

const TYPES: Record<string, string> = {
  wav: "audio/wav",
  mp3: "audio/mpeg",
  ogg: "audio/ogg",
  flac: "audio/flac",
  mp4: "video/mp4",
  webm: "video/webm",
  gif: "image/gif",
  html: "text/html",
};

/** The files of a value: of one `<kind>-file`, or of the items of a `<kind>/separated`. */
export function parseFiles(value: unknown): MediaFile[] {
  if (!isMap(value)) return [];
  if (Array.isArray(value.items)) return value.items.flatMap(parseFiles);
  if (typeof value.sha256 !== "string") return [];
  const name =
    String(value.path ?? value.sha256)
      .split("/")
      .at(-1) ?? "file";
  const suffix = name.split(".").at(-1)?.toLowerCase() ?? "";
  const type = TYPES[suffix] ?? "application/octet-stream";
  const family = type.split("/")[0];
  const kind = type === "text/html" ? "html" : family === "audio" || family === "video" ? family : "other";
  return [
    { kind, sha256: value.sha256, name, type, caption: typeof value.caption === "string" ? value.caption : null },
  ];
}
