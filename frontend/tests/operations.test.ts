import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { Refused, Unreachable } from "../src/client/api-error"
import type { QueueFigures, Report, Snapshot, WebReport } from "../src/client/operations-reports"
import { readReport } from "../src/client/operations-reports"
import { POINTS, byQueue, extent, inAll, slowest, timesOf } from "../src/client/operations-series"
import { KEPT, MAX_KEYS, begin, servers, silence, take } from "../src/client/operations-state"
import { asWeb, type Operations } from "../src/client/operations-state"
import { OperationsStore } from "../src/client/operations-store"

const AT = Date.parse("2026-11-21T13:00:00.000Z")
/** This page's clock is an hour ahead of the server's. */
const NOW = AT + 3_600_000

function web(changes: Partial<WebReport> = {}): WebReport {
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

function queue(changes: Partial<QueueFigures> = {}): QueueFigures {
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

function snapshot(changes: Partial<Snapshot> = {}): Snapshot {
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

const told = (state: Operations, report: Report, now = NOW): Operations => {
  const read = readReport(report)
  if (!read) throw new Error("not a report")
  return take(state, ...read, now)
}
const sockets = (state: Operations) => servers(state).map((each) => asWeb(each).sockets)

describe("what a page knows of the platform", () => {
  test.each([
    ["a newer report replaces the last", 2_000, [7]],
    ["an older one changes nothing", -2_000, [1]],
    ["the same one again changes nothing", 0, [1]],
  ])("state + report: %s", (_name, later, expected) => {
    const state = begin(snapshot({ web: [web()] }), NOW)

    expect(sockets(told(state, web({ n: AT + later, sockets: 7 })))).toEqual(expected)
  })

  test("a report of the queues brings the failures, and one without leaves those that were", () => {
    const failure = { job: "0199-a", kind: "report", error: "no", at: "2026-11-21T13:00:01Z" }
    const queues = [queue({ waiting: 5 })]
    const one = told(begin(snapshot(), NOW), {
      type: "ops.queues",
      n: AT + 1,
      queues,
      failures: [failure],
    })
    const two = told(one, { type: "ops.queues", n: AT + 2, queues })

    expect([two.queues[0]?.waiting, two.failures]).toEqual([5, [failure]])
  })

  test.each([
    ["nothing at all", null],
    ["no time", { type: "ops.web", process: "h/web1" }],
    ["a type of later releases", { type: "ops.moon", n: AT }],
    ["a process without a name", { type: "ops.web", n: AT }],
    ["queues that are no list", { type: "ops.queues", n: AT, queues: "all" }],
  ])("is not changed by %s", (_name, publication) => {
    expect(readReport(publication)).toBeUndefined()
  })

  test("silence is by this page's clock, whatever the server's says", () => {
    const [teller] = servers(begin(snapshot({ web: [web({ n: AT - 4_000 })] }), NOW))
    if (!teller) throw new Error("nobody")

    expect(silence(teller, NOW + 6_000)).toBe(0)
    expect(silence(teller, NOW + 8_000)).toBe(12_000)
  })

  test("who is silent for ten minutes is forgotten", () => {
    const state = begin(snapshot({ web: [web()] }), NOW)
    const later = told(state, web({ process: "h/web2", n: AT + 600_000 }), NOW + 600_000)

    expect(servers(later).map((each) => asWeb(each).process)).toEqual(["h/web2"])
  })

  test("the past has a bound, in number and in time", () => {
    let state = begin(snapshot({ web: [web()] }), NOW)
    for (let n = 1; n <= KEPT + 50; n++) state = told(state, web({ n: AT + n }))
    expect(servers(state)[0]?.past).toHaveLength(KEPT)

    expect(servers(told(state, web({ n: AT + 700_000 })))[0]?.past).toHaveLength(1)
  })

  test("of too many processes those heard last are kept", () => {
    let state = begin(snapshot({ web: [web()] }), NOW)
    for (let n = 0; n < MAX_KEYS; n++) state = told(state, web({ process: `x/${n}` }), NOW + 1 + n)

    expect(state.tellers.size).toBe(MAX_KEYS)
    expect(state.tellers.has("web:h/web1")).toBe(false)
  })
})

describe("a chart's lines", () => {
  const tail = (values: readonly unknown[], n: number) => values.slice(-n)
  const past = (process: string, values: readonly number[]) =>
    values.map((value, step) => web({ process, sockets: value, n: AT + step * 2_000 }))

  test("are ten minutes up to the newest report", () => {
    const times = timesOf(begin(snapshot({ web: [web()] }), NOW))

    expect([times.length, times.at(-1), times[0]]).toEqual([
      POINTS,
      AT / 1000,
      AT / 1000 - (POINTS - 1) * 2,
    ])
  })

  test("add up what all servers have, each by its last value until it is silent", () => {
    const history = {
      "web:a": past("a", [1, 1, 1, 1, 1, 1, 1, 1]),
      "web:b": past("b", [10]),
    }
    const last = web({ process: "a", n: AT + 14_000 })
    const state = begin(snapshot({ web: [last, web({ process: "b" })], history }), NOW)
    const values = inAll(state, timesOf(state), (each) => each.sockets)

    expect(tail(values, 9)).toEqual([null, 11, 11, 11, 11, 11, 11, 1, 1])
  })

  test("show the slowest server, and nothing where nothing was measured", () => {
    const latency = (p99: number | null) => ({
      ...web().latency,
      commit_to_screen: { p50: 1, p99 },
    })
    const processes = [12, 90, null].map((p99, n) =>
      web({ process: `w${n}`, latency: latency(p99) }),
    )
    const state = begin(snapshot({ web: processes }), NOW)
    const values = slowest(state, timesOf(state), "commit_to_screen", "p99")

    expect(tail(values, 2)).toEqual([null, 90])
    expect(extent(values)).toEqual({ now: 90, least: 90, most: 90 })
    expect(extent([null])).toBeUndefined()
  })

  test("are one for each queue, and no more than can be told apart", () => {
    const queues = ["a", "b", "c"].map((name, n) => queue({ queue: name, waiting: n }))
    const state = begin(snapshot({ queues }), NOW)
    const lines = byQueue(state, timesOf(state), ({ waiting }) => waiting, 2)

    expect(lines.map(({ name, values }) => [name, values.at(-1)])).toEqual([
      ["a", 0],
      ["b", 1],
    ])
  })
})

describe("a page of operations", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }))
  afterEach(() => void vi.useRealTimers())

  const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

  function opened(...answers: (Snapshot | Error)[]) {
    const asked: string[] = []
    const ask = (method: string, path: string) => {
      asked.push(`${method} ${path}`)
      const answer = answers.shift() ?? snapshot()
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
    const store = new OperationsStore({ ask: ask as never }, snapshot(), () => 0)
    return { store, asked }
  }

  test("reads the last ten minutes once it hears, and after each break, and never else", async () => {
    const { store, asked } = opened()
    store.joined()
    await settle(60_000)
    store.lost()
    await settle(60_000)
    expect(asked).toEqual(["GET /ops"])
    store.joined()
    await settle()

    expect(asked).toEqual(["GET /ops", "GET /ops"])
  })

  test("keeps what it was told while it read", async () => {
    const { store } = opened(snapshot({ web: [web({ sockets: 3 })] }))
    store.joined()
    store.told(web({ n: AT + 10, sockets: 8 }))
    await settle()

    expect(sockets(store.state)).toEqual([8])
  })

  test("tries again where the server cannot be reached", async () => {
    const { store, asked } = opened(new Unreachable("no"), snapshot({ web: [web()] }))
    store.joined()
    await settle(500)

    expect([asked.length, sockets(store.state)]).toEqual([2, [1]])
  })

  test("gives up where one is not staff any more, and says so", async () => {
    const { store, asked } = opened(new Refused(403, "forbidden", "no"))
    store.joined()
    await settle(60_000)

    expect([asked.length, store.hearing]).toEqual([1, "not allowed"])
  })

  test("calls nobody silent while it hears nothing itself", async () => {
    const { store } = opened(snapshot({ web: [web()] }))
    store.joined()
    await settle(1_000)
    store.lost()
    await settle(60_000)

    expect([store.hearing, store.asOf]).toEqual(["lost", NOW + 1_000])
  })
})
