// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { created, notification } from "./inbox-cast"
import {
  InboxPage,
  SEEN,
  counts,
  furnish,
  markedAs,
  rest,
  scrollTo,
  show,
  titles,
} from "./inbox-stage"

let page: InboxPage

beforeAll(furnish)
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout"], shouldAdvanceTime: true })
  page = new InboxPage()
})
afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const marked = (...ids: string[]) => ({ type: "notification.marked", as: "seen", ids, counts })
const titled = (...names: string[]) => names.map((title) => notification({ id: title, title }))

test("what is on the screen is marked as seen, together and once", async () => {
  await scrollTo(/./)
  page.begin(...titled("b", "a"))
  await show()
  page.inbox.eventArrived({ type: "x" })
  await rest()

  expect(page.asked).toEqual([markedAs("seen", "b", "a")])
})

test("what is below the screen is not seen until somebody scrolls to it", async () => {
  await scrollTo(/[dc]$/)
  page.begin(...titled("d", "c", "b", "a"))
  await show()
  expect(page.asked).toEqual([markedAs("seen", "d", "c")])

  await scrollTo(/[cb]$/)
  await scrollTo(/a$/)
  await vi.advanceTimersByTimeAsync(500)
  expect(page.asked.slice(1)).toEqual([markedAs("seen", "b", "a")])
})

test("what arrives below the screen is not seen", async () => {
  await scrollTo(/b$/)
  page.begin(...titled("b"))
  await show()
  page.inbox.eventArrived(created(notification({ id: "a", title: "a", at: "2026-01-01" })))
  await rest()
  await vi.advanceTimersByTimeAsync(500)

  expect(titles()).toHaveLength(2)
  expect(page.asked).toEqual([markedAs("seen", "b")])
})

test("a group on the screen is seen whole", async () => {
  await scrollTo(/2 × b/)
  page.begin(
    notification({ id: "n3", title: "b", group: "g" }),
    notification({ id: "n2", title: "b", group: "g" }),
    notification({ id: "n1", title: "a" }),
  )
  await show()

  expect(page.asked).toEqual([markedAs("seen", "n3", "n2")])
})

test("a card that is new again is seen again", async () => {
  await scrollTo(/./)
  page.begin(notification())
  await show()
  page.inbox.eventArrived(marked("n1"))
  page.inbox.eventArrived(created(notification({ at: "2026-10-01T12:05:00.000Z" })))
  await rest()
  await vi.advanceTimersByTimeAsync(500)

  expect(page.asked).toEqual([markedAs("seen", "n1"), markedAs("seen", "n1")])
})

test("in a page that nobody looks at nothing is seen until somebody does", async () => {
  const hidden = vi.spyOn(document, "hidden", "get").mockReturnValue(true)
  await scrollTo(/./)
  page.begin(notification())
  await show()
  expect(page.asked).toEqual([])

  hidden.mockReturnValue(false)
  document.dispatchEvent(new Event("visibilitychange"))
  await rest()
  expect(page.asked).toEqual([markedAs("seen", "n1")])
})

test("a mark that the server refuses is not asked for without end", async () => {
  delete page.answers[SEEN]
  await scrollTo(/./)
  page.begin(notification())
  await show()
  page.inbox.eventArrived({ type: "x" })
  await vi.advanceTimersByTimeAsync(5_000)

  expect(page.asked).toHaveLength(1)
})

test("what was on the screen when the panel closed is seen", async () => {
  await scrollTo(/b$/)
  page.begin(...titled("b", "a"))
  await show()
  await scrollTo(/a$/)
  document.body.replaceChildren()
  await vi.advanceTimersByTimeAsync(500)

  expect(page.asked).toEqual([markedAs("seen", "b"), markedAs("seen", "a")])
})
