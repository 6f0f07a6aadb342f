import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { SignedOut, Unreachable } from "../src/client/api-error"
import { Feed, type FeedState } from "../src/client/feed"
import type { Positions } from "../src/client/position"
import { TOPIC } from "./cast"

interface Reload {
  resolve(positions: Positions): void
  reject(error: Error): void
}

let applied: string[]
let replayed: boolean[]
let updates: unknown[]
let states: FeedState[]
let reloads: Reload[]
let feed: Feed

beforeEach(() => {
  vi.useFakeTimers()
  applied = []
  replayed = []
  updates = []
  states = []
  reloads = []
  const delegate = {
    eventArrived: (publication: unknown, { offset }: { offset: number }, isReplayed: boolean) => {
      applied.push(`${publication}@${offset}`)
      replayed.push(isReplayed)
    },
    updateArrived: (publication: unknown) => updates.push(publication),
    reload: () => new Promise<Positions>((resolve, reject) => reloads.push({ resolve, reject })),
    feedMoved: (state: FeedState) => states.push(state),
  }
  feed = new Feed({ [TOPIC]: { epoch: "e1", offset: 3 } }, delegate, () => 0)
  feed.connectionMoved({ name: "open", way: "websocket" })
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)
const join = (offset = 3, epoch = "e1", recovered = true) =>
  feed.subscribed({
    channel: TOPIC,
    wasRecovering: true,
    recovered,
    streamPosition: { epoch, offset },
  })
const event = (data: string, offset: number) => feed.published({ channel: TOPIC, data, offset })
const position = (offset: number, epoch = "e1") => ({ [TOPIC]: { epoch, offset } })

test("events are applied in order, and each moves the position", () => {
  join()
  event("a", 4)
  event("b", 5)

  expect(applied).toEqual(["a@4", "b@5"])
  expect(feed.since()).toEqual(position(5))
})

test("what comes twice is applied once", () => {
  join()
  event("a", 4)
  event("a", 4)
  join(3)
  event("a", 4)
  event("b", 5)

  expect(applied).toEqual(["a@4", "b@5"])
})

test("what was missed is told from what is new", async () => {
  join()
  event("missed", 4)
  await settle()
  event("new", 5)

  expect(replayed).toEqual([true, false])
})

test("what was missed is known as such after a reload, too", async () => {
  void feed.reload()
  join()
  event("missed", 4)
  await settle()
  event("new", 5)
  reloads[0]?.resolve(position(3))
  await settle()

  expect(replayed).toEqual([true, false])
})

test("an update has no place and is handed on", () => {
  join()
  feed.published({ channel: TOPIC, data: "tick" })

  expect(updates).toEqual(["tick"])
  expect(feed.since()).toEqual(position(3))
})

test("after a gap the state is read anew, and what came meanwhile follows it", async () => {
  join()
  event("c", 6)
  event("d", 7)
  event("e", 8)
  expect(states.at(-1)).toEqual({ name: "reloading", isFirst: false })

  reloads[0]?.resolve(position(7))
  await settle()

  expect(applied).toEqual(["e@8"])
  expect(feed.since()).toEqual(position(8))
  expect(states.at(-1)).toEqual({ name: "open", way: "websocket" })
})

test.each([
  ["could not recover", 3, "e1", false],
  ["speaks of another history", 3, "e2", true],
  ["begins after this page's place", 5, "e1", true],
])("a server that %s makes the page read anew", async (_name, offset, epoch, recovered) => {
  join(offset, epoch, recovered)
  reloads[0]?.resolve(position(9, epoch))
  await settle()
  event("a", 10)

  expect(reloads).toHaveLength(1)
  expect(applied).toEqual(["a@10"])
})

test("a page without a position reads the state anew", () => {
  feed.subscribed({
    channel: "user:2",
    wasRecovering: false,
    recovered: false,
    streamPosition: { epoch: "e1", offset: 0 },
  })

  expect(reloads).toHaveLength(1)
})

test("a socket that is lost during a reload and recovers goes on", async () => {
  join(5)
  event("a", 6)
  join(6)
  event("b", 7)
  reloads[0]?.resolve(position(5))
  await settle()

  expect(reloads).toHaveLength(1)
  expect(applied).toEqual(["a@6", "b@7"])
})

test("a break during a reload makes it be done again", async () => {
  join(5)
  join(20, "e1", false)
  reloads[0]?.resolve(position(5))
  await settle(600)

  expect(reloads).toHaveLength(2)
})

test("what was held back of a history that ended is not applied to the next", async () => {
  join(5)
  event("of the old", 6)
  join(5, "e2", false)
  reloads[0]?.resolve(position(5))
  await settle(600)
  reloads[1]?.resolve(position(5, "e2"))
  await settle()

  expect(applied).toEqual([])
  expect(feed.since()).toEqual(position(5, "e2"))
})

test("a reload that fails is tried again, until one is signed out", async () => {
  join(5)
  reloads[0]?.reject(new Unreachable())
  await settle(600)
  reloads[1]?.reject(new SignedOut())
  await settle(60_000)

  expect(reloads).toHaveLength(2)
  expect(applied).toEqual([])
})

test("a history that changes under an open connection is noticed", async () => {
  join(5)
  reloads[0]?.resolve(position(2, "e2"))
  await settle()
  event("a", 3)

  expect(applied).toEqual([])
  expect(reloads).toHaveLength(2)
})
