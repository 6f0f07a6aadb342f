import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { EventStream } from "../src/client/event-stream"
import { LongPoll } from "../src/client/long-poll"
import { heard, server, settle, stream } from "./line-cast"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("a line over HTTP", () => {
  const lines = { stream: EventStream, poll: LongPoll }
  test.each([
    ["stream", "a refusal", new Response("{}", { status: 503 }), "connecting 1"],
    [
      "stream",
      "somebody who is signed out",
      new Response("", { status: 401 }),
      "disconnected 3500",
    ],
    ["stream", "another page", new Response("<html>"), "connecting 1"],
    ["stream", "no network", new TypeError("Failed to fetch"), "connecting 1"],
    ["poll", "a refusal", new Response("{}", { status: 429 }), "connecting 1"],
    ["poll", "somebody who is signed out", new Response("", { status: 401 }), "disconnected 3500"],
    ["poll", "garbage", new Response("<html>"), "connecting 1"],
    ["poll", "another answer", Response.json({ error: {} }), "connecting 1"],
  ] as const)("by %s: %s ends it", async (way, _name, answer, expected) => {
    const line = new lines[way](server(answer).options)
    const told = heard(line)
    line.connect()
    await settle()

    expect(told).toEqual([expected])
  })

  test("says nothing more once it was let go", async () => {
    const { response, more } = stream("id: e1:7\n\n")
    const line = new EventStream(server(response).options)
    const told = heard(line)
    line.connect()
    await settle()
    line.disconnect()
    more("id: e1:8\ndata: {}\n\n")
    await settle()

    expect(told).toHaveLength(2)
  })
})
