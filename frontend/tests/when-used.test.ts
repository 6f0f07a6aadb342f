// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { fetchWhenUsed } from "../src/pages/when-used"

let asked: string[]

const part = (name: string) => () => Promise.resolve(asked.push(name))
const shown = () => vi.advanceTimersByTimeAsync(0)

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
})

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test("all parts of what is on the page are asked for at once, and no others", () => {
  document.body.innerHTML = "<x-list></x-list><x-list></x-list>"
  fetchWhenUsed({ "x-list": [part("list"), part("card")], "x-menu": [part("menu")] })

  expect(asked).toEqual(["list", "card"])
})

test("what comes to the page later is asked for then, once", async () => {
  fetchWhenUsed({ "x-tree": [part("tree")], "x-bell": [part("bell")] })
  document.body.innerHTML = "<p><x-bell></x-bell></p>"
  await shown()
  document.body.innerHTML = "<x-bell></x-bell>"
  await shown()

  expect(asked).toEqual(["bell"])
})

test("a part that could not be loaded is asked for again, ever more rarely, until it is", async () => {
  vi.spyOn(Math, "random").mockReturnValue(0.999)
  const warn = vi.spyOn(console, "warn").mockReturnValue()
  document.body.innerHTML = "<x-card></x-card>"
  let outages = 2
  const card = () =>
    outages-- > 0 ? Promise.reject(new TypeError("Failed to fetch")) : part("card")()
  fetchWhenUsed({ "x-card": [card] })
  await vi.advanceTimersByTimeAsync(1_000)
  await vi.advanceTimersByTimeAsync(1_500)
  await vi.advanceTimersByTimeAsync(60_000)

  expect(asked).toEqual(["card"])
  expect(warn.mock.calls).toEqual(Array(2).fill(["x-card", "could not be loaded"]))
})
