import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import type { Sdk } from "../src/client/connection"
import { Live } from "../src/client/live"
import { LOOK_MS } from "../src/client/looking"
import type { Job } from "../src/client/protocol"
import { TOPIC, at, job, running } from "./cast"

const LOOK = "/api/jobs?limit=100&state=running"

/** What the server has, and what it was asked. */
let rows: Job[]
let asked: string[]
let answer: () => Promise<Response>
let live: Live
/** What the way to be live says. */
let say: (event: string, context: object) => void

beforeEach(() => {
  vi.useFakeTimers()
  ;[rows, asked] = [[], []]
  answer = () => Promise.resolve(Response.json({ jobs: rows }))
  const send = (url: unknown) => {
    asked.push(String(url))
    return answer()
  }
  const positions = { [TOPIC]: { epoch: "e1", offset: 7 } }
  const api = new Api({ base: "/api", csrf: () => "", fetch: send as typeof fetch })
  live = new Live(api, { positions, jobs: [running({ progress: at(1) })] })
  live.connect(way)
})

afterEach(() => void vi.useRealTimers())

function way(): Sdk {
  const handlers = new Map<string, ((context: object) => void)[]>()
  say = (event, context) => handlers.get(event)?.forEach((handler) => handler(context))
  const on = (event: string, handler: (context: object) => void) =>
    handlers.set(event, [...(handlers.get(event) ?? []), handler])
  return { on, connect: () => {}, disconnect: () => {} } as unknown as Sdk
}

const opensBy = (transport: string) => say("connected", { transport })
const pass = (looks: number) => vi.advanceTimersByTimeAsync(looks * LOOK_MS)
const event = (shown: Job) =>
  say("publication", {
    channel: TOPIC,
    offset: 8,
    data: { v: 1, type: `job.${shown.state}`, job: shown },
  })
const progress = () => live.jobs.job("0199-a")?.progress?.current

test("where a page is live by polling, the bars of what runs move all the same", async () => {
  opensBy("poll")
  rows = [running({ progress: at(4) })]
  await pass(1)
  expect(progress()).toBe(4)

  rows = [running({ progress: at(9) })]
  await pass(1)
  expect([progress(), asked]).toEqual([9, [LOOK, LOOK]])
})

test.each(["websocket", "sse"])("by a %s, which brings updates, nothing is asked", async (by) => {
  opensBy(by)
  await pass(3)

  expect(asked).toEqual([])
})

test("when nothing runs nothing is asked", async () => {
  say("subscribed", {
    channel: TOPIC,
    recovered: true,
    streamPosition: { epoch: "e1", offset: 7 },
  })
  opensBy("poll")
  event(running({ state: "succeeded" }))
  await pass(3)

  expect(asked).toEqual([])
})

test("while the line is away, and once it is another, nothing is asked", async () => {
  opensBy("poll")
  await pass(1)
  say("connecting", { code: 1 })
  await pass(2)
  opensBy("websocket")
  await pass(2)

  expect(asked).toEqual([LOOK])
})

test("one look waits for the other, and goes on after one that failed", async () => {
  let fail: (error: Error) => void = () => {}
  answer = () => new Promise((_resolve, reject) => (fail = reject))
  opensBy("poll")
  await pass(3)
  expect(asked).toEqual([LOOK])

  answer = () => Promise.resolve(Response.json({ jobs: rows }))
  fail(new TypeError("network error"))
  await pass(1)
  expect(asked).toEqual([LOOK, LOOK])
})

test("a way that is lost and found while a look is under way is looked by once", async () => {
  let succeed: (response: Response) => void = () => {}
  answer = () => new Promise((resolve) => (succeed = resolve))
  opensBy("poll")
  await pass(1)
  say("connecting", { code: 1 })
  await pass(1)
  opensBy("poll")
  answer = () => Promise.resolve(Response.json({ jobs: rows }))
  succeed(Response.json({ jobs: rows }))
  await pass(1)

  expect(asked).toEqual([LOOK, LOOK])
})

test("what has ended meanwhile is not brought back by a look that is late", async () => {
  let succeed: (response: Response) => void = () => {}
  answer = () => new Promise((resolve) => (succeed = resolve))
  say("subscribed", {
    channel: TOPIC,
    recovered: true,
    streamPosition: { epoch: "e1", offset: 7 },
  })
  opensBy("poll")
  await pass(1)
  event(running({ state: "succeeded" }))
  succeed(Response.json({ jobs: [running({ progress: at(4) }), job({ id: "0199-z" })] }))
  await pass(0)

  expect(live.jobs.job("0199-a")?.state).toBe("succeeded")
  expect(live.jobs.job("0199-z")).toBeUndefined()
})
