// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { keepAwake } from "../src/pages/wake"

let asked: string[]
let stop: () => void

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
  asked = []
  stop = keepAwake({
    doubt: (since) => asked.push(`doubt ${since}`),
    retry: () => asked.push("retry"),
  })
})

afterEach(() => {
  stop()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

/** The clock goes on without the timers, as it does while a machine sleeps. */
function sleep(milliseconds: number): void {
  vi.setSystemTime(Date.now() + milliseconds)
}

function look(isHidden: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(isHidden)
  document.dispatchEvent(new Event("visibilitychange"))
}

test("a machine that slept doubts its line, since the last look at the clock", () => {
  vi.advanceTimersByTime(60_000)
  sleep(3_600_000)
  vi.advanceTimersByTime(5_000)

  expect(asked).toEqual(["doubt 60000"])
})

test("a clock that goes on doubts nothing", () => {
  vi.advanceTimersByTime(600_000)
  sleep(10_000)
  vi.advanceTimersByTime(5_000)

  expect(asked).toEqual([])
})

test("a hidden page, whose timers are slow, doubts nothing until it is seen", () => {
  look(true)
  sleep(60_000)
  vi.advanceTimersByTime(5_000)
  expect(asked).toEqual([])

  look(false)
  expect(asked).toEqual(["doubt 65000"])
})

test("a page that was hidden for a moment does not wait for its next attempt", () => {
  look(true)
  vi.advanceTimersByTime(4_000)
  look(false)

  expect(asked).toEqual(["retry"])
})

test("a network that is back is used at once", () => {
  dispatchEvent(new Event("online"))

  expect(asked).toEqual(["retry"])
})
