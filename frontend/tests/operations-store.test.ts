import { afterEach, beforeEach, describe, expect, test, vi } from "vitest"

import { Refused, Unreachable } from "../src/client/api-error"
import type { Snapshot } from "../src/client/operations-reports"
import { OperationsStore } from "../src/client/operations-store"
import { AT, NOW, snapshot, sockets, web } from "./operations-cast"

describe("a page of operations", () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOW }))
  afterEach(() => void vi.useRealTimers())

  const settle = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

  function opened(...answers: (Snapshot | Error)[]) {
    const asked: string[] = []
    const ask = (method: string, path: string) => {
      asked.push(`${method} ${path}`)
      const answer = answers.shift() ?? snapshot()
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    }
    const store = new OperationsStore({ ask: ask as never }, snapshot(), () => 0)
    return { store, asked }
  }

  test("reads the last ten minutes once it hears, and after each break, and never else", async () => {
    const { store, asked } = opened()
    store.joined()
    await settle(60_000)
    store.lost()
    await settle(60_000)
    expect(asked).toEqual(["GET /ops"])
    store.joined()
    await settle()

    expect(asked).toEqual(["GET /ops", "GET /ops"])
  })

  test("keeps what it was told while it read", async () => {
    const { store } = opened(snapshot({ web: [web({ sockets: 3 })] }))
    store.joined()
    store.told(web({ n: AT + 10, sockets: 8 }))
    await settle()

    expect(sockets(store.state)).toEqual([8])
  })

  test("tries again where the server cannot be reached", async () => {
    const { store, asked } = opened(new Unreachable("no"), snapshot({ web: [web()] }))
    store.joined()
    await settle(500)

    expect([asked.length, sockets(store.state)]).toEqual([2, [1]])
  })

  test("gives up where one is not staff any more, and says so", async () => {
    const { store, asked } = opened(new Refused(403, "forbidden", "no"))
    store.joined()
    await settle(60_000)

    expect([asked.length, store.hearing]).toEqual([1, "not allowed"])
  })

  test("calls nobody silent while it hears nothing itself", async () => {
    const { store } = opened(snapshot({ web: [web()] }))
    store.joined()
    await settle(1_000)
    store.lost()
    await settle(60_000)

    expect([store.hearing, store.asOf]).toEqual(["lost", NOW + 1_000])
  })
})
