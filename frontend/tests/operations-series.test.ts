import { describe, expect, test } from "vitest"

import { POINTS, byQueue, extent, inAll, slowest, timesOf } from "../src/client/operations-series"
import { begin } from "../src/client/operations-state"
import { AT, NOW, queue, snapshot, web } from "./operations-cast"

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
