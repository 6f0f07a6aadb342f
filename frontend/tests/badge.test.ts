// @vitest-environment happy-dom
import { beforeEach, expect, test, vi } from "vitest"

import { followInboxCount, showBadge, showLine } from "../src/pages/badge"

beforeEach(() => {
  document.head.innerHTML = `<link rel="icon" href="/plain.svg" data-new="/new.svg" data-off="/off.svg">`
  document.title = "Jobs – Bellwire"
  showLine(false)
  showBadge(0)
})

const icon = () => document.querySelector("link")?.getAttribute("href")

test.each([
  [3, "(3) Jobs – Bellwire", "/new.svg"],
  [0, "Jobs – Bellwire", "/plain.svg"],
  [100, "(99+) Jobs – Bellwire", "/new.svg"],
])("of %d unseen the tab says: %s", (n, title, address) => {
  showBadge(2)
  showBadge(n)

  expect([document.title, icon()]).toEqual([title, address])
})

test("the tab follows the inbox, from what the page was told first", () => {
  const inbox: { counts: { unseen: number; unread: number } | undefined } = { counts: undefined }
  let tell = () => {}
  const listen = (listener: () => void) => ((tell = listener), () => {})
  followInboxCount(Object.assign(inbox, { listen }), 4)
  const titles = [document.title]
  inbox.counts = { unseen: 5, unread: 6 }
  tell()

  expect([...titles, document.title]).toEqual(["(4) Jobs – Bellwire", "(5) Jobs – Bellwire"])
})

test("a page that lost its line shows that before all else", () => {
  showBadge(3)
  showLine(true)
  expect(icon()).toBe("/off.svg")

  showLine(false)
  expect(icon()).toBe("/new.svg")
})

test("an app has its badge, and none is no trouble", async () => {
  const setAppBadge = vi.fn(() => Promise.reject(new Error("not installed")))
  const clearAppBadge = vi.fn(() => Promise.resolve())
  Object.assign(navigator, { setAppBadge, clearAppBadge })
  showBadge(3)
  showBadge(0)

  expect(setAppBadge).toHaveBeenCalledWith(3)
  expect(clearAppBadge).toHaveBeenCalled()
})

test("an icon without variants stays as it is", () => {
  document.head.innerHTML = `<link rel="icon" href="/own.svg">`
  showBadge(3)

  expect(icon()).toBe("/own.svg")
})
