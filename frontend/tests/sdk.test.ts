/** The kept SDK itself against a socket of our own: what this client builds on must hold. */

import { Centrifuge } from "centrifuge"
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Connection } from "../src/client/connection"
import { Feed } from "../src/client/feed"
import type { Positions } from "../src/client/position"
import { TOPIC } from "./cast"

interface Connect {
  readonly data: { readonly since: Positions }
  readonly subs?: Readonly<Record<string, unknown>>
}

class FakeSocket {
  static readonly opened: FakeSocket[] = []
  readonly sent: { readonly id: number; readonly connect: Connect }[] = []
  onopen = (): void => {}
  onmessage = (_event: { data: string }): void => {}
  onclose = (_event: { code: number; reason: string }): void => {}
  onerror = (): void => {}
  binaryType = ""

  constructor(readonly url: string) {
    FakeSocket.opened.push(this)
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {}

  /** Answer the connect command as the server does: the asked-from offset, then what follows. */
  async answer(offset: number, missed: readonly number[] = []): Promise<void> {
    this.onopen()
    await settle()
    const sub = {
      recoverable: true,
      positioned: true,
      was_recovering: true,
      recovered: true,
      epoch: "e1",
      offset,
    }
    const publications = missed.map((place) => ({ data: `event ${place}`, offset: place }))
    const connect = {
      client: "c",
      version: "1",
      ping: 25,
      pong: true,
      subs: { [TOPIC]: { ...sub, publications } },
    }
    this.say({ id: this.sent[0]?.id, connect })
    await settle()
  }

  publish(offset: number): void {
    this.say({ push: { channel: TOPIC, pub: { data: `event ${offset}`, offset } } })
  }

  say(reply: unknown): void {
    this.onmessage({ data: JSON.stringify(reply) })
  }
}

let applied: unknown[]
let replayed: boolean[]
let reloads: number
let connection: Connection

beforeEach(() => {
  vi.useFakeTimers()
  FakeSocket.opened.length = 0
  applied = []
  replayed = []
  reloads = 0
  const feed = new Feed(
    { [TOPIC]: { epoch: "e1", offset: 3 } },
    {
      eventArrived: (publication, _place, isReplayed) => {
        applied.push(publication)
        replayed.push(isReplayed)
      },
      updateArrived: () => {},
      reload: () => (reloads++, new Promise(() => {})),
      feedMoved: () => {},
    },
  )
  const getData = () => Promise.resolve({ since: feed.since() })
  const sdk = new Centrifuge("ws://site/connection/websocket", { getData, websocket: FakeSocket })
  connection = new Connection(sdk, feed, () => 0)
  connection.open()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

/** The newest socket, once its connect command was sent. */
async function socket(): Promise<FakeSocket> {
  await settle()
  const newest = FakeSocket.opened.at(-1)
  if (!newest) throw new Error("no socket was opened")
  return newest
}

test("the first connect command carries the page's place, and what it missed is applied", async () => {
  const first = await socket()
  await first.answer(3, [4, 5])
  first.publish(6)
  await settle()

  expect(first.sent[0]?.connect.data.since).toEqual({ [TOPIC]: { epoch: "e1", offset: 3 } })
  expect(applied).toEqual(["event 4", "event 5", "event 6"])
  expect(replayed).toEqual([true, true, false])
})

test("a line that is doubted and answers is kept", async () => {
  const first = await socket()
  await first.answer(3)
  connection.doubt(0)
  await settle()
  first.say({ id: first.sent.at(-1)?.id, error: { code: 108, message: "not available" } })
  await settle(10_000)

  expect(first.sent.at(-1)).toHaveProperty("rpc")
  expect(FakeSocket.opened).toHaveLength(1)
})

test("a line that is doubted and says nothing is replaced", async () => {
  const first = await socket()
  await first.answer(3)
  connection.doubt(0)
  await settle(10_000)

  expect(FakeSocket.opened).toHaveLength(2)
})

test("after a cut the SDK asks to recover and the page sends where it is now", async () => {
  const first = await socket()
  await first.answer(3, [4])
  first.onclose({ code: 1006, reason: "" })
  await settle(500)
  const second = await socket()
  await second.answer(4, [5])

  expect(second).not.toBe(first)
  expect(second.sent[0]?.connect.data.since).toEqual({ [TOPIC]: { epoch: "e1", offset: 4 } })
  expect(second.sent[0]?.connect.subs).toEqual({
    [TOPIC]: { recover: true, epoch: "e1", offset: 4 },
  })
  expect(applied).toEqual(["event 4", "event 5"])
  expect(reloads).toBe(0)
})

test("what the SDK lets through twice or with a hole is caught", async () => {
  const first = await socket()
  await first.answer(3)
  for (const offset of [4, 4, 6]) first.publish(offset)
  await settle()

  expect(applied).toEqual(["event 4"])
  expect(reloads).toBe(1)
})

test("a refusal with a reason is final", async () => {
  const first = await socket()
  first.onopen()
  first.onclose({ code: 3500, reason: "invalid token" })
  await settle(60_000)

  expect(FakeSocket.opened).toHaveLength(1)
})
