// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import type { ToastRegion } from "../src/elements/toast-region"
import "../src/elements/toast-region"
import { passToasts } from "../src/pages/toasts"
import { created, notification, pass } from "./inbox-cast"

let region: ToastRegion

beforeAll(() => {
  passToasts(() => Promise.resolve())
})

beforeEach(() => {
  vi.useFakeTimers()
  region = document.createElement("toast-region") as ToastRegion
  document.body.append(region)
})

afterEach(() => {
  region.remove()
  vi.useRealTimers()
})

const shown = () =>
  [...region.renderRoot.querySelectorAll(".said")].map((said) =>
    said.textContent?.replace(/\s+/g, " ").trim(),
  )

const spoken = () => region.renderRoot.querySelector("[role=status]")?.textContent

function arrive(...titles: string[]): void {
  for (const title of titles) {
    const publication = created(notification({ id: title, title }))
    dispatchEvent(new CustomEvent("bellwire:event", { detail: { publication } }))
  }
}

const say = (detail: unknown) => dispatchEvent(new CustomEvent("bellwire:toast", { detail }))

test("a notification that arrives is shown, read out, and goes by itself", async () => {
  arrive("Report is done")
  await pass(300)

  expect(shown()).toEqual(["Success: Report is done"])
  expect(spoken()).toBe("Report is done")
  await pass(6_100)
  expect(shown()).toEqual([])
})

test("an error stays until it is closed", async () => {
  say({ title: "It failed", severity: "error" })
  await pass(60_000)
  expect(shown()).toEqual(["Error: It failed"])

  region.renderRoot.querySelector("button")?.click()
  await pass()
  expect(shown()).toEqual([])
})

test("many at once are one toast and one sentence", async () => {
  arrive(..."1234567")
  await pass(300)

  expect(shown()).toEqual(["7 new notifications"])
  expect(spoken()).toBe("7 new notifications")
})

test("three are shown, and the next when one has gone", async () => {
  arrive("1", "2", "3")
  await pass(300)
  arrive("4")
  await pass(300)
  expect(shown()).toHaveLength(3)

  await pass(5_800)
  expect(shown()).toEqual(["Success: 4"])
})

test("what comes in two seconds is read out in one sentence", async () => {
  arrive("1")
  await pass(300)
  arrive("2")
  await pass(300)
  arrive("3")
  await pass(300)
  expect(spoken()).toBe("1")

  await pass(2_000)
  expect(spoken()).toBe("2 new notifications")
})

test("what is pointed at stays", async () => {
  arrive("1")
  await pass(300)
  vi.spyOn(region, "matches").mockReturnValue(true)
  region.dispatchEvent(new Event("pointerenter"))
  await pass(60_000)
  expect(shown()).toHaveLength(1)

  vi.restoreAllMocks()
  region.dispatchEvent(new Event("pointerleave"))
  await pass(6_100)
  expect(shown()).toEqual([])
})

test.each([
  ["no title", { severity: "error" }],
  ["a title that is no text", { title: 7 }],
  ["nothing", undefined],
])("a page's toast with %s is let pass", async (_name, detail) => {
  say(detail)
  await pass(300)

  expect(shown()).toEqual([])
})

test("a notification that was seen elsewhere, and other events, are no toast", async () => {
  const publication = created(notification({ seen: true }))
  dispatchEvent(new CustomEvent("bellwire:event", { detail: { publication } }))
  dispatchEvent(new CustomEvent("bellwire:event", { detail: { publication: { type: "x" } } }))
  await pass(300)

  expect(shown()).toEqual([])
})

test("a toast's link leads nowhere but to a page", async () => {
  say({ title: "Bad", link: "javascript:alert(1)" })
  say({ title: "Good", link: "/jobs/" })
  await pass(300)

  const links = [...region.renderRoot.querySelectorAll("a")]
  expect(links.map((link) => link.getAttribute("href"))).toEqual(["/jobs/"])
})
