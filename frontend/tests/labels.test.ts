// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { notification } from "./inbox-cast"
import { InboxPage, all, furnish, show, titles } from "./inbox-stage"

let page: InboxPage

beforeAll(furnish)
beforeEach(() => {
  page = new InboxPage()
  page.begin(notification({ seen: true }))
})
afterEach(() => void vi.restoreAllMocks())

const tabs = () => all("[role=tab]").map((tab) => tab.textContent?.trim())

test("labels that are no JSON are warned of, and the element speaks English", async () => {
  const warned = vi.spyOn(console, "warn").mockImplementation(() => {})
  await show(`<notification-inbox labels="{'Inbox': Eingang}"></notification-inbox>`)

  expect(warned).toHaveBeenCalledExactlyOnceWith("labels is not JSON:", "{'Inbox': Eingang}")
  expect(tabs()).toEqual(["Inbox", "Unread", "Archived"])
  expect(titles()).toEqual(["Unread: Success: Report is done"])
})

test("labels translate what an element says, and leave what they do not name", async () => {
  const labels = { Inbox: "Eingang", "Unread:": "Ungelesen:" }
  await show(`<notification-inbox labels='${JSON.stringify(labels)}'></notification-inbox>`)

  expect(tabs()).toEqual(["Eingang", "Unread", "Archived"])
  expect(titles()).toEqual(["Ungelesen: Success: Report is done"])
})
