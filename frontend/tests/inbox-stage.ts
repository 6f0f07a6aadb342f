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
  // This DOM has no layout: nothing is ever out of sight.
  vi.stubGlobal(
    "IntersectionObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  )
  Element.prototype.checkVisibility ??= () => true
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
