// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import type { Sdk } from "../src/client/connection"
import { Live } from "../src/client/live"
import { addTranslations } from "../src/client/translation"
import { ConnectionStatus } from "../src/elements/connection-status"
import { provideLive } from "../src/elements/live"

type Handler = (context: unknown) => void

let handlers: Map<string, Handler>
let live: Live
let element: ConnectionStatus
/** How far each wait is drawn out at random, from 0 to 1. */
let chance = 0

beforeAll(() => customElements.define("connection-status", ConnectionStatus))

beforeEach(() => {
  vi.useFakeTimers({ now: new Date(2026, 9, 1, 12, 3) })
  // Before the connection is made, which keeps the function that it finds.
  chance = 0
  vi.spyOn(Math, "random").mockImplementation(() => chance)
  handlers = new Map()
  const on = (event: string, handler: Handler) => handlers.set(event, handler)
  live = new Live(new Api({ base: "/api", csrf: () => "" }), { positions: {} })
  provideLive(live)
  document.body.innerHTML = `<connection-status login="/login/"></connection-status>`
  element = document.body.firstElementChild as ConnectionStatus
  live.connect(() => ({ on, connect() {}, disconnect() {} }) as unknown as Sdk)
})

afterEach(() => {
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const tell = (event: string, context: unknown) => handlers.get(event)?.(context)
const opened = (transport = "websocket") => tell("connected", { transport })
const lost = () => tell("connecting", { code: 1, reason: "transport closed" })
const wait = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)
const shown = () => element.shadowRoot?.textContent?.replace(/\s+/g, " ").trim()
const said = () => element.shadowRoot?.querySelector("[role=status]")?.textContent

test.each([
  ["it connects", () => {}, "Connecting…"],
  ["it is live", () => opened(), "Live"],
  ["it is live by a stream", () => opened("sse"), "Live (by a stream)"],
  ["it is live by polling", () => opened("poll"), "Live (by polling)"],
  [
    "the session is over",
    () => tell("disconnected", { code: 3501, reason: "bad request" }),
    "Not live: you are signed out. Sign in again",
  ],
  [
    "there are too many pages",
    () => tell("disconnected", { code: 3504, reason: "connection limit" }),
    "Not live: too many of your pages are open. Reload the page",
  ],
  [
    "the server will have none of it",
    () => live.close("refused"),
    "Not live: the server refused. Reload the page",
  ],
])("it says that %s", async (_name, happen, words) => {
  happen()
  await wait(0)

  expect(shown()).toBe(words)
})

test("a loss is told after a second, with the seconds for the eye alone", async () => {
  chance = 0.999
  opened()
  for (const _attempt of [1, 2, 3]) {
    lost()
    await wait(3_000)
  }
  expect(said()).toBe("Reconnecting")
  lost()
  await wait(500)

  expect(shown()).toMatch(/^Reconnecting in \d s Try now$/)
  expect(said()).toBe("Reconnecting")
  expect(element.shadowRoot?.querySelector("[aria-hidden]")?.textContent).toMatch(/in \d s/)
})

test("a loss shorter than a second is not told", async () => {
  opened()
  await wait(0)
  const words = [said()]
  lost()
  await wait(900)
  words.push(said())
  opened()
  await wait(2_000)

  expect([...words, said()]).toEqual(["Live", "Live", "Live"])
})

test("without a network it says since when", async () => {
  opened()
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(false)
  lost()
  await wait(1_500)

  expect(said()).toMatch(/^Offline since 12:03/)
})

test("who is signed out is led to the door, and back to this page", async () => {
  history.replaceState(null, "", "/jobs/?state=failed")
  live.close("signed out")
  await wait(0)

  expect(element.shadowRoot?.querySelector("a")?.getAttribute("href")).toBe(
    "/login/?next=%2Fjobs%2F%3Fstate%3Dfailed",
  )
})

test("each change is told once to the page around it", async () => {
  const told: unknown[] = []
  const hear = (event: Event) => told.push((event as CustomEvent).detail)
  document.body.addEventListener("bellwire:standing", hear)
  await wait(600)
  opened()
  await wait(2_000)
  lost()
  await wait(1_500)
  document.body.removeEventListener("bellwire:standing", hear)

  expect(told).toEqual(["live", "reconnecting"])
})

test("it speaks the page's language", async () => {
  addTranslations({ Live: "Verbunden" })
  opened()
  await wait(0)

  expect(said()).toBe("Verbunden")
  addTranslations({ Live: "Live" })
})
