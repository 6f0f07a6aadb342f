import { describe, expect, test } from "vitest"

import { readReport } from "../src/client/operations-reports"
import { KEPT, MAX_KEYS, asWeb, begin, servers, silence } from "../src/client/operations-state"
import { AT, NOW, queue, snapshot, sockets, told, web } from "./operations-cast"

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
