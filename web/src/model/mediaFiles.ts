/** Sound, film, pages and other files among logged values. Pure. */

import { isMap } from "./value";

export interface MediaFile {
  /** `moving` is a GIF: a film that the browser shows as an image. */
  kind: "audio" | "video" | "moving" | "html" | "plotly" | "cloud" | "other";
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
  oga: "audio/ogg",
  opus: "audio/ogg",
  flac: "audio/flac",
  m4a: "audio/mp4",
  aac: "audio/aac",
  mp4: "video/mp4",
  webm: "video/webm",
  ogv: "video/ogg",
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
  const type = typeOf(name, suffix, value._type === "audio-file");
  return [
    {
      kind: kindOf(name, type),
      sha256: value.sha256,
      name,
      type,
      caption: typeof value.caption === "string" ? value.caption : null,
    },
  ];
}

/** A webm file is sound or film: what was logged says which. */
function typeOf(name: string, suffix: string, isSound: boolean): string {
  if (JSON_KINDS.test(name)) return "application/json";
  return isSound && suffix === "webm" ? "audio/webm" : (TYPES[suffix] ?? "application/octet-stream");
}

const JSON_KINDS = /\.(plotly|pts)\.json$/i;

function kindOf(name: string, type: string): MediaFile["kind"] {
  if (type === "application/json") return name.toLowerCase().endsWith(".pts.json") ? "cloud" : "plotly";
  if (type === "text/html") return "html";
  if (type === "image/gif") return "moving";
  const family = type.split("/")[0];
  return family === "audio" || family === "video" ? family : "other";
}
