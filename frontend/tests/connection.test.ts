import type { ServerPublicationContext } from "centrifuge"
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Connection, type ConnectionState, type Sdk } from "../src/client/connection"

type Handler = (context: unknown) => void

/** Stands in for the SDK: it remembers what was asked of it, and tells what it is told to. */
class FakeSdk {
  readonly asked: string[] = []
  readonly #handlers = new Map<string, Handler>()

  on(event: string, handler: Handler): this {
    this.#handlers.set(event, handler)
    return this
  }

  connect(): void {
    this.asked.push("connect")
    this.tell("connecting", { code: 0, reason: "connect called" })
  }

  disconnect(): void {
    this.asked.push("disconnect")
    this.tell("disconnected", { code: 0, reason: "disconnect called" })
  }

  tell(event: string, context: unknown = {}): void {
    this.#handlers.get(event)?.(context)
  }
}

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

test("it is open once the server has answered", () => {
  sdk.tell("connected")

  expect(states).toEqual([{ name: "connecting" }, { name: "open" }])
})

test("a lost socket is tried again, and it is known when", () => {
  sdk.tell("connected")
  sdk.tell("connecting", { code: 1, reason: "transport closed" })

  expect(last()).toEqual({ name: "waiting", until: 500 })
  vi.advanceTimersByTime(500)
  expect(sdk.asked).toEqual(["connect", "disconnect", "connect"])
})

test("an attempt that fails is followed by a later one", () => {
  sdk.tell("error", { type: "transport" })
  vi.advanceTimersByTime(500)
  sdk.tell("error", { type: "transport" })

  expect(last()).toEqual({ name: "waiting", until: 1_000 })
})

test("an error on an open connection changes nothing", () => {
  sdk.tell("connected")
  sdk.tell("error", { type: "dispatch" })

  expect(last()).toEqual({ name: "open" })
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

  expect(last()).toEqual({ name: "closed", reason: "bad request" })
  expect(sdk.asked).toEqual(["connect"])
})

test("closed is for good, even while an attempt is waited for", () => {
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  connection.close("you are signed out")
  sdk.tell("connecting", { code: 1, reason: "transport closed" })
  vi.advanceTimersByTime(60_000)

  expect(last()).toEqual({ name: "closed", reason: "you are signed out" })
  expect(sdk.asked.filter((call) => call === "connect")).toHaveLength(1)
})

test("publications are handed on", () => {
  sdk.tell("publication", { channel: "user:1", data: {}, offset: 1 })

  expect(published).toHaveLength(1)
})
