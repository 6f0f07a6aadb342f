import type { Counts, Mark, Notification } from "./inbox-messages"
import type { InboxPage, Show } from "./inbox-state"

/** Sends one request and gives its JSON; rejects with a RequestFailed. */
export interface Asks {
  ask<Body>(method: string, path: string, body?: unknown): Promise<Body>
}

/** As many as one request may name. */
const MAX_IDS = 100

/** The part of the HTTP API that is about notifications. */
export class InboxApi {
  constructor(private readonly api: Asks) {}

  /** The newest of a part, or those that follow on the notification `before`. */
  async page(show: Show, limit: number, before?: string): Promise<InboxPage> {
    const query = new URLSearchParams({ limit: String(limit), show, ...(before && { before }) })
    const answer = await this.api.ask<PageBody>("GET", `/notifications?${query}`)
    return { ...answer, hasOlder: answer.has_older }
  }

  /** Mark some, or all. */
  async mark(as: Mark, ids: readonly string[] | "all"): Promise<void> {
    if (ids === "all") return void (await this.#mark({ as, all: true }))
    for (let start = 0; start < ids.length; start += MAX_IDS)
      await this.#mark({ as, ids: ids.slice(start, start + MAX_IDS) })
  }

  /** Have no more notifications about what `key` names, or have them again. */
  async mute(key: string, muted: boolean): Promise<void> {
    await this.api.ask("POST", "/notifications/mutes", { key, muted })
  }

  /** The kinds there are, and by which ways one is told of each. */
  async kinds(): Promise<readonly KindPreference[]> {
    return (await this.api.ask<PreferencesBody>("GET", "/notifications/preferences")).kinds
  }

  async choose({ kind, in_app, email }: KindPreference): Promise<void> {
    await this.api.ask("PUT", "/notifications/preferences", { kind, in_app, email })
  }

  #mark(body: unknown): Promise<unknown> {
    return this.api.ask("POST", "/notifications/mark", body)
  }
}

/** By which ways one is told of a kind. */
export interface KindPreference {
  readonly kind: string
  readonly name: string
  readonly in_app: boolean
  readonly email: boolean
}

interface PreferencesBody {
  readonly kinds: readonly KindPreference[]
}

interface PageBody {
  readonly notifications: readonly Notification[]
  readonly has_older: boolean
  readonly counts: Counts
}
