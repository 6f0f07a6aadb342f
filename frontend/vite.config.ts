import type { Plugin } from "vite"
import { defineConfig } from "vitest/config"

import { leanStyles } from "./lean-styles.ts"

/** Templates keep their indentation through minification, and styles all of their blanks. */
const leanTemplates: Plugin = {
  name: "lean-templates",
  apply: "build",
  enforce: "pre",
  transform: (code, id) =>
    id.includes("/src/elements/")
      ? code.replace(/(?<=\bcss`)[^`$]*(?=`)/g, leanStyles).replace(/\n\s+/g, "\n")
      : null,
}

/** What a part imports is on every page, so nothing has to be preloaded with it. */
const noPreloading: Plugin = {
  name: "no-preloading",
  apply: "build",
  enforce: "pre",
  load: (id) =>
    id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load()" : null,
}

/** What keeps a page live. Other parts of the client go with what asks for them. */
const CLIENT =
  /preload-helper|src[\\/]pages[\\/](page-state|connect|wake)|src[\\/]client[\\/](?!transport|ways|line\.|event-|long-poll|operations-|output-|toast-|upload)/

/** What all elements are made of, and the line that nearly every page has: alone they would weigh
 *  half as much again. */
const BASE =
  /[\\/](lit|lit-html|lit-element|reactive-element)[\\/]|src[\\/]elements[\\/](element|live|theme|job-follower|notification-store|connection-status)\.ts/

export default defineConfig({
  // Relative, so that the chunks find each other under any STATIC_URL.
  base: "./",
  plugins: [leanTemplates, noPreloading],
  build: {
    outDir: "../realtime/static/bellwire",
    emptyOutDir: true,
    manifest: "manifest.json",
    target: "es2022",
    modulePreload: false,
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
        codeSplitting: {
          groups: [
            { name: "client", test: CLIENT },
            { name: "base", test: BASE },
          ],
        },
      },
    },
  },
  // Without a DOM, unless a test asks for one in its first line: client/ must do without.
  test: { environment: "node", include: ["tests/**/*.test.ts"] },
})
