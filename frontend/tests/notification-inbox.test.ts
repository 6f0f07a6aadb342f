// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { created, notification } from "./inbox-cast"
import {
  InboxPage,
  all,
  counts,
  furnish,
  markedAs,
  press,
  rest,
  show,
  titles,
  type,
} from "./inbox-stage"

let page: InboxPage

beforeAll(furnish)
beforeEach(() => void (page = new InboxPage()))
afterEach(() => document.body.replaceChildren())

test("the keys go from card to card, and do what they say", async () => {
  page.begin(notification({ id: "n2", seen: true }), notification({ id: "n1", seen: true }))
  await show()
  await type("j")
  await type("j")
  await type("e")
  await type("k")
  await type("u")

  expect(page.asked).toEqual([markedAs("archived", "n1"), markedAs("read", "n2")])
})

test("a key with Control is the browser's own", async () => {
  page.begin(notification({ seen: true }))
  await show()
  await type("j")
  const event = new KeyboardEvent("keydown", { key: "e", ctrlKey: true, cancelable: true })
  all("notification-inbox")[0]?.dispatchEvent(event)

  expect(event.defaultPrevented).toBe(false)
  expect(page.asked).toEqual([])
})

test("the keys are told on demand", async () => {
  page.begin()
  await show()
  expect(all(".keys")).toEqual([])

  await type("?")
  expect(all("kbd").map((key) => key.textContent)).toContain("j")
})

test("an inbox that cannot be read says so and tries again", async () => {
  await show()
  expect(all("[role=alert]")[0]?.textContent).toContain("The server has trouble.")

  page.answers["GET /api/notifications?limit=30&show=inbox"] = {
    notifications: [notification({ seen: true })],
    has_older: false,
    counts,
  }
  await press("Try again")
  expect(titles()).toHaveLength(1)
  expect(all("[role=alert]")).toEqual([])
})

test("an inbox that is not live says since when, not when it was last drawn", async () => {
  const since = new Date(2026, 9, 1, 9, 15).getTime()
  page.begin(notification({ seen: true }))
  vi.spyOn(page.live, "state", "get").mockReturnValue({ name: "open", way: "websocket" })
  await show()
  const waiting = { name: "waiting", since, until: since + 1_000 } as const
  vi.spyOn(page.live, "state", "get").mockReturnValue(waiting)
  page.inbox.eventArrived(created(notification({ id: "n2", seen: true })))
  await rest()

  expect(all(".stale")[0]?.textContent).toMatch(/as of 9:15/)
})

test("new ones wait behind a button while the focus is inside", async () => {
  page.begin(notification({ id: "n1", at: "1", title: "First", seen: true }))
  await show()
  await type("j")
  vi.spyOn(HTMLElement.prototype, "matches").mockImplementation(function (this: Element, selector) {
    return selector === ":focus-within" || this.webkitMatchesSelector(selector)
  })
  page.inbox.eventArrived(created(notification({ id: "n2", at: "2", title: "Second", seen: true })))
  await rest()
  vi.restoreAllMocks()
  expect(titles()).toEqual(["Unread: Success: First"])

  await press("1 new")
  expect(titles()).toHaveLength(2)
})

test("an empty part says what is not there", async () => {
  page.begin()
  await show()
  expect(all(".empty")[0]?.textContent).toBe("Nothing here yet.")
})
