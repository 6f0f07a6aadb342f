// @vitest-environment happy-dom
import { expect, test } from "vitest"

import { csrfToken, readPage, socketAddress, type Page } from "../src/pages/page-state"

const page: Page = {
  positions: { "user:1": { epoch: "e1", offset: 7 } },
  api: "/api",
  socket: "/connection/websocket",
  csrf: { cookie: "csrftoken", token: "of the page" },
}

function documentWith(text: string): Document {
  const made = new DOMParser().parseFromString(
    "<script type='application/json' id='bellwire-page'></script>",
    "text/html",
  )
  const script = made.getElementById("bellwire-page")
  if (script) script.textContent = text
  return made
}

test("the page's state is read from its head", () => {
  expect(readPage(documentWith(JSON.stringify(page)))).toEqual(page)
})

test("a page for nobody in particular has none", () => {
  expect(readPage(new DOMParser().parseFromString("<p>", "text/html"))).toBeUndefined()
})

test.each([
  [
    "the cookie's token, which another tab may have renewed",
    "a=b; csrftoken=of%20the%20cookie",
    "of the cookie",
  ],
  ["the page's token where scripts cannot read the cookie", "xcsrftoken=no", "of the page"],
])("requests carry %s", (_name, cookies, expected) => {
  expect(csrfToken(page, cookies)).toBe(expected)
})

test.each([
  ["plain", "http://site:8000/jobs/", "ws://site:8000/connection/websocket"],
  ["safe", "https://site/", "wss://site/connection/websocket"],
])("the socket of a %s page is as safe as the page", (_name, address, expected) => {
  expect(socketAddress("/connection/websocket", address)).toBe(expected)
})
