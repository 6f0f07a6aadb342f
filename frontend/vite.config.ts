import type { Plugin } from "vite"
import { defineConfig } from "vitest/config"

/** Templates keep their indentation through minification; nothing of ours depends on it. */
const unindent: Plugin = {
  name: "unindent",
  apply: "build",
  enforce: "pre",
  transform: (code, id) => (id.includes("/src/elements/") ? code.replace(/\n\s+/g, "\n") : null),
}

/** The client's code that every page runs. Other parts go with what asks for them. */
const EVERY_PAGE =
  /src[\\/]client[\\/](?!transport|ways|line\.|event-|long-poll|operations-|output-|toast-|upload)/

export default defineConfig({
  // Relative, so that the chunks find each other under any STATIC_URL.
  base: "./",
  plugins: [unindent],
  build: {
    outDir: "../realtime/static/bellwire",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: { polyfill: false },
    // A file that is inlined as data: would need a wider Content-Security-Policy.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: {
        elements: "src/pages/elements.ts",
        site: "src/pages/site.ts",
        operations: "src/pages/operations.ts",
      },
      output: {
        // What an element needs to be drawn, and what keeps it live, change at different times.
        codeSplitting: { groups: [{ name: "client", test: EVERY_PAGE }] },
      },
    },
  },
  // Without a DOM, unless a test asks for one in its first line: client/ must do without.
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
})
