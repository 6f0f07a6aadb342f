/** The entry for the page of operations: the site's, and what staff see live of the platform. */

import "./site"
import "uplot/dist/uPlot.min.css"
import "../styles/operations.css"

import type { Snapshot } from "../client/operations-reports"
import { OperationsStore } from "../client/operations-store"
import { ChartFigure } from "../elements/chart-figure"
import { useLive } from "../elements/live"
import { OperationsLatency } from "../elements/operations-latency"
import { OperationsFailures, OperationsSchedules } from "../elements/operations-lists"
import { provideOperations } from "../elements/operations-part"
import { OperationsQueues } from "../elements/operations-queues"
import { OperationsServers } from "../elements/operations-servers"
import { OperationsStanding } from "../elements/operations-standing"
import { OperationsWorkers } from "../elements/operations-workers"
import { readPage, type Page } from "./page-state"

const TOPIC = "ops:all"
/** What many processes tell is shown so often. */
const SHOWN_EVERY_MS = 1_000

const page = readPage() as (Page & { readonly operations?: Snapshot }) | undefined
if (page?.operations) {
  const store = begin(page.operations)
  provideOperations(store)
  define()
  setInterval(() => document.hidden || store.tick(), SHOWN_EVERY_MS)
}

function begin(snapshot: Snapshot): OperationsStore {
  const live = useLive()
  const store = new OperationsStore(live.api, snapshot)
  live.listen(() => {
    if (live.state.name === "waiting" || live.state.name === "closed") store.lost()
  })
  live.listenTo(TOPIC, store)
  return store
}

function define(): void {
  customElements.define("chart-figure", ChartFigure)
  customElements.define("operations-standing", OperationsStanding)
  customElements.define("operations-queues", OperationsQueues)
  customElements.define("operations-workers", OperationsWorkers)
  customElements.define("operations-servers", OperationsServers)
  customElements.define("operations-latency", OperationsLatency)
  customElements.define("operations-failures", OperationsFailures)
  customElements.define("operations-schedules", OperationsSchedules)
}
