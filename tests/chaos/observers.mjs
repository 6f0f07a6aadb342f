/** The other observers: `node tests/chaos/observers.mjs SPEC.json` runs clients until SIGTERM.
 *
 *  They are the npm SDK and the code of our own page, and write the same journals as those of
 *  observers.py, which describes SPEC. `ready` is printed once each has connected, or was closed
 *  for good. */

import { readFile } from "node:fs/promises"

import { importPage } from "./sdk/bundle.mjs"
import { Observer } from "./sdk/observer.mjs"

const { folder, clients } = JSON.parse(await readFile(process.argv[2], "utf8"))
const page = await importPage()
const observers = clients.map((client) => new Observer(client, folder, page))

// Where all were closed for good nothing is left to wait for, and Node would end by itself.
setInterval(() => {}, 60_000)
process.on("SIGTERM", () => {
  for (const observer of observers) observer.end()
  process.exit(0)
})
for (const observer of observers) observer.run()
await Promise.all(observers.map(({ settled }) => settled))
console.log("ready")
