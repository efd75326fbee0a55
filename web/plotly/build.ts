/// <reference types="node" />
/**
 * The frame that draws figures of Plotly, as one page with Plotly's own code in it: a frame in a sandbox has no cookies, so that a server
 * that asks for a token would not give it anything else.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Plugin } from "vite";

const read = (name: string) => readFileSync(new URL(name, import.meta.url), "utf-8");
const plotly = readFileSync(createRequire(import.meta.url).resolve("plotly.js-dist-min"), "utf-8");
const page = [
  ["// plotly.js", plotly],
  ["// frame.js", read("frame.js")],
].reduce(
  (text, [mark, code]) => text.replace(mark, () => code.replaceAll("</script", "<\\/script")),
  read("frame.html"),
);

const fileName = `assets/figure-frame-${createHash("sha256").update(page).digest("hex").slice(0, 8)}.html`;

/** The frame's address, for code that shows it. */
export const define = { FIGURE_FRAME: JSON.stringify(`/${fileName}`) };

/** Puts the frame beside the dashboard: it is loaded for figures only. */
export function figureFrame(): Plugin {
  return {
    name: "figure-frame",
    apply: "build",
    generateBundle() {
      this.emitFile({ type: "asset", fileName, source: page });
    },
  };
}
