import { Centrifuge } from "centrifuge"
import { describe, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import type { Sdk } from "../src/client/connection"
import { EventStream } from "../src/client/event-stream"
import { Ladder } from "../src/client/ladder"
import { Live } from "../src/client/live"
import { LongPoll } from "../src/client/long-poll"
import { SharedTopic } from "../src/client/shared-topic"
import { settle } from "./cast"

const since = () => ({ "user:1": { epoch: "e1", offset: 7 } })

/** A page that listens to a topic, by one line; answers with what it is told. */
function listening(line: Sdk): string[] {
  const live = new Live(new Api({ base: "/api", csrf: () => "" }), { positions: since() })
  const told: string[] = []
  live.connect(() => new Ladder([() => Promise.resolve(line)]).asSdk())
  live.listenTo("ops:all", {
    joined: () => told.push("joined"),
    told: (publication) => told.push(JSON.stringify(publication)),
    left: (why) => told.push(`left: ${why}`),
  })
  return told
}

/** A way to be live, with its subscription to a topic, and how it fails. */
function way() {
  const topic = new SharedTopic(() => {})
  const failures: (() => void)[] = []
  const line = {
    on: (event: string, handler: () => void) => event === "error" && failures.push(handler),
    connect: () => {},
    disconnect: () => {},
    newSubscription: () => topic,
  } as unknown as Sdk
  return { line, topic, fail: () => failures.forEach((fail) => fail()) }
}

/** A server that answers each request with the next of these, and then no more. */
function server(...answers: Response[]) {
  const asked: string[] = []
  const send = (url: string) => {
    asked.push(url)
    return answers.length ? Promise.resolve(answers.shift()) : new Promise(() => {})
  }
  return { asked, options: { api: "/api", since, fetch: send as unknown as typeof fetch } }
}

const stream = (text: string) =>
  new Response(text, { headers: { "Content-Type": "text/event-stream" } })

const someTurns = async () => {
  for (let turn = 0; turn < 5; turn++) await settle()
}

describe("a topic that a page shares with others", () => {
  test("is asked for by a stream, and told apart from the page's own", async () => {
    const update = 'event: update ops:all\ndata: {"n":1}\n\nevent: update\ndata: {"n":2}\n\n'
    const { asked, options } = server(stream(`id: e1:7,e2:0\n\n${update}`))
    const told = listening(new EventStream(options).asSdk())
    await someTurns()

    expect(asked).toEqual(["/api/events?epoch=e1&after=7&topics=ops%3Aall"])
    expect(told).toEqual(["joined", '{"n":1}'])
  })

  test("does not disturb the page's place in its own history", async () => {
    const line = new EventStream(server(stream('id: e1:8,e2:3\ndata: {"a":1}\n\n')).options)
    const offsets: unknown[] = []
    line.on("publication", ({ offset }: { offset: number }) => void offsets.push(offset))
    listening(line.asSdk())
    await someTurns()

    expect(offsets).toEqual([8])
  })

  test("is left when the stream says so", async () => {
    const end = '{"topic":"ops:all","code":2000,"reason":"unsubscribed"}'
    const { options } = server(stream(`id: e1:7\n\nevent: unsubscribe\ndata: ${end}\n\n`))
    const told = listening(new EventStream(options).asSdk())
    await someTurns()

    expect(told).toEqual(["joined", "left: not allowed"])
  })

  test("that is refused is not asked for again, so that the page is live all the same", async () => {
    const { asked, options } = server(new Response("{}", { status: 403 }))
    const line = new EventStream(options)
    const told = listening(line.asSdk())
    await someTurns()
    line.connect()
    await someTurns()

    expect(told).toEqual(["left: not allowed"])
    expect(asked.at(-1)).toBe("/api/events?epoch=e1&after=7")
  })

  test("is asked for again where the server was only busy", async () => {
    const { asked, options } = server(new Response("{}", { status: 503 }))
    const line = new EventStream(options)
    const told = listening(line.asSdk())
    await someTurns()
    line.connect()
    await someTurns()

    expect(told).toEqual([])
    expect(asked.at(-1)).toBe("/api/events?epoch=e1&after=7&topics=ops%3Aall")
  })

  test("is no news of the page's own, nor is what was missed of it", async () => {
    const reload = 'event: reload\ndata: {"topic":"ops:all","epoch":"e2","offset":9}\n\n'
    const event = 'event: ops:all\nid: e1:7,e2:1\ndata: {"n":1}\n\n'
    const line = new EventStream(server(stream(`id: e1:7,e2:0\n\n${event}${reload}`)).options)
    const own: string[] = []
    line.on("publication", () => void own.push("publication"))
    line.on("subscribed", () => void own.push("subscribed"))
    const told = listening(line.asSdk())
    await someTurns()

    expect(told).toEqual(["joined", '{"n":1}'])
    expect(own).toEqual(["subscribed"])
  })

  test("is heard by the way that is in use, and by no other", async () => {
    const ways = [way(), way()] as const
    const ladder = new Ladder(
      ways.map(
        ({ line }) =>
          () =>
            Promise.resolve(line),
      ),
    )
    const told: unknown[] = []
    ladder.connect()
    await someTurns()
    const shared = ladder.newSubscription("ops:all")
    for (const event of ["subscribed", "publication", "unsubscribed"] as const)
      shared.on(event, (context) => told.push([event, context]))
    shared.subscribe()
    ways[0].topic.tell("publication", { data: 0 })
    for (let failure = 0; failure < 2; failure++) {
      ways[0].fail()
      ladder.connect()
      await someTurns()
    }

    for (const { topic } of [...ways].reverse()) {
      topic.tell("subscribed", {})
      topic.tell("publication", { data: 1 })
      topic.tell("unsubscribed", { code: 103 })
    }
    expect(told).toEqual([
      ["publication", { data: 0 }],
      ["subscribed", {}],
      ["publication", { data: 1 }],
      ["unsubscribed", { code: 103 }],
    ])
  })

  test("cannot be listened to before there is a way at all", () => {
    const live = new Live(new Api({ base: "/api", csrf: () => "" }), { positions: since() })
    const listener = { joined: vi.fn(), told: vi.fn(), left: vi.fn() }

    expect(() => live.listenTo("ops:all", listener)).toThrow("Call connect() before listenTo().")
  })

  test("does not come by long polls, and they say so", async () => {
    const answer = Response.json({ epoch: "e1", offset: 7, events: [], recovered: true })
    const told = listening(new LongPoll(server(answer).options).asSdk())
    await someTurns()

    expect(told).toEqual(["left: not this way"])
  })

  test("is subscribed by the SDK, which is heard only while it is the way in use", async () => {
    const sdk = new Centrifuge("ws://site/connection/websocket", { websocket: class {} })
    vi.spyOn(sdk, "connect").mockReturnValue()
    const told = listening(sdk as unknown as Sdk)
    await someTurns()

    const subscription = sdk.getSubscription("ops:all")
    expect(subscription?.state).toBe("subscribing")
    subscription?.emit("publication", { data: { n: 1 } } as never)
    subscription?.emit("unsubscribed", { code: 103, reason: "", channel: "ops:all" })
    expect(told).toEqual(['{"n":1}', "left: not allowed"])
  })
})
