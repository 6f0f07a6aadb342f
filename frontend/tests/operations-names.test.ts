// @vitest-environment happy-dom
import { afterEach, beforeAll, expect, test } from "vitest"

import type { Snapshot } from "../src/client/operations-reports"
import { OperationsStore } from "../src/client/operations-store"
import { OperationsFailures, OperationsSchedules } from "../src/elements/operations-lists"
import { provideOperations } from "../src/elements/operations-part"
import { OperationsWorkers } from "../src/elements/operations-workers"
import { AT, snapshot } from "./operations-cast"
import { show } from "./stage"

beforeAll(() => {
  customElements.define("operations-workers", OperationsWorkers)
  customElements.define("operations-failures", OperationsFailures)
  customElements.define("operations-schedules", OperationsSchedules)
})
afterEach(() => document.body.replaceChildren())

const PAGE = `<operations-workers></operations-workers>
  <operations-failures></operations-failures><operations-schedules></operations-schedules>`

/** What a page knows of one kind: a job of it runs, one has failed, and one is to come. */
function knowing(kind: string, names?: Record<string, string>): Snapshot {
  const worker = { worker: "w@h", queues: ["mail"], children: 1, settled_per_minute: 0 }
  const running = [{ job: "0199-a", kind, seconds: 1 }]
  return snapshot({
    workers: [{ type: "ops.worker", n: AT, ...worker, running_count: 1, running }],
    failures: [{ job: "0199-b", kind, error: "no", at: "2026-11-21T13:00:00Z" }],
    schedules: [{ name: "nightly", kind, when: "", enabled: true, next: [], problem: "" }],
    ...(names && { names }),
  })
}

function open(told: Snapshot, answer: Snapshot = told): OperationsStore {
  const store = new OperationsStore({ ask: (() => Promise.resolve(answer)) as never }, told)
  provideOperations(store)
  return store
}

const NAMES = { "shop.report": "Wochenbericht" }

test.each([
  ["as the site calls it", "shop.report", NAMES, "Wochenbericht"],
  [
    "by its own last word, if the site declares none",
    "shop.tasks.weekly_export",
    NAMES,
    "Weekly export",
  ],
  [
    "by its words, if the server is of an older release",
    "weekly_export",
    undefined,
    "Weekly export",
  ],
])("a kind of job is called %s, wherever it is shown", async (_how, kind, names, expected) => {
  open(knowing(kind, names))

  const shown = await (await show(PAGE))()

  expect(shown.split(expected)).toHaveLength(4)
  expect(shown.toLowerCase()).not.toContain("shop")
})

test("after a break a server of an older release takes no name away", async () => {
  const store = open(knowing("shop.report", NAMES), knowing("shop.report"))
  const read = await show(PAGE)

  store.joined()

  expect((await read()).split("Wochenbericht")).toHaveLength(4)
})
