// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest"

import { notification } from "./inbox-cast"
import { InboxPage, all, furnish, markedAs, press, rest, show, titles } from "./inbox-stage"

let page: InboxPage

beforeAll(furnish)
beforeEach(() => void (page = new InboxPage()))
afterEach(() => document.body.replaceChildren())

/** Several of one group, the newest first; they are about a job each, and read. */
function begin(...said: string[]): void {
  const member = (title: string, n: number) =>
    notification({ id: `n${9 - n}`, title, group: "g", key: `job:${n}`, seen: true, read: true })
  page.begin(...said.map(member))
}

const folded = () => titles()[0]?.replace(/^Success: /, "")

test("a group whose titles are equal is so many times that title", async () => {
  begin("Import finished", "Import finished")
  await show()

  expect(folded()).toBe("2 × Import finished")
})

test("a group whose titles differ is the newest and how many more, not so many times the newest", async () => {
  begin("Invoice 8 was paid", "Invoice 7 was paid")
  await show()
  expect(folded()).toBe("Invoice 8 was paid and 1 more")

  begin("Invoice 8 was paid", "Invoice 8 was paid", "Invoice 7 was paid")
  await rest()
  expect(folded()).toBe("Invoice 8 was paid and 2 more")
})

test("an unfolded group and its cards have names of their own, and each its own", async () => {
  begin("Invoice 8 was paid", "Invoice 7 was paid")
  await show()
  await press("Show each")

  const ids = all("article [id]").map(({ id }) => id)
  expect(ids).toHaveLength(3)
  expect(new Set(ids)).toHaveLength(3)
  expect(all("article").map(nameOf)).toEqual([
    "Success: Invoice 8 was paid and 1 more",
    "Success: Invoice 8 was paid",
    "Success: Invoice 7 was paid",
  ])
})

test.each([0, 1, 2])("More opens one menu, that of the card it is on (card %i)", async (at) => {
  begin("Invoice 8 was paid", "Invoice 7 was paid")
  await show()
  await press("Show each")
  const more = all("[aria-label=More]")
  more[at]?.click()
  await rest()

  const isOpen = more.map((button) => button.getAttribute("aria-expanded"))
  expect(isOpen).toEqual([0, 1, 2].map((card) => String(card === at)))
  expect(all(".menu").map(({ id }) => id)).toEqual([more[at]?.getAttribute("aria-controls")])
  expect(all("article")[at]?.querySelector(".menu")).not.toBeNull()
})

test("who follows a group's link has read the one that it leads to, and no other", async () => {
  const member = (id: string) =>
    notification({ id, title: id, link: "/there/", group: "g", seen: true })
  page.begin(member("n2"), member("n1"))
  await show()
  document.body.addEventListener("click", (event) => event.preventDefault(), { once: true })
  all("h2 a")[0]?.click()
  await rest()
  expect(page.asked).toEqual([markedAs("read", "n2")])
})

test("of a group no job is muted, since it is about several", async () => {
  begin("Report: done", "Report: done")
  await show()
  await press("More")

  expect(all(".menu button").map((button) => button.textContent?.trim())).toEqual([
    "Mute this kind",
  ])
})

function nameOf(article: Element): string | undefined {
  const id = article.getAttribute("aria-labelledby")
  const title = (article.getRootNode() as ShadowRoot).getElementById(String(id))
  return title?.textContent?.replace(/\s+/g, " ").trim()
}
