/** How a file can be shown, by its name. Pure. */

export type PreviewKind = "image" | "audio" | "video" | "html" | "text" | "none";

const KINDS: [PreviewKind, RegExp][] = [
  ["image", /\.(png|jpe?g|gif|webp|bmp|svg)$/i],
  ["audio", /\.(wav|mp3|ogg|flac|m4a)$/i],
  ["video", /\.(mp4|webm|ogv)$/i],
  ["html", /\.html?$/i],
  [
    "text",
    /\.(txt|log|out|err|md|rst|csv|tsv|json|jsonl|ya?ml|toml|ini|cfg|py|ipynb|sh|js|ts|c|cc|cpp|h|cu|java|go|rs|r|jl|tex|sql|diff|patch|xml|css|lock)$/i,
  ],
];

export function previewKind(path: string): PreviewKind {
  return KINDS.find(([, pattern]) => pattern.test(path))?.[0] ?? "none";
}

const IMAGE_TYPES: Record<string, string> = { jpg: "image/jpeg", jpeg: "image/jpeg", svg: "image/svg+xml" };

/** The MIME type of an image format as media values name it (`png`, `jpg`, ...). */
export function imageType(format: string): string {
  return IMAGE_TYPES[format] ?? `image/${format}`;
}
