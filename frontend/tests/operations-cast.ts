/** What the tests of operations share: reports to start from, and a page that is told them. */

import type { QueueFigures, Report, Snapshot, WebReport } from "../src/client/operations-reports"
import { readReport } from "../src/client/operations-reports"
import { asWeb, servers, take, type Operations } from "../src/client/operations-state"

export const AT = Date.parse("2026-11-21T13:00:00.000Z")
/** This page's clock is an hour ahead of the server's. */
export const NOW = AT + 3_600_000

export function web(changes: Partial<WebReport> = {}): WebReport {
  const none = { p50: null, p99: null }
  return {
    type: "ops.web",
    n: AT,
    process: "h/web1",
    draining: false,
    sockets: 1,
    topics: 1,
    events_per_second: 0,
    updates_per_second: 0,
    requests_per_second: 0,
    loop_delay_ms: null,
    hints_dropped: 0,
    latency: {
      commit_to_screen: none,
      commit_to_publish: none,
      publish_to_write: none,
      write_to_receive: none,
      receive_to_show: none,
    },
    ...changes,
  }
}

export function queue(changes: Partial<QueueFigures> = {}): QueueFigures {
  return {
    queue: "default",
    waiting: 0,
    later: 0,
    retrying: 0,
    running: 0,
    at_least: false,
    oldest_seconds: null,
    pace_per_minute: 0,
    failed_per_hour: 0,
    ...changes,
  }
}

export function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
  return {
    at: "2026-11-21T13:00:00.000Z",
    web: [],
    workers: [],
    queues: [queue()],
    failures: [],
    schedules: [],
    history: {},
    ...changes,
  }
}

export const told = (state: Operations, report: Report, now = NOW): Operations => {
  const read = readReport(report)
  if (!read) throw new Error("not a report")
  return take(state, ...read, now)
}
export const sockets = (state: Operations) => servers(state).map((each) => asWeb(each).sockets)
