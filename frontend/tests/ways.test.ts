import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { EventParser } from "../src/client/event-parser"
import { EventStream } from "../src/client/event-stream"
import { Ladder } from "../src/client/ladder"
import type { Line } from "../src/client/line"
import { LongPoll } from "../src/client/long-poll"
import type { Sdk } from "../src/client/connection"

const TOPIC = "user:1"
const since = () => ({ [TOPIC]: { epoch: "e1", offset: 7 } })

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** Everything a line tells, as short as can be. */
function heard(line: Line): string[] {
  const told: string[] = []
  const on = (event: string, say: (context: never) => unknown) =>
    line.on(event, (context) => void told.push(`${event} ${JSON.stringify(say(context))}`))
  on("connected", ({ transport }: { transport: string }) => transport)
  on("connecting", ({ code }: { code: number }) => code)
  on("disconnected", ({ code }: { code: number }) => code)
  on("subscribed", ({ recovered, streamPosition }: Record<string, unknown>) => [
    recovered,
    streamPosition,
  ])
  on("publication", ({ data, offset }: Record<string, unknown>) => [offset ?? null, data])
  return told
}

/** A server that answers each request with the next of these, and then no more. */
function server(...answers: (Response | Error)[]) {
  const asked: string[] = []
  const send = (url: string, init: RequestInit) => {
    asked.push(url)
    const answer = answers.shift()
    if (answer instanceof Response) return Promise.resolve(answer)
    if (answer) return Promise.reject(answer)
    return new Promise<Response>((_resolve, reject) =>
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
    )
  }
  return { asked, options: { api: "/api", since, fetch: send as unknown as typeof fetch } }
}

interface Stream {
  readonly response: Response
  readonly more: (piece: string) => void
  readonly fail: () => void
}

function stream(...pieces: string[]): Stream {
  let source!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller) })
  const more = (piece: string) => source.enqueue(new TextEncoder().encode(piece))
  pieces.forEach(more)
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    more,
    fail: () => source.error(new TypeError("network error")),
  }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

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

describe("of several ways", () => {
  /** A way that does as it is told, and remembers what was asked of it. */
  class Fake {
    readonly asked: string[] = []
    readonly #handlers: [string, (context: never) => void][] = []
    on(event: string, handler: (context: never) => void): void {
      this.#handlers.push([event, handler])
    }
    connect = (): void => void this.asked.push("connect")
    disconnect = (): void => void this.asked.push("disconnect")
    tell(event: string, context: object = {}): void {
      for (const [name, handler] of this.#handlers) if (name === event) handler(context as never)
    }
  }
  let ways: Fake[]
  let ladder: Ladder
  const opened = () => ways.map(({ asked }) => asked.filter((each) => each === "connect").length)

  beforeEach(() => {
    ways = [new Fake(), new Fake(), new Fake()]
    ladder = new Ladder(ways.map((way) => () => Promise.resolve(way as unknown as Sdk)))
  })

  async function attempt(fails?: Fake): Promise<void> {
    ladder.connect()
    await settle()
    fails?.tell("error")
    fails?.tell("connecting", { code: 1 })
    ladder.disconnect()
  }

  test("the next is tried after two failures, and the first again after the last", async () => {
    for (const way of [0, 0, 1, 1, 2, 2, 0]) await attempt(ways[way])

    expect(opened()).toEqual([3, 2, 2])
  })

  test("one that worked is tried longer: its server may be away", async () => {
    ladder.connect()
    await settle()
    ways[0]?.tell("connected", { transport: "websocket" })
    ways[0]?.tell("connecting", { code: 1 })
    for (let n = 0; n < 5; n++) await attempt(ways[0])
    await attempt(ways[1])

    expect(opened()).toEqual([6, 1, 0])
  })

  /** The socket worked, its server was away, and the stream was the first to get through. */
  async function outage(): Promise<string[]> {
    const told: string[] = []
    ladder.on("connecting", ({ code }: { code: number }) => void told.push(`lost ${code}`))
    ladder.connect()
    await settle()
    ways[0]?.tell("connected", { transport: "websocket" })
    ladder.disconnect()
    for (let n = 0; n < 5; n++) await attempt(ways[0])
    ladder.connect()
    await settle()
    ways[1]?.tell("connected", { transport: "sse" })
    return (told.splice(0), told)
  }

  test("the one that worked before an outage is gone back to", async () => {
    const told = await outage()
    await vi.advanceTimersByTimeAsync(29_000)
    expect(told).toEqual([])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(told).toEqual(["lost 1"])
    ladder.disconnect()
    await attempt()

    expect(opened()).toEqual([7, 1, 0])
  })

  test("one that is gone back to in vain is tried once, and not again", async () => {
    const told = await outage()
    await vi.advanceTimersByTimeAsync(31_000)
    ladder.disconnect()
    await attempt(ways[0])
    ladder.connect()
    await settle()
    ways[1]?.tell("connected", { transport: "sse" })
    told.splice(0)
    await vi.advanceTimersByTimeAsync(120_000)

    expect(told).toEqual([])
    expect(opened()).toEqual([7, 2, 0])
  })

  test("one that never answers has failed after ten seconds", async () => {
    const errors: string[] = []
    ladder.on("error", () => void errors.push("error"))
    ladder.connect()
    await vi.advanceTimersByTimeAsync(9_900)
    expect(errors).toEqual([])
    await vi.advanceTimersByTimeAsync(200)

    expect(errors).toEqual(["error"])
  })

  test("one that cannot be loaded has failed, and is loaded anew", async () => {
    let loads = 0
    const broken = new Ladder([() => (loads++, Promise.reject(new Error("offline")))])
    const errors: string[] = []
    broken.on("error", () => void errors.push("error"))
    broken.connect()
    await settle()
    broken.connect()
    await settle()

    expect([loads, errors.length]).toEqual([2, 2])
  })

  test("only the one in use is listened to", async () => {
    const told: unknown[] = []
    ladder.on("publication", (context) => void told.push(context))
    await attempt(ways[0])
    await attempt(ways[0])
    await attempt()
    ways[0]?.tell("publication", { of: "the first" })
    ways[1]?.tell("publication", { of: "the second" })

    expect(told).toEqual([{ of: "the second" }])
  })
})
