/** What the tests of inboxes on a page share: the page, the server that it asks, and its keys. */

import { expect, vi } from "vitest"

import { Api } from "../src/client/api"
import { InboxApi } from "../src/client/inbox-api"
import type { Notification } from "../src/client/inbox-messages"
import { InboxStore } from "../src/client/inbox-store"
import { Live } from "../src/client/live"
import { provideLive } from "../src/elements/live"
import "../src/elements/notification-bell"
import "../src/elements/notification-inbox"
import { provideInbox } from "../src/elements/notification-store"
import { settle } from "./cast"

export const counts = { unseen: 0, unread: 0 }
export const SEEN = "POST /api/notifications/mark"

/** Define the elements; once for all tests of a file. */
export function furnish(): void {
  vi.stubGlobal("IntersectionObserver", Screen)
}

/** This DOM has no layout: a test says which titles are on the screen. All are until it does. */
class Screen {
  static readonly all = new Set<Screen>()
  static isShown = (_title: string): boolean => true
  readonly #told = new Map<Element, boolean>()

  constructor(private readonly tell: (entries: readonly unknown[]) => void) {
    Screen.all.add(this)
  }

  observe(target: Element): void {
    if (this.#told.has(target)) return
    this.#told.set(target, false)
    queueMicrotask(() => this.look())
  }

  disconnect(): void {
    Screen.all.delete(this)
  }

  look(): void {
    const titles = [...this.#told].filter(([target]) => target.matches("h2"))
    const changed = titles.filter(([title, was]) => was !== isOnScreen(title))
    for (const [title, was] of changed) this.#told.set(title, !was)
    const entries = changed.map(([target, was]) => ({
      target,
      isIntersecting: !was,
      intersectionRatio: was ? 0 : 1,
    }))
    if (entries.length) this.tell(entries)
  }
}

const isOnScreen = (title: Element) =>
  title.isConnected && Screen.isShown(title.textContent?.replace(/\s+/g, " ").trim() ?? "")

/** Have only the titles that match on the screen. */
export async function scrollTo(shown: RegExp): Promise<void> {
  Screen.isShown = (title) => shown.test(title)
  for (const screen of Screen.all) screen.look()
  await rest()
}

/** A page whose elements share one inbox. */
export class InboxPage {
  /** What the server answers to each request; to others, that it has trouble. */
  readonly answers: Record<string, unknown> = { [SEEN]: { counts } }
  readonly asked: string[] = []
  readonly live: Live
  readonly inbox: InboxStore

  constructor() {
    const api = new Api({ base: "/api", csrf: () => "", fetch: this.#send as typeof fetch })
    this.live = new Live(api, { positions: {} })
    this.inbox = new InboxStore(new InboxApi(api), 600_000)
    provideLive(this.live)
    provideInbox(this.inbox, new InboxApi(api))
  }

  begin(...notifications: readonly Notification[]): void {
    this.inbox.begin({ notifications, hasOlder: false, counts })
  }

  readonly #send = (url: unknown, init?: RequestInit) => {
    const request = `${init?.method} ${url}`
    this.asked.push(init?.body ? `${request} ${init.body}` : request)
    const answer = this.answers[request]
    const refusal = { error: { message: "The server has trouble." } }
    return Promise.resolve(Response.json(answer ?? refusal, { status: answer ? 200 : 500 }))
  }
}

export async function show(markup = `<notification-inbox></notification-inbox>`): Promise<void> {
  document.body.innerHTML = markup
  await rest()
}

export async function rest(): Promise<void> {
  for (let turn = 0; turn < 6; turn++) await settle()
}

export const titles = () => all("h2").map((title) => title.textContent?.replace(/\s+/g, " ").trim())

export function all(selector: string, root: ParentNode = document.body): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("*")].flatMap((element) => [
    ...(element.matches(selector) ? [element] : []),
    ...(element.shadowRoot ? all(selector, element.shadowRoot) : []),
  ])
}

export async function press(name: string): Promise<void> {
  const named = (button: HTMLElement) =>
    (button.getAttribute("aria-label") ?? button.textContent ?? "").trim() === name
  const button = all("button").find(named)
  expect(button, `a button "${name}"`).toBeDefined()
  button?.click()
  await rest()
}

export async function type(key: string): Promise<void> {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, composed: true })
  all("notification-inbox")[0]?.dispatchEvent(event)
  await rest()
}

export const markedAs = (as: string, ...ids: string[]) => `${SEEN} ${JSON.stringify({ as, ids })}`
