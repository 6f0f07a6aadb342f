import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { LongPoll } from "../src/client/long-poll"
import { heard, server, settle } from "./line-cast"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("a long poll", () => {
  const answer = (changes: object) =>
    Response.json({ epoch: "e1", offset: 7, events: [], recovered: true, ...changes })
  const event = (offset: number) => ({ offset, data: { offset } })

  test("asks on from the last event, and waits from the second time on", async () => {
    const { asked, options } = server(answer({}), answer({ offset: 8, events: [event(8)] }))
    const line = new LongPoll(options)
    const told = heard(line)
    line.connect()
    await settle()

    expect(told).toEqual([
      'connected "poll"',
      'subscribed [true,{"epoch":"e1","offset":7}]',
      'publication [8,{"offset":8}]',
    ])
    expect(asked).toEqual([
      "/api/events?epoch=e1&after=7",
      "/api/events?epoch=e1&after=7&wait=25",
      "/api/events?epoch=e1&after=8&wait=25",
    ])
  })

  test("does not ask a server that never waits again and again at once", async () => {
    const { asked, options } = server(...Array.from({ length: 50 }, () => answer({})))
    const line = new LongPoll(options)
    line.connect()
    await vi.advanceTimersByTimeAsync(10_000)
    line.disconnect()

    expect(asked.length).toBeGreaterThan(5)
    expect(asked.length).toBeLessThan(20)
  })

  test("reads on where there is more than one answer holds", async () => {
    const part = { offset: 900, events: [event(8), event(9)], recovered: false }
    const { asked, options } = server(answer(part))
    const line = new LongPoll(options)
    const told = heard(line)
    line.connect()
    await settle()

    expect(told.filter((each) => each.startsWith("publication"))).toHaveLength(2)
    expect(asked.at(-1)).toBe("/api/events?epoch=e1&after=9&wait=25")
  })

  test.each([
    ["another history", { epoch: "e2", offset: 3, recovered: false }],
    ["a gap", { offset: 3, events: [event(20)], recovered: false }],
  ])("says that the state must be read anew after %s", async (_name, changes) => {
    const { asked, options } = server(answer({}), answer(changes))
    const line = new LongPoll(options)
    const told = heard(line)
    line.connect()
    await settle()

    const epoch = "epoch" in changes ? changes.epoch : "e1"
    expect(told.at(-1)).toBe(`subscribed [false,{"epoch":"${epoch}","offset":3}]`)
    expect(asked.at(-1)).toBe(`/api/events?epoch=${epoch}&after=3&wait=25`)
  })
})
