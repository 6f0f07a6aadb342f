import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { EVERY, Latency, MAX_SAMPLES, ONE_OF, PAUSE, type Sample } from "../src/client/latency"

const TAGS = { c: "1000.5", p: "1001", w: "1002.25" }
const AHEAD = 500_000

/** A page whose clock is the test's, and a server whose clock is ahead of it. */
class Page {
  frames: (() => void)[] = []
  isHidden = false
  dice = 0
  refuses = false
  readonly reports: { readonly sent: number; readonly samples: readonly Sample[] }[] = []
  readonly latency = new Latency({
    report: (sent, samples) => this.#take(sent, samples),
    now: () => Date.now(),
    frame: (act) => void this.frames.push(act),
    isHidden: () => this.isHidden,
    random: () => this.dice,
  })

  /** Draw what is due, so many times. */
  draw(times = 2): void {
    for (let n = 0; n < times; n++) for (const act of this.frames.splice(0)) act()
  }

  show(tags: unknown = TAGS): void {
    this.latency.arrived(tags)
    this.draw()
  }

  async #take(sent: number, samples: readonly Sample[]) {
    this.reports.push({ sent, samples })
    if (this.refuses) throw new Error("429")
    return { received: Date.now() + AHEAD, now: Date.now() + AHEAD }
  }
}

let page: Page

beforeEach(() => {
  vi.useFakeTimers({ now: 2_000 })
  page = new Page()
})

afterEach(() => {
  vi.useRealTimers()
})

test("the first report asks for the time, the next tells what was shown by the server's clock", async () => {
  page.latency.arrived(TAGS)
  vi.setSystemTime(2_030)
  page.draw()
  await vi.advanceTimersByTimeAsync(0)
  expect(page.reports).toEqual([{ sent: 2_030, samples: [] }])

  await vi.advanceTimersByTimeAsync(EVERY)
  const shown = { received: 2_000 + AHEAD, shown: 2_030 + AHEAD }
  expect(page.reports[1]?.samples).toEqual([{ c: 1000.5, p: 1001, w: 1002.25, ...shown }])
})

test("a page that shows nothing reports nothing", async () => {
  page.show({})
  await vi.advanceTimersByTimeAsync(PAUSE)
  expect(page.reports).toEqual([])
})

test("however much is shown, there is a report in ten seconds with twenty samples", async () => {
  for (let second = 0; second < 60; second++) {
    for (let n = 0; n < 50; n++) page.show()
    await vi.advanceTimersByTimeAsync(1_000)
  }
  const gaps = page.reports.slice(1).map((each, n) => each.sent - (page.reports[n]?.sent ?? 0))
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(EVERY)
  expect(page.reports.slice(1).every(({ samples }) => samples.length === MAX_SAMPLES)).toBe(true)
})

test("one of so many events is followed", () => {
  page.dice = 1 / ONE_OF
  page.latency.arrived(TAGS)
  expect(page.frames).toHaveLength(0)

  page.dice = 1 / ONE_OF - 0.001
  page.latency.arrived(TAGS)
  expect(page.frames).toHaveLength(1)
})

test("shown is what the second frame finds drawn", async () => {
  page.latency.arrived(TAGS)
  page.draw(1)
  await vi.advanceTimersByTimeAsync(EVERY)
  expect(page.reports).toEqual([])

  page.draw(1)
  await vi.advanceTimersByTimeAsync(0)
  expect(page.reports).toHaveLength(1)
})

test.each([
  ["when it arrived", () => (page.isHidden = true), () => {}],
  ["before it was drawn", () => {}, () => (page.isHidden = true)],
])("a tab that was hidden %s tells nothing", async (_, before, after) => {
  before()
  page.latency.arrived(TAGS)
  after()
  page.draw()
  await vi.advanceTimersByTimeAsync(EVERY)
  expect(page.reports).toEqual([])
})

test.each([
  ["none, as of what is replayed", undefined],
  ["null", null],
  ["text", "c"],
  ["one that is missing", { c: "1", p: "2" }],
  ["one that is no number", { ...TAGS, w: "soon" }],
  ["an empty one", { ...TAGS, p: "" }],
  ["one that is not text", { ...TAGS, c: 5 }],
  ["an endless one", { ...TAGS, c: "Infinity" }],
])("an event with other tags is not followed: %s", (_, tags) => {
  page.latency.arrived(tags)
  expect(page.frames).toHaveLength(0)
})

test("after a report that was refused there is a long pause, and what it had is let go", async () => {
  page.refuses = true
  page.show()
  await vi.advanceTimersByTimeAsync(0)
  page.show()
  await vi.advanceTimersByTimeAsync(PAUSE - 1)
  expect(page.reports).toHaveLength(1)

  await vi.advanceTimersByTimeAsync(1)
  expect(page.reports).toHaveLength(2)
})

test("once it is closed nothing is told", async () => {
  page.show()
  page.latency.arrived(TAGS)
  page.latency.close()
  page.draw()
  await vi.advanceTimersByTimeAsync(PAUSE)
  expect(page.reports).toEqual([])
})
