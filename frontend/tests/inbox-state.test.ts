import { expect, test } from "vitest"

import { fresh, grouped, held } from "../src/client/inbox-arrangement"
import { readInboxEvent, safeLink, type InboxEvent, type Mark } from "../src/client/inbox-messages"
import {
  NOTHING,
  cards,
  extended,
  happened,
  hasOlder,
  type InboxState,
  type Show,
} from "../src/client/inbox-state"
import { created, notification } from "./inbox-cast"

const counts = { unseen: 0, unread: 0 }
const one = notification({ id: "n1", at: "1" })
const two = notification({ id: "n2", at: "2" })
const three = notification({ id: "n3", at: "3" })

const of = (...notifications: readonly (typeof one)[]): InboxState =>
  extended(NOTHING, "inbox", { notifications, hasOlder: false, counts })

const ids = (state: InboxState, show: Show = "inbox") => cards(state, show).map(({ id }) => id)

function after(state: InboxState, publication: unknown): InboxState {
  return happened(state, readInboxEvent(publication) as InboxEvent)
}

const marked = (as: Mark, ...named: string[]) => ({
  type: "notification.marked",
  as,
  ids: named,
  counts,
})

test("a new notification is at the top, and the counts are the event's", () => {
  const state = after(of(one), created(two, { unseen: 9, unread: 11 }))

  expect(ids(state)).toEqual(["n2", "n1"])
  expect(state.counts).toEqual({ unseen: 9, unread: 11 })
})

test("a notification that is new again moves to the top as one", () => {
  const again = { ...created({ ...one, at: "3" }), type: "notification.changed" }

  expect(ids(after(of(two, one), again))).toEqual(["n1", "n2"])
})

test("an event that comes twice is as one that came once", () => {
  const once = after(of(one), created(two))

  expect(after(once, created(two))).toEqual(once)
})

test.each<[Mark, object, object]>([
  ["seen", {}, { seen: true }],
  ["read", {}, { seen: true, read: true }],
  ["unread", { seen: true, read: true }, { seen: true, read: false }],
  ["archived", {}, { seen: false, archived: true }],
  ["unarchived", { archived: true }, { archived: false }],
])("what is marked as %s", (as, before, expected) => {
  const state = after(of({ ...one, ...before }), marked(as, "n1"))

  expect(state.known.get("n1")).toEqual({ ...one, ...before, ...expected })
})

test("what is deleted is gone", () => {
  const gone = { type: "notification.deleted", ids: ["n1"], counts }

  expect(ids(after(of(two, one), gone))).toEqual(["n2"])
})

test("a part shows nothing beyond what was read of it", () => {
  const unread = { notifications: [three], hasOlder: true, counts }
  const state = extended(of(three, two, one), "unread", unread)

  expect(ids(state, "unread")).toEqual(["n3"])
  expect(hasOlder(state, "unread")).toBe(true)
})

test("what comes into a part from where nobody looked leaves a hole", () => {
  expect(after(of(one), marked("unarchived", "n7")).hasHole).toBe(true)
  expect(after(of(one), marked("unarchived", "n1")).hasHole).toBe(false)
  expect(after(of(one), marked("archived", "n7")).hasHole).toBe(false)
})

test("a page that stays open for weeks keeps the newest, and knows that there are older ones", () => {
  let state = of(one)
  for (let n = 0; n < 1_000; n++)
    state = after(
      state,
      created(notification({ id: `m${n}`, at: `2${String(n).padStart(4, "0")}` })),
    )

  expect(cards(state, "inbox")).toHaveLength(500)
  expect(ids(state)[0]).toBe("m999")
  expect(hasOlder(state, "inbox")).toBe(true)
})

test.each([
  ["another type", { ...created(one), type: "job.queued" }],
  ["no counts", { ...created(one), counts: undefined }],
  ["counts that are none", { ...created(one), counts: { unseen: "1", unread: 1 } }],
  ["no notification", { ...created(one), notification: { id: 7 } }],
  ["an unknown mark", { ...marked("read"), as: "shredded" }],
  ["ids that are none", { ...marked("read"), ids: [7] }],
  ["no object", "notification.created"],
])("%s is let pass", (_name, publication) => {
  expect(readInboxEvent(publication)).toBeUndefined()
})

test.each([
  ["a path of this site", "/jobs/7/?a=b#c", true],
  ["http", "http://example.org/", true],
  ["https in capitals", "HTTPS://example.org", true],
  ["another site without a scheme", "//example.org/", false],
  ["another site by backslashes", "/\\example.org", false],
  ["a script", "javascript:alert(1)", false],
  ["a script behind a tab", "java\tscript:alert(1)", false],
  ["a script behind a space", " javascript:alert(1)", false],
  ["data", "data:text/html,x", false],
  ["no text", 7, false],
  ["nothing", "", false],
])("a link may lead to %s: %s → %s", (_name, address, isSafe) => {
  expect(safeLink(address)).toBe(isSafe ? address : undefined)
})

test("while somebody reads, what is new waits and nothing moves", () => {
  const { order } = fresh([two, one])
  const arranged = held([{ ...one, at: "4" }, three, two], order)

  expect(arranged.cards.map(({ id }) => id)).toEqual(["n2", "n1"])
  expect(arranged.waiting).toBe(1)
})

test("while somebody reads, older ones follow and what is put back is in its place", () => {
  const { order } = fresh([three, two])
  const without = held([three], order)
  const arranged = held([three, two, one], without.order)

  expect(arranged.cards.map(({ id }) => id)).toEqual(["n3", "n2", "n1"])
  expect(arranged.waiting).toBe(0)
})

test("neighbours of one group are one, others of it are not", () => {
  const [a, b, c] = ["a", "b", ""].map((group) => (id: string) => notification({ id, group }))
  const groups = grouped([a!("1"), a!("2"), c!("3"), c!("4"), b!("5"), a!("6")])

  expect(groups.map((cards) => cards.map(({ id }) => id).join())).toEqual([
    "1,2",
    "3",
    "4",
    "5",
    "6",
  ])
})
