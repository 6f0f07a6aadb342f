import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Refused, Unreachable } from "../src/client/api-error"
import type { InboxPage } from "../src/client/inbox-state"
import { InboxStore } from "../src/client/inbox-store"
import { Device, Server, created, notification, pass } from "./inbox-cast"

const counts = { unseen: 0, unread: 0 }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

/** A store whose requests wait until the test answers them. */
function stage() {
  const asked: {
    request: string
    answer: (value?: unknown) => void
    fail: (why: Error) => void
  }[] = []
  const ask = (request: string): Promise<never> =>
    new Promise((answer, fail) => asked.push({ request, answer: answer as () => void, fail }))
  const store = new InboxStore({
    page: (show, _limit, before) => ask(`${show} ${before ?? ""}`.trim()),
    mark: (as, ids) => ask(`${as} ${ids}`),
  })
  return { store, asked, requests: () => asked.map(({ request }) => request) }
}

const page = (...ids: string[]): InboxPage => ({
  notifications: ids.map((id) => notification({ id, at: id, seen: true })),
  hasOlder: true,
  counts,
})

const shown = (store: InboxStore) => store.cards("inbox").map(({ id }) => id)

test("what was archived elsewhere appears among the archived, though it was not known here", async () => {
  const server = new Server(false)
  for (let n = 0; n < 9; n++) server.create()
  const device = new Device(server, 60_000)
  void device.store.open("inbox")
  void device.store.open("archived")
  await device.calm()
  server.mark("archived", ["n0001"])
  await device.calm()

  expect(device.store.cards("archived").map(({ id }) => id)).toEqual(["n0001"])
})

test("marks are sent one after the other", async () => {
  const { store, asked, requests } = stage()
  store.begin(page("n2", "n1"))
  void store.mark("read", ["n1"])
  void store.mark("unread", ["n1"])
  await pass()
  expect(requests()).toEqual(["read n1"])

  asked[0]?.answer()
  await pass()
  expect(requests()).toEqual(["read n1", "unread n1"])
})

test("a mark that changes nothing is not sent", async () => {
  const { store, requests } = stage()
  store.begin(page("n1"))
  await store.mark("seen", ["n1"])

  expect(requests()).toEqual([])
})

test("a mark is shown at once, and taken back when it fails", async () => {
  const { store, asked } = stage()
  store.begin(page("n2", "n1"))
  const marking = store.mark("archived", ["n2"])
  await pass()
  expect(shown(store)).toEqual(["n1"])

  asked[0]?.fail(new Unreachable())
  await expect(marking).rejects.toThrow(Unreachable)
  expect(shown(store)).toEqual(["n2", "n1"])
})

test("what another device does before is no answer to what was asked here", async () => {
  const { store } = stage()
  store.begin(page("n2", "n1"))
  void store.mark("archived", ["n2"])
  const marked = { type: "notification.marked", ids: ["n2"], counts }
  store.eventArrived({ ...marked, as: "read" })
  expect(shown(store)).toEqual(["n1"])

  store.eventArrived({ ...marked, as: "archived" })
  store.eventArrived({ ...marked, as: "unarchived" })
  expect(shown(store)).toEqual(["n2", "n1"])
})

test("a badge is what an event said, whatever is asked for", async () => {
  const { store } = stage()
  store.begin(page("n1"))
  store.eventArrived(created(notification({ id: "n2" }), { unseen: 5, unread: 6 }))
  void store.mark("read", "all")

  expect(store.counts).toEqual({ unseen: 5, unread: 6 })
})

test("an older page that does not follow on what is shown by now is let go", async () => {
  const { store, asked } = stage()
  store.begin(page("n9", "n8"))
  void store.loadOlder("inbox")
  store.eventArrived({ type: "notification.deleted", ids: ["n8"], counts })
  asked[0]?.answer(page("n5"))
  await pass()

  expect(shown(store)).toEqual(["n9"])
})

test("when the one to go on from is gone, the list is read anew", async () => {
  const { store, asked, requests } = stage()
  store.begin(page("n9", "n8"))
  void store.loadOlder("inbox")
  asked[0]?.fail(new Refused(404, "not_found", "There is no such notification."))
  await pass()
  asked[1]?.answer(page("n9", "n7"))
  await pass()

  expect(requests()).toEqual(["inbox n8", "inbox"])
  expect(shown(store)).toEqual(["n9", "n7"])
})

test("a part that cannot be read says why, and is asked for again on demand", async () => {
  const { store, asked } = stage()
  void store.open("inbox")
  asked[0]?.fail(new Unreachable("No."))
  await pass()
  expect(store.failure("inbox")).toBe("No.")

  void store.retry("inbox")
  asked[1]?.answer(page("n1"))
  await pass()
  expect(store.failure("inbox")).toBe("")
  expect(shown(store)).toEqual(["n1"])
})

test("all that is read is archived, beyond what is shown", async () => {
  const { store, asked, requests } = stage()
  const read = (id: string) => notification({ id, at: id, read: true })
  void store.archiveRead()
  asked[0]?.answer({
    notifications: [read("n3"), notification({ id: "n2" })],
    hasOlder: true,
    counts,
  })
  await pass()
  asked[1]?.answer({ notifications: [read("n1")], hasOlder: false, counts })
  await pass()

  expect(requests()).toEqual(["inbox", "inbox n2", "archived n3,n1"])
})

test("a page that shows no inbox reads none when it catches up", async () => {
  const { store, requests } = stage()
  await store.reload()

  expect(requests()).toEqual([])
})
