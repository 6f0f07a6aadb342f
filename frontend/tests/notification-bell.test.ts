// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest"

import { created, notification } from "./inbox-cast"
import { InboxPage, all, furnish, rest, show } from "./inbox-stage"

let page: InboxPage

beforeAll(furnish)
beforeEach(() => void (page = new InboxPage()))
afterEach(() => document.body.replaceChildren())

test("the bell says how many are new", async () => {
  await show(`<notification-bell unseen="3"><a href="/inbox/">3 new</a></notification-bell>`)
  expect(all("button")[0]?.getAttribute("aria-label")).toBe("Notifications, 3 new")

  page.inbox.eventArrived(created(notification(), { unseen: 120, unread: 130 }))
  await rest()
  expect(all(".badge")[0]?.textContent).toBe("99+")
  expect(page.asked).toEqual([])
})

test("a bell that was told nothing asks the server", async () => {
  page.answers["GET /api/notifications?limit=30&show=inbox"] = {
    notifications: [notification()],
    has_older: false,
    counts: { unseen: 1, unread: 1 },
  }
  await show(`<notification-bell></notification-bell>`)

  expect(all("button")[0]?.getAttribute("aria-label")).toBe("Notifications, 1 new")
})
