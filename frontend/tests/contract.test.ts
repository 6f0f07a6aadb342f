/** The frames that the server's own tests are held to (tests/contract): what a page shows after
 *  them, whatever the line does. */

import { Centrifuge } from "centrifuge"
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import storyText from "../../tests/contract/story.jsonl?raw"
import stateText from "../../tests/contract/state.json?raw"
import { Api } from "../src/client/api"
import type { Notification } from "../src/client/inbox-messages"
import type { InboxPage } from "../src/client/inbox-state"
import { InboxStore } from "../src/client/inbox-store"
import { Live } from "../src/client/live"
import type { Line } from "../src/client/output-lines"
import { OutputStore } from "../src/client/output-store"
import type { Position, Positions } from "../src/client/position"

interface State {
  readonly begin: Positions
  readonly end: Positions
  readonly jobs: readonly unknown[]
  readonly inbox: readonly unknown[]
  readonly archived: readonly unknown[]
  readonly counts: unknown
  readonly output: Readonly<Record<string, number>>
}

const STATE: State = JSON.parse(stateText)
const STORY = storyText.trim().split("\n")
const [TOPIC, BEGIN] = Object.entries(STATE.begin)[0] as [string, Position]

/** The last frames are updates, which nothing makes up for. */
const LAST_EVENT = STORY.findLastIndex((frame) => publication(frame).offset)

interface Publication {
  readonly offset?: number
  readonly data: { readonly type: string; readonly job?: { readonly id: string } } & Partial<Logged>
}

interface Logged {
  readonly last: number
  readonly lines: readonly Line[]
}

function publication(frame: string): Publication {
  return JSON.parse(frame).push.pub
}

/** How many of the frames the server has written by now. */
let happened: number

/** What the server has stored of a job's output: lines that are not told of are asked for. */
function output(job: string): readonly Line[] {
  const told = STORY.slice(0, happened).map((frame) => publication(frame).data)
  const logged = told.filter(({ type, job: of }) => type === "job.logged" && of?.id === job)
  const known = new Map(logged.flatMap(({ lines = [] }) => lines.map((line) => [line.n, line])))
  const unsaid = { at: "2026-10-01T12:00:00.000Z", level: "info", text: "", attempt: 1 }
  const count = logged.at(-1)?.last ?? 0
  return Array.from({ length: count }, (_, n) => known.get(n + 1) ?? { ...unsaid, n: n + 1 })
}

/** The API, of which a page that hears asks for nothing but lines. */
function answer(address: string): Promise<Response> {
  const [, job] = /^\/api\/jobs\/(.+)\/output/.exec(address) ?? []
  if (!job) return Promise.reject(new Error(`${address} was asked for`))
  const after = Number(new URLSearchParams(address.split("?")[1]).get("after"))
  const lines = output(job)
  return Promise.resolve(Response.json({ lines: lines.slice(after), last: lines.length }))
}

/** A server that has this to say, and sockets to it that break when the test says so. */
class Socket {
  static newest: Socket
  readonly sent: { readonly id: number; readonly connect: { readonly data: Since } }[] = []
  onopen = (): void => {}
  onmessage = (_event: { data: string }): void => {}
  onclose = (_event: { code: number; reason: string }): void => {}
  onerror = (): void => {}
  binaryType = ""

  constructor() {
    Socket.newest = this
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text))
  }

  close(): void {}

  /** Answer the connect command; `missed` is what happened until now. */
  async connect(missed: readonly string[]): Promise<void> {
    this.onopen()
    await pass()
    const [{ id, connect }] = this.sent as [(typeof this.sent)[0]]
    const since = connect.data.since[TOPIC] as Position
    const publications = missed.map(publication).filter(({ offset = 0 }) => offset > since.offset)
    const place = { ...since, recoverable: true, positioned: true }
    const sub = { ...place, was_recovering: true, recovered: true, publications }
    const result = { client: "c", version: "1", ping: 25, pong: true, subs: { [TOPIC]: sub } }
    this.onmessage({ data: JSON.stringify({ id, connect: result }) })
    await pass()
  }

  async say(frames: readonly string[]): Promise<void> {
    for (const frame of frames) {
      happened = Math.max(happened, STORY.indexOf(frame) + 1)
      this.onmessage({ data: frame })
      await pass()
    }
  }

  async cut(): Promise<void> {
    this.onclose({ code: 1006, reason: "" })
    while (Socket.newest === this) await pass(100)
  }
}

interface Since {
  readonly since: Positions
}

/** A page: all that `pages/elements.ts` puts together, but what is seen of it. */
class Page {
  readonly live: Live
  readonly inbox: InboxStore
  readonly outputs: readonly OutputStore[]
  readonly applied: number[] = []

  constructor() {
    const api = new Api({ base: "/api", csrf: () => "", fetch: answer as typeof fetch })
    const page = { positions: STATE.begin, jobs: [], hasOlder: false }
    this.live = new Live(api, page, ({ place }) => void this.applied.push(place.offset))
    const nothing: InboxPage = {
      notifications: [],
      hasOlder: false,
      counts: { unseen: 0, unread: 0 },
    }
    const read = () => Promise.resolve(nothing)
    this.inbox = new InboxStore({ page: read, mark: () => Promise.reject() })
    this.inbox.begin(nothing)
    this.outputs = Object.keys(STATE.output).map((job) => new OutputStore(api, job))
    for (const store of [this.inbox, ...this.outputs]) this.live.attach(store)
  }

  async open(): Promise<void> {
    await this.inbox.open("archived")
    for (const output of this.outputs) await output.open()
    this.live.connect((since) => {
      const getData = () => Promise.resolve({ since: since() })
      return new Centrifuge("ws://site/socket", { getData, websocket: Socket })
    })
    await pass()
  }

  /** What it shows, in the words of `state.json`. */
  state(): unknown {
    const { jobs, inbox } = this
    return {
      jobs,
      inbox: inbox.cards("inbox").map(short),
      archived: inbox.cards("archived").map(short),
      counts: inbox.counts,
      output: Object.fromEntries(this.outputs.map(({ job, lines }) => [job, lines.length])),
    }
  }

  get jobs(): unknown[] {
    const { jobs } = this.live
    return jobs.list.blocks.flatMap(({ ids }) =>
      ids.map((known) => {
        const { id, state, attempt, progress, error, cancel_requested } = jobs.job(known) ?? {}
        return { id, state, attempt, progress, error, cancel_requested }
      }),
    )
  }
}

const short = ({ id, title, seen, read }: Notification) => ({ id, title, seen, read })

const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

beforeEach(() => {
  vi.useFakeTimers()
  happened = 0
})
afterEach(() => void vi.useRealTimers())

const { begin, end, ...shown } = STATE
const everyOffset = Array.from(
  { length: (end[TOPIC]?.offset ?? 0) - BEGIN.offset },
  (_, n) => BEGIN.offset + n + 1,
)

/** Open a page that is connected; it has heard nothing yet. */
async function opened(): Promise<Page> {
  const page = new Page()
  await page.open()
  await Socket.newest.connect([])
  return page
}

function expectTheEnd(page: Page): void {
  expect(page.applied).toEqual(everyOffset)
  expect(page.state()).toEqual(shown)
  expect(page.live.state).toEqual({ name: "open", way: "websocket" })
}

describe("a page that the story is told", { timeout: 30_000 }, () => {
  test("shows its end", async () => {
    const page = await opened()
    await Socket.newest.say(STORY)

    expectTheEnd(page)
  })

  test("shows the same if every frame comes twice", async () => {
    const page = await opened()
    await Socket.newest.say(STORY.flatMap((frame) => [frame, frame]))

    expectTheEnd(page)
  })

  test("shows the same if it comes again from anywhere", async () => {
    const page = await opened()
    await Socket.newest.say(STORY)
    for (let from = 0; from < STORY.length; from += 4) await Socket.newest.say(STORY.slice(from))

    expectTheEnd(page)
  })

  test.each([1, 5, STORY.length])(
    "shows the same if the line is cut anywhere, for %i frames",
    async (missed) => {
      for (let heard = 0; heard <= LAST_EVENT; heard++) {
        const back = Math.min(heard + missed, LAST_EVENT + 1)
        happened = 0
        const page = await opened()
        await Socket.newest.say(STORY.slice(0, heard))
        await Socket.newest.cut()
        happened = back
        await Socket.newest.connect(STORY.slice(0, back))
        await Socket.newest.say(STORY.slice(back))

        expectTheEnd(page)
      }
    },
  )
})
