/** Makes the page's code, which is TypeScript for browsers, into a module for Node. */

import { createRequire } from "node:module"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"

const FRONTEND = new URL("../../../frontend/package.json", import.meta.url)
const PAGE = fileURLToPath(new URL("page.ts", import.meta.url))

/** Packages of the front-end, which are installed beside it and not here. */
export const require = createRequire(FRONTEND)

/** Bundle page.ts and import it. */
export async function importPage() {
  const { build } = await import(pathToFileURL(require.resolve("vite")).href)
  const folder = await mkdtemp(join(tmpdir(), "bw-page-"))
  try {
    await build({
      configFile: false,
      logLevel: "error",
      root: fileURLToPath(new URL(".", FRONTEND)),
      resolve: { alias: { centrifuge: require.resolve("centrifuge") } },
      build: {
        lib: { entry: PAGE, formats: ["es"], fileName: () => "page.mjs" },
        outDir: folder,
        target: "node20",
      },
    })
    return await import(pathToFileURL(join(folder, "page.mjs")).href)
  } finally {
    await rm(folder, { recursive: true })
  }
}
