import type { ServerPublicationContext } from "centrifuge"
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Connection, type ConnectionState, type Sdk } from "../src/client/connection"

type Handler = (context: unknown) => void

/** Stands in for the SDK: it remembers what was asked of it, and tells what it is told to. */
class FakeSdk {
  readonly asked: string[] = []
  refuse: (code: number) => void = () => {}
  readonly #handlers = new Map<string, Handler>()

  on(event: string, handler: Handler): this {
    this.#handlers.set(event, handler)
    return this
  }

  connect(): void {
    this.asked.push("connect")
    this.tell("connecting", { code: 0, reason: "connect called" })
  }

  rpc(): Promise<unknown> {
    this.asked.push("rpc")
    return new Promise((_resolve, reject) => (this.refuse = (code) => reject({ code })))
  }

  disconnect(): void {
    this.asked.push("disconnect")
    this.tell("disconnected", { code: 0, reason: "disconnect called" })
  }

  tell(event: string, context: unknown = {}): void {
    this.#handlers.get(event)?.(context)
  }
}

const CONTEXT = { transport: "websocket" }

let sdk: FakeSdk
let states: ConnectionState[]
let published: ServerPublicationContext[]
let connection: Connection

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  sdk = new FakeSdk()
  states = []
  published = []
  const delegate = {
    connectionMoved: (state: ConnectionState) => states.push(state),
    subscribed: () => {},
    published: (context: ServerPublicationContext) => published.push(context),
  }
  connection = new Connection(sdk as unknown as Sdk, delegate, () => 0)
  connection.open()
})

afterEach(() => {
  vi.useRealTimers()
})

const last = () => states.at(-1)
const settle = () => vi.advanceTimersByTimeAsync(0)

test("it is open once the server has answered", () => {
  sdk.tell("connected", CONTEXT)

  expect(states).toEqual([
    { name: "connecting", since: 0 },
    { name: "open", way: "websocket" },
  ])
})

test("a lost socket is tried again, and it is known when", () => {
  sdk.tell("connected", CONTEXT)
  sdk.tell("connecting", { code: 1, reason: "transport closed" })

  expect(last()).toEqual({ name: "waiting", since: 0, until: 500 })
  vi.advanceTimersByTime(500)
  expect(sdk.asked).toEqual(["connect", "disconnect", "connect"])
})

test("an attempt that fails is followed by a later one", () => {
  sdk.tell("error", { type: "transport" })
  vi.advanceTimersByTime(500)
  sdk.tell("error", { type: "transport" })

  expect(last()).toEqual({ name: "waiting", since: 0, until: 1_000 })
})

test("an error on an open connection changes nothing", () => {
  sdk.tell("connected", CONTEXT)
  sdk.tell("error", { type: "dispatch" })

  expect(last()).toEqual({ name: "open", way: "websocket" })
})

test("a person may have it tried at once, and only once", () => {
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  connection.retry()
  connection.retry()
  vi.advanceTimersByTime(60_000)

  expect(sdk.asked).toEqual(["connect", "disconnect", "connect"])
})

test("what the server refuses is not tried again", () => {
  sdk.tell("disconnected", { code: 3501, reason: "bad request" })
  vi.advanceTimersByTime(60_000)

  expect(last()).toEqual({ name: "closed", cause: "signed out", reason: "bad request" })
  expect(sdk.asked).toEqual(["connect"])
})

test("closed is for good, even while an attempt is waited for", () => {
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  connection.close("signed out")
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  vi.advanceTimersByTime(60_000)

  expect(last()).toEqual({ name: "closed", cause: "signed out", reason: "signed out" })
  expect(sdk.asked.filter((call) => call === "connect")).toHaveLength(1)
})

test.each([
  ["a socket", "websocket", "websocket"],
  ["a stream", "sse", "sse"],
  ["questions", "poll", "poll"],
])("it is told that it is live by %s", (_name, transport, way) => {
  sdk.tell("connected", { transport })

  expect(last()).toEqual({ name: "open", way })
})

test.each([
  [3500, "signed out"],
  [3503, "signed out"],
  [3504, "too many"],
  [3508, "refused"],
])("the server's %d is told as: %s", (code, cause) => {
  sdk.tell("disconnected", { code, reason: "…" })

  expect(last()).toMatchObject({ name: "closed", cause })
})

test.each([
  ["the socket's end", 1, 90_000],
  ["what was heard last, where pings stayed away", 2, 70_000],
])("the last sign of life is %s", (_name, code, since) => {
  sdk.tell("connected", CONTEXT)
  vi.setSystemTime(70_000)
  sdk.tell("publication", { channel: "user:1", data: {}, offset: 1 })
  vi.setSystemTime(90_000)
  sdk.tell("connecting", { code, reason: "…" })

  expect(last()).toMatchObject({ name: "waiting", since })
})

test("after a sleep it is not open until the server has answered", async () => {
  sdk.tell("connected", CONTEXT)
  vi.setSystemTime(3_600_000)
  connection.doubt(1_000)
  expect(last()).toEqual({ name: "connecting", since: 1_000 })

  sdk.refuse(108)
  await settle()

  expect(last()).toEqual({ name: "open", way: "websocket" })
  expect(sdk.asked).toEqual(["connect", "rpc"])
})

test("after a sleep a line that does not answer is replaced at once", async () => {
  sdk.tell("connected", CONTEXT)
  vi.setSystemTime(3_600_000)
  connection.doubt(1_000)
  sdk.refuse(1)
  await settle()

  expect(sdk.asked).toEqual(["connect", "rpc", "disconnect", "connect"])
  expect(last()).toEqual({ name: "connecting", since: 1_000 })
})

test("an answer that comes after the line was lost says nothing", async () => {
  sdk.tell("connected", CONTEXT)
  connection.doubt(0)
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  sdk.refuse(108)
  await settle()

  expect(last()).toMatchObject({ name: "waiting" })
})

test("after a sleep no attempt is waited for", () => {
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  connection.doubt(0)

  expect(sdk.asked).toEqual(["connect", "disconnect", "connect"])
})

test("publications are handed on", () => {
  sdk.tell("publication", { channel: "user:1", data: {}, offset: 1 })

  expect(published).toHaveLength(1)
})
