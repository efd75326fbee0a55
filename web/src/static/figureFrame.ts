/** The frame that draws figures of Plotly; it lies compressed in pages that have figures. */

import type { Frame } from "../api/client";
import { bytesOf } from "./data";

export async function figureFrame(): Promise<Frame> {
  const packed = new Blob([bytesOf(document.getElementById("figure-frame")?.textContent ?? "")]);
  const unpacked = packed.stream().pipeThrough(new DecompressionStream("gzip"));
  return { srcdoc: await new Response(unpacked).text() };
}
