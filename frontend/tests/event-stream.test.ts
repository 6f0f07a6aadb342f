import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { EventParser } from "../src/client/event-parser"
import { EventStream } from "../src/client/event-stream"
import { heard, server, settle, stream } from "./line-cast"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe("a stream of server-sent events", () => {
  test.each([
    [
      "an event",
      'id: e1:8\ndata: {"a":1}\n\n',
      [{ event: "message", id: "e1:8", data: '{"a":1}' }],
    ],
    ["a comment", ": still here\n\n", [{ event: "message", id: "", data: "" }]],
    ["CRLF", "event: end\r\ndata: 1\r\n\r\n", [{ event: "end", id: "", data: "1" }]],
    ["two lines of data", "data: a\ndata: b\n\n", [{ event: "message", id: "", data: "a\nb" }]],
    ["half a block", "data: a\n", []],
  ])("is taken apart: %s", (_name, text, blocks) => {
    expect(new EventParser().take(text)).toEqual(blocks)
  })

  test("is the same wherever it is cut", () => {
    const text = "retry: 5\nid: e1:7\n\nid: e1:8\ndata: ä\n\n: x\n\nevent: update\ndata: 2\n\n"
    const whole = new EventParser().take(text)

    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new EventParser()
      expect([...parser.take(text.slice(0, cut)), ...parser.take(text.slice(cut))]).toEqual(whole)
    }
  })

  test("goes on from the page's place, and is open once something came", async () => {
    const { response, more } = stream()
    const { asked, options } = server(response)
    const line = new EventStream(options)
    const told = heard(line)

    line.connect()
    await settle()
    expect(told).toEqual([])
    more('id: e1:7\n\nid: e1:8\ndata: {"a":1}\n\nevent: update\ndata: {"n":2}\n\n')
    await settle()

    expect(asked).toEqual(["/api/events?epoch=e1&after=7"])
    expect(told).toEqual([
      'connected "sse"',
      'subscribed [true,{"epoch":"e1","offset":7}]',
      'publication [8,{"a":1}]',
      'publication [null,{"n":2}]',
    ])
  })

  test("says when the state must be read anew", async () => {
    const reload = '{"topic":"user:1","epoch":"e2","offset":3}'
    const { response } = stream(`id: e2:3\nevent: reload\ndata: ${reload}\n\n`)
    const line = new EventStream(server(response).options)
    const told = heard(line)
    line.connect()
    await settle()

    expect(told.at(-1)).toBe('subscribed [false,{"epoch":"e2","offset":3}]')
  })

  test.each([
    ["for a while", 3001, "connecting 3001"],
    ["for good", 3503, "disconnected 3503"],
  ])("ends %s when the server says so", async (_name, code, expected) => {
    const { response } = stream(`id: e1:7\n\nevent: end\ndata: {"code":${code},"reason":"r"}\n\n`)
    const line = new EventStream(server(response).options)
    const told = heard(line)
    line.connect()
    await settle()

    expect(told.at(-1)).toBe(expected)
  })

  test("that breaks is let go without a word, at once and later", async () => {
    const { response, fail } = stream(": hello\n\n")
    const line = new EventStream(server(response).options)
    const told = heard(line)
    const unhandled = vi.fn()
    process.on("unhandledRejection", unhandled)
    line.connect()
    await settle()
    fail()
    await settle()
    line.disconnect()
    await vi.advanceTimersByTimeAsync(60_000)
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0))
    process.off("unhandledRejection", unhandled)

    expect(told.at(-1)).toBe("connecting 1")
    expect(unhandled).not.toHaveBeenCalled()
  })

  test("that never ends a block is not kept", async () => {
    const { response, more } = stream(": hello\n\n")
    const line = new EventStream(server(response).options)
    const told = heard(line)
    line.connect()
    await settle()
    for (let n = 0; n < 20; n++) more("data: " + "x".repeat(64 * 1024))
    await settle()

    expect(told.at(-1)).toBe("connecting 1")
  })

  test("that is silent for too long is taken for dead", async () => {
    const { response, more } = stream(": hello\n\n")
    const line = new EventStream(server(response).options)
    const told = heard(line)
    line.connect()
    await vi.advanceTimersByTimeAsync(39_000)
    more(": still here\n\n")
    await vi.advanceTimersByTimeAsync(39_000)
    expect(told).not.toContain("connecting 1")
    await vi.advanceTimersByTimeAsync(2_000)

    expect(told.at(-1)).toBe("connecting 1")
  })
})
