import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";
import { define } from "./plotly/build.ts";

// The script and style of pages that stand alone (`kerascope export --html`): one file each, to be put into the page.
export default defineConfig({
  plugins: [svelte()],
  publicDir: false,
  // Builds of libraries leave this name to whoever bundles them; here nobody else does.
  define: { ...define, "process.env.NODE_ENV": JSON.stringify("production") },
  build: {
    outDir: "../kerascope/server/static/page",
    emptyOutDir: true,
    target: "es2022",
    cssCodeSplit: false,
    lib: {
      entry: "src/static/main.ts",
      name: "kerascopePage",
      formats: ["iife"],
      fileName: () => "page.js",
      cssFileName: "page",
    },
  },
});
