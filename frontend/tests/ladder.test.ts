import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import type { Sdk } from "../src/client/connection"
import { Ladder } from "../src/client/ladder"
import { settle } from "./line-cast"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

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
