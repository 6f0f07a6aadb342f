// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import { InboxApi } from "../src/client/inbox-api"
import type { Notification } from "../src/client/inbox-messages"
import { InboxStore } from "../src/client/inbox-store"
import { Live } from "../src/client/live"
import { JobProgress } from "../src/elements/job-progress"
import { provideLive } from "../src/elements/live"
import { NotificationBell } from "../src/elements/notification-bell"
import { define } from "../src/elements/notification-body"
import { NotificationInbox } from "../src/elements/notification-inbox"
import { provideInbox } from "../src/elements/notification-store"
import { running, settle } from "./cast"
import { created, notification } from "./inbox-cast"

const counts = { unseen: 0, unread: 0 }
const SEEN = "POST /api/notifications/mark"

let live: Live
let inbox: InboxStore
let answers: Record<string, unknown>
let asked: string[]

beforeAll(() => {
  // This DOM has no layout: nothing is ever out of sight.
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  )
  Element.prototype.checkVisibility ??= () => true
  customElements.define("job-progress", JobProgress)
  customElements.define("notification-bell", NotificationBell)
  customElements.define("notification-inbox", NotificationInbox)
  define()
})

beforeEach(() => {
  answers = { [SEEN]: { counts } }
  asked = []
  const send = (url: unknown, init?: RequestInit) => {
    const request = `${init?.method} ${url}`
    asked.push(init?.body ? `${request} ${init.body}` : request)
    const answer = answers[request]
    const refusal = { error: { message: "The server has trouble." } }
    return Promise.resolve(Response.json(answer ?? refusal, { status: answer ? 200 : 500 }))
  }
  const api = new Api({ base: "/api", csrf: () => "", fetch: send as typeof fetch })
  live = new Live(api, { positions: {} })
  inbox = new InboxStore(new InboxApi(api), 600_000)
  provideLive(live)
  provideInbox(inbox, new InboxApi(api))
})

afterEach(() => {
  document.body.replaceChildren()
})

function begin(...notifications: readonly Notification[]): void {
  inbox.begin({ notifications, hasOlder: false, counts })
}

async function show(markup = `<notification-inbox></notification-inbox>`): Promise<void> {
  document.body.innerHTML = markup
  await rest()
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await settle()
}

const titles = () => all("h2").map((title) => title.textContent?.replace(/\s+/g, " ").trim())

function all(selector: string, root: ParentNode = document.body): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("*")].flatMap((element) => [
    ...(element.matches(selector) ? [element] : []),
    ...(element.shadowRoot ? all(selector, element.shadowRoot) : []),
  ])
}

async function press(name: string): Promise<void> {
  const named = (button: HTMLElement) =>
    (button.getAttribute("aria-label") ?? button.textContent ?? "").trim() === name
  const button = all("button").find(named)
  expect(button, `a button "${name}"`).toBeDefined()
  button?.click()
  await rest()
}

async function type(key: string): Promise<void> {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true })
  all("notification-inbox")[0]?.dispatchEvent(event)
  await rest()
}

const marked = (as: string, ...ids: string[]) => ({ type: "notification.marked", as, ids, counts })
const markedAs = (as: string, ...ids: string[]) => `${SEEN} ${JSON.stringify({ as, ids })}`

test("the bell says how many are new", async () => {
  await show(`<notification-bell unseen="3"><a href="/inbox/">3 new</a></notification-bell>`)
  expect(all("button")[0]?.getAttribute("aria-label")).toBe("Notifications, 3 new")

  inbox.eventArrived(created(notification(), { unseen: 120, unread: 130 }))
  await rest()
  expect(all(".badge")[0]?.textContent).toBe("99+")
  expect(asked).toEqual([])
})

test("a bell that was told nothing asks the server", async () => {
  answers["GET /api/notifications?limit=30&show=inbox"] = {
    notifications: [notification()],
    has_older: false,
    counts: { unseen: 1, unread: 1 },
  }
  await show(`<notification-bell></notification-bell>`)

  expect(all("button")[0]?.getAttribute("aria-label")).toBe("Notifications, 1 new")
})

test("a card is text, whatever it looks like, and its links lead to pages only", async () => {
  const actions = [
    { label: "Steal", link: "javascript:alert(1)" },
    { label: "Look", link: "/jobs/" },
  ]
  begin(notification({ title: "<img src=x>", body: "<b>", link: "javascript:alert(1)", actions }))
  await show()

  expect(titles()).toEqual(["Unread: Success: <img src=x>"])
  expect(all("img, b")).toEqual([])
  expect(all("a").map((link) => link.getAttribute("href"))).toEqual(["/jobs/"])
})

test("what is shown is marked as seen, once", async () => {
  begin(notification())
  await show()
  inbox.eventArrived({ type: "x" })
  await rest()

  expect(asked).toEqual([markedAs("seen", "n1")])
})

test("a card that is new again is seen again", async () => {
  begin(notification())
  await show()
  inbox.eventArrived(marked("seen", "n1"))
  inbox.eventArrived(created(notification({ at: "2026-10-01T12:05:00.000Z" })))
  await rest()

  expect(asked).toEqual([markedAs("seen", "n1"), markedAs("seen", "n1")])
})

test("an archived card goes at once and comes back by Undo", async () => {
  begin(notification({ seen: true }))
  await show()
  await press("Archive")
  expect(titles()).toEqual([])

  await press("Undo")
  expect(titles()).toEqual(["Unread: Success: Report is done"])
  expect(asked).toEqual([markedAs("archived", "n1"), markedAs("unarchived", "n1")])
})

test("what the server refuses is taken back and said", async () => {
  begin(notification({ seen: true }))
  await show()
  delete answers[SEEN]
  await press("Archive")

  expect(titles()).toHaveLength(1)
  expect(all(".done")[0]?.textContent).toContain("The server has trouble.")
})

test("the keys go from card to card, and do what they say", async () => {
  begin(notification({ id: "n2", seen: true }), notification({ id: "n1", seen: true }))
  await show()
  await type("j")
  await type("j")
  await type("e")
  await type("k")
  await type("u")

  expect(asked).toEqual([markedAs("archived", "n1"), markedAs("read", "n2")])
})

test("a key with Control is the browser's own", async () => {
  begin(notification({ seen: true }))
  await show()
  await type("j")
  const event = new KeyboardEvent("keydown", { key: "e", ctrlKey: true, cancelable: true })
  all("notification-inbox")[0]?.dispatchEvent(event)

  expect(event.defaultPrevented).toBe(false)
  expect(asked).toEqual([])
})

test("the keys are told on demand", async () => {
  begin()
  await show()
  expect(all(".keys")).toEqual([])

  await type("?")
  expect(all("kbd").map((key) => key.textContent)).toContain("j")
})

test("neighbours of one group are one card that unfolds", async () => {
  const group = (id: string) => notification({ id, group: "reports", seen: true })
  begin(group("n2"), group("n1"))
  await show()
  expect(titles()).toEqual(["Unread: Success: 2 × Report is done"])

  await press("Show each")
  expect(titles()).toHaveLength(3)
  await press("Archive")
  expect(asked).toEqual([markedAs("archived", "n2", "n1")])
})

test("a card of a job that is under way has its bar", async () => {
  live.jobs.begin([running()], false)
  begin(notification({ key: "job:0199-a", seen: true }))
  await show()

  expect(all("job-progress")).toHaveLength(1)
})

test("a job is muted from its card, and can be heard again", async () => {
  answers["POST /api/notifications/mutes"] = {}
  begin(notification({ key: "job:7", seen: true }))
  await show()
  await press("More")
  await press("Mute this job")
  await press("Undo")

  const mute = "POST /api/notifications/mutes"
  expect(asked).toEqual([
    `${mute} {"key":"job:7","muted":true}`,
    `${mute} {"key":"job:7","muted":false}`,
  ])
})

test("a kind is muted by both ways, and Undo gives back those that were chosen", async () => {
  const chosen = { kind: "report", name: "Reports", in_app: true, email: true }
  const address = "/api/notifications/preferences"
  answers[`GET ${address}`] = { kinds: [chosen], mutes: [] }
  answers[`PUT ${address}`] = {}
  begin(notification({ seen: true }))
  await show()
  await press("More")
  await press("Mute this kind")
  await press("Undo")

  expect(asked.slice(1)).toEqual([
    `PUT ${address} {"kind":"report","in_app":false,"email":false}`,
    `PUT ${address} {"kind":"report","in_app":true,"email":true}`,
  ])
})

test("an inbox that cannot be read says so and tries again", async () => {
  await show()
  expect(all("[role=alert]")[0]?.textContent).toContain("The server has trouble.")

  answers["GET /api/notifications?limit=30&show=inbox"] = {
    notifications: [notification({ seen: true })],
    has_older: false,
    counts,
  }
  await press("Try again")
  expect(titles()).toHaveLength(1)
  expect(all("[role=alert]")).toEqual([])
})

test("new ones wait behind a button while the focus is inside", async () => {
  begin(notification({ id: "n1", at: "1", title: "First", seen: true }))
  await show()
  await type("j")
  vi.spyOn(HTMLElement.prototype, "matches").mockImplementation(function (this: Element, selector) {
    return selector === ":focus-within" || this.webkitMatchesSelector(selector)
  })
  inbox.eventArrived(created(notification({ id: "n2", at: "2", title: "Second", seen: true })))
  await rest()
  vi.restoreAllMocks()
  expect(titles()).toEqual(["Unread: Success: First"])

  await press("1 new")
  expect(titles()).toHaveLength(2)
})

test("an empty part says what is not there", async () => {
  begin()
  await show()
  expect(all(".empty")[0]?.textContent).toBe("Nothing here yet.")
})
