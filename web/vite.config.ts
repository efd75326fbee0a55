import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";
import { define, figureFrame } from "./plotly/build.ts";

// Built files go into the Python package; `npm run dev` talks to a server started with `kerascope ui --no-browser`.
export default defineConfig({
  plugins: [svelte(), figureFrame()],
  define,
  build: {
    outDir: "../kerascope/server/static",
    emptyOutDir: true,
    target: "es2022",
    // A data: address would need `font-src data:` and the like in the page's content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { host: "127.0.0.1", proxy: { "/api": "http://127.0.0.1:7575", "/assets": "http://127.0.0.1:7575" } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
