// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { Desktop } from "../src/elements/desktop"
import { DesktopNotifications, provideDesktop } from "../src/elements/desktop-notifications"
import { TOPIC } from "./cast"

type Work = (lock: object | null) => unknown

/** Web Locks, as far as they are used here. */
class Locks {
  readonly #held = new Map<string, number>()

  query() {
    return Promise.resolve({ held: [...this.#held.keys()].map((name) => ({ name })) })
  }

  async request(name: string, options: { ifAvailable?: boolean }, work: Work): Promise<void> {
    if (options.ifAvailable && this.#held.has(name)) return void (await work(null))
    this.#held.set(name, (this.#held.get(name) ?? 0) + 1)
    await work({ name })
    const left = (this.#held.get(name) ?? 1) - 1
    if (left) this.#held.set(name, left)
    else this.#held.delete(name)
  }
}

class FakeNotification {
  static permission = "granted"
  static answer = "granted"
  static readonly shown: FakeNotification[] = []
  onclick = (): void => {}

  constructor(
    readonly title: string,
    readonly options: { readonly body: string; readonly tag: string },
  ) {
    FakeNotification.shown.push(this)
  }

  static requestPermission(): Promise<string> {
    return Promise.resolve((FakeNotification.permission = FakeNotification.answer))
  }

  close(): void {}
}

let tabs: Desktop[]
let stops: (() => void)[]

beforeAll(() => customElements.define("desktop-notifications", DesktopNotifications))

beforeEach(async () => {
  vi.useFakeTimers()
  vi.stubGlobal("Notification", FakeNotification)
  Object.defineProperty(navigator, "locks", { value: new Locks(), configurable: true })
  FakeNotification.permission = FakeNotification.answer = "granted"
  FakeNotification.shown.length = 0
  localStorage.clear()
  see(false)
  tabs = [new Desktop(TOPIC), new Desktop(TOPIC)]
  stops = tabs.map((tab) => tab.start())
})

afterEach(() => {
  for (const stop of stops) stop()
  document.body.replaceChildren()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const settle = () => vi.advanceTimersByTimeAsync(0)
const first = () => tabs[0] as Desktop
const titles = () => FakeNotification.shown.map(({ title }) => title)

function see(isInSight: boolean): void {
  vi.spyOn(document, "hidden", "get").mockReturnValue(!isInSight)
  document.dispatchEvent(new Event("visibilitychange"))
}

async function happen(changes: object = {}, offset = 7, isReplayed = false): Promise<void> {
  const notification = { title: "Report is done", body: "sales.csv", link: "/jobs/1/" }
  const publication = { type: "notification.created", notification, ...changes }
  const place = { topic: TOPIC, epoch: "e1", offset }
  dispatchEvent(new CustomEvent("bellwire:event", { detail: { place, publication, isReplayed } }))
  await settle()
}

test("nothing is shown to who did not ask for it", async () => {
  await happen()

  expect(first().state).toBe("off")
  expect(titles()).toEqual([])
})

test("what comes while no page is in sight is shown, by one page of all", async () => {
  await first().turnOn()
  await happen()

  expect(titles()).toEqual(["Report is done"])
  expect(FakeNotification.shown[0]?.options).toEqual({ body: "sales.csv", tag: "user:1@e1:7" })
})

test("of two that come one after the other both are shown", async () => {
  await first().turnOn()
  await happen()
  await happen({}, 8)

  expect(titles()).toHaveLength(2)
})

test("one that is new again is shown again", async () => {
  await first().turnOn()
  await happen({ type: "notification.changed" })

  expect(titles()).toEqual(["Report is done"])
})

test("while a page is in sight nothing is shown", async () => {
  await first().turnOn()
  see(true)
  await happen()
  expect(titles()).toEqual([])

  see(false)
  await settle()
  await happen({}, 8)
  expect(titles()).toHaveLength(1)
})

test.each([
  ["what was missed and is replayed", {}, true],
  ["another event", { type: "job.succeeded" }, false],
  ["what is no notification", { notification: "?" }, false],
])("%s is not shown", async (_name, changes, isReplayed) => {
  await first().turnOn()
  await happen(changes, 7, isReplayed)

  expect(titles()).toEqual([])
})

test("a press brings the page to the front, and leads where the notification leads", async () => {
  const focus = vi.spyOn(window, "focus").mockImplementation(() => {})
  const assign = vi.spyOn(location, "assign").mockImplementation(() => {})
  await first().turnOn()
  await happen()
  FakeNotification.shown[0]?.onclick()

  expect(focus).toHaveBeenCalled()
  expect(assign).toHaveBeenCalledWith("/jobs/1/")
})

test("a press never leads to a script", async () => {
  const assign = vi.spyOn(location, "assign").mockImplementation(() => {})
  await first().turnOn()
  await happen({ notification: { title: "x", link: "javascript:alert(1)" } })
  FakeNotification.shown[0]?.onclick()

  expect(assign).not.toHaveBeenCalled()
})

test("what one tab switches on is on for this person in the others, and for nobody else", async () => {
  await first().turnOn()

  expect(new Desktop(TOPIC).state).toBe("on")
  expect(new Desktop("user:2").state).toBe("off")
})

test("a browser that agreed and then cannot is told of", async () => {
  await first().turnOn()
  vi.stubGlobal(
    "Notification",
    Object.assign(
      function () {
        throw new TypeError("Illegal constructor")
      },
      { permission: "granted" },
    ),
  )
  await happen()

  expect(tabs.map(({ state }) => state)).toContain("failed")
})

test.each([
  ["off", "granted", false, "Off"],
  ["blocked", "denied", true, "The browser blocks it; its settings for this site can allow it."],
])("the button says that it is %s", async (_name, permission, isDisabled, words) => {
  FakeNotification.permission = permission
  const button = await shown()

  expect(button.disabled).toBe(isDisabled)
  expect(button.nextElementSibling?.textContent).toBe(words)
})

test("the button asks the browser, and is pressed from then on", async () => {
  FakeNotification.permission = "default"
  const button = await shown()
  button.click()
  await settle()
  expect(button.getAttribute("aria-pressed")).toBe("true")

  button.click()
  await settle()
  expect([button.getAttribute("aria-pressed"), first().state]).toEqual(["false", "off"])
})

test("who says no to the browser is asked no more", async () => {
  FakeNotification.permission = "default"
  FakeNotification.answer = "denied"
  const button = await shown()
  button.click()
  await settle()

  expect(button.disabled).toBe(true)
})

async function shown(): Promise<HTMLButtonElement> {
  provideDesktop(first())
  document.body.innerHTML = `<desktop-notifications></desktop-notifications>`
  await settle()
  const button = document.body.firstElementChild?.shadowRoot?.querySelector("button")
  return button as HTMLButtonElement
}
