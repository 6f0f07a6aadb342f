// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest"

import { running } from "./cast"
import { notification } from "./inbox-cast"
import { InboxPage, SEEN, all, furnish, markedAs, press, show, titles } from "./inbox-stage"

let page: InboxPage

beforeAll(furnish)
beforeEach(() => void (page = new InboxPage()))
afterEach(() => document.body.replaceChildren())

test("a card is text, whatever it looks like, and its links lead to pages only", async () => {
  const actions = [
    { label: "Steal", link: "javascript:alert(1)" },
    { label: "Look", link: "/jobs/" },
  ]
  page.begin(
    notification({ title: "<img src=x>", body: "<b>", link: "javascript:alert(1)", actions }),
  )
  await show()

  expect(titles()).toEqual(["Unread: Success: <img src=x>"])
  expect(all("img, b")).toEqual([])
  expect(all("a").map((link) => link.getAttribute("href"))).toEqual(["/jobs/"])
})

test("an archived card goes at once and comes back by Undo", async () => {
  page.begin(notification({ seen: true }))
  await show()
  await press("Archive")
  expect(titles()).toEqual([])

  await press("Undo")
  expect(titles()).toEqual(["Unread: Success: Report is done"])
  expect(page.asked).toEqual([markedAs("archived", "n1"), markedAs("unarchived", "n1")])
})

test("what the server refuses is taken back and said", async () => {
  page.begin(notification({ seen: true }))
  await show()
  delete page.answers[SEEN]
  await press("Archive")

  expect(titles()).toHaveLength(1)
  expect(all(".done")[0]?.textContent).toContain("The server has trouble.")
})

test("neighbours of one group are one card that unfolds", async () => {
  const group = (id: string) => notification({ id, group: "reports", seen: true })
  page.begin(group("n2"), group("n1"))
  await show()
  expect(titles()).toEqual(["Unread: Success: 2 × Report is done"])

  await press("Show each")
  expect(titles()).toHaveLength(3)
  await press("Archive")
  expect(page.asked).toEqual([markedAs("archived", "n2", "n1")])
})

test("a card of a job that is under way has its bar, which is fetched for it", async () => {
  page.live.jobs.begin([running()], false)
  page.begin(notification({ key: "job:0199-a", seen: true }))
  await show()

  await customElements.whenDefined("job-progress")
  expect(all("job-progress")).toHaveLength(1)
})

test("a job is muted from its card, and can be heard again", async () => {
  page.answers["POST /api/notifications/mutes"] = {}
  page.begin(notification({ key: "job:7", seen: true }))
  await show()
  await press("More")
  await press("Mute this job")
  await press("Undo")

  const mute = "POST /api/notifications/mutes"
  expect(page.asked).toEqual([
    `${mute} {"key":"job:7","muted":true}`,
    `${mute} {"key":"job:7","muted":false}`,
  ])
})

test("a kind is muted by both ways, and Undo gives back those that were chosen", async () => {
  const chosen = { kind: "report", name: "Reports", in_app: true, email: true }
  const address = "/api/notifications/preferences"
  page.answers[`GET ${address}`] = { kinds: [chosen], mutes: [] }
  page.answers[`PUT ${address}`] = {}
  page.begin(notification({ seen: true }))
  await show()
  await press("More")
  await press("Mute this kind")
  await press("Undo")

  expect(page.asked.slice(1)).toEqual([
    `PUT ${address} {"kind":"report","in_app":false,"email":false}`,
    `PUT ${address} {"kind":"report","in_app":true,"email":true}`,
  ])
})
