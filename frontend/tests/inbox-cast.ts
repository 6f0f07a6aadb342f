/** A server of notifications in a few lines, and the devices that talk to it in any order. */

import { vi } from "vitest"

import type { InboxApi } from "../src/client/inbox-api"
import type { Counts, Mark, Notification } from "../src/client/inbox-messages"
import type { InboxPage, Show } from "../src/client/inbox-state"
import { InboxStore } from "../src/client/inbox-store"

/** Let everything run that is due within so many milliseconds; needs vi's fake timers. */
export const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds)

export function notification(changes: Partial<Notification> = {}): Notification {
  return {
    id: "n1",
    kind: "report",
    title: "Report is done",
    body: "",
    severity: "success",
    link: "",
    actions: [],
    group: "",
    key: "",
    at: "2026-10-01T12:00:00.000Z",
    seen: false,
    read: false,
    archived: false,
    ...changes,
  }
}

export const created = (shown: Notification, counts: Counts = { unseen: 1, unread: 1 }) => ({
  v: 1,
  type: "notification.created",
  notification: shown,
  counts,
})

const PAGE = 3

/** The truth: rows, and the log of what happened to them. A mark that changes nothing is told
 *  of all the same, or is not. */
export class Server {
  readonly log: unknown[] = []
  #rows: Notification[] = []
  #clock = 0

  constructor(private readonly tellsAll: boolean) {}

  create(): void {
    const at = this.#now()
    const row = notification({ id: `n${at}`, at })
    this.#rows.push(row)
    this.#append("created", { notification: row })
  }

  /** The same card, new again. */
  change(index: number): void {
    const row = this.#rows[index % this.#rows.length]
    if (!row) return
    const next = { ...row, at: this.#now(), seen: false, read: false, archived: false }
    this.#rows = this.#rows.map((old) => (old.id === row.id ? next : old))
    this.#append("changed", { notification: next })
  }

  delete(index: number): void {
    const row = this.#rows[index % this.#rows.length]
    if (!row) return
    this.#rows = this.#rows.filter(({ id }) => id !== row.id)
    this.#append("deleted", { ids: [row.id] })
  }

  mark(as: Mark, which: readonly string[] | "all"): void {
    const touched: string[] = []
    this.#rows = this.#rows.map((row) => {
      const next = { ...row, ...flags(as) }
      const isMeant = which === "all" || which.includes(row.id)
      const isSame = JSON.stringify(next) === JSON.stringify(row)
      if (!isMeant || (isSame && !this.tellsAll)) return row
      touched.push(row.id)
      return next
    })
    if (touched.length || this.tellsAll)
      this.#append("marked", which === "all" ? { as, all: true } : { as, ids: touched })
  }

  list(show: Show): Notification[] {
    return this.#rows
      .filter(({ archived, read }) =>
        show === "archived" ? archived : !archived && (show === "inbox" || !read),
      )
      .sort((one, other) => (one.at < other.at ? 1 : -1))
  }

  page(show: Show, before?: string): InboxPage {
    const edge = this.#rows.find(({ id }) => id === before)?.at ?? "z"
    const rest = this.list(show).filter(({ at }) => at < edge)
    return {
      notifications: rest.slice(0, PAGE),
      hasOlder: rest.length > PAGE,
      counts: this.counts,
    }
  }

  get counts(): Counts {
    const inbox = this.list("inbox")
    return {
      unseen: inbox.filter(({ seen }) => !seen).length,
      unread: inbox.filter(({ read }) => !read).length,
    }
  }

  #append(type: string, body: object): void {
    this.log.push({ v: 1, type: `notification.${type}`, ...body, counts: this.counts })
  }

  #now(): string {
    return String(++this.#clock).padStart(4, "0")
  }
}

function flags(as: Mark): Partial<Notification> {
  return {
    seen: { seen: true },
    read: { seen: true, read: true },
    unread: { read: false },
    archived: { archived: true },
    unarchived: { archived: false },
  }[as]
}

type PageApi = Pick<InboxApi, "page" | "mark">

/** One browser: its requests are served, and their answers come, only when the test says so. */
export class Device {
  readonly store: InboxStore
  readonly #arriving: (() => void)[] = []
  readonly #answers: (() => void)[] = []
  /** What happened before is in what is read. */
  #offset: number

  constructor(
    private readonly server: Server,
    patience: number,
  ) {
    this.#offset = server.log.length
    const api: PageApi = {
      page: (show, _limit, before) => this.#request(() => server.page(show, before)),
      mark: (as, ids) => this.#request(() => server.mark(as, ids)),
    }
    this.store = new InboxStore(api, patience)
  }

  /** The server takes one of the requests; they may overtake each other on the way. */
  serve(index = 0): void {
    this.#arriving.splice(index % (this.#arriving.length || 1), 1)[0]?.()
  }

  answer(index = 0): void {
    this.#answers.splice(index % (this.#answers.length || 1), 1)[0]?.()
  }

  hear(): void {
    if (this.#offset < this.server.log.length)
      this.store.eventArrived(this.server.log[this.#offset++])
  }

  /** Let everything that is on its way arrive, the answers last: they are older by then. */
  async calm(): Promise<void> {
    for (let quiet = 0; quiet < 3; quiet++) {
      if (this.#arriving.length || this.#answers.length) quiet = 0
      this.serve()
      while (this.#offset < this.server.log.length) this.hear()
      this.answer()
      await pass()
    }
  }

  #request<Answer>(serve: () => Answer): Promise<Answer> {
    return new Promise((resolve) => {
      this.#arriving.push(() => {
        const answer = serve()
        this.#answers.push(() => resolve(answer))
      })
    })
  }
}

/** The same numbers for the same seed (mulberry32). */
export function dice(seed: number): (sides: number) => number {
  return (sides) => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) % sides
  }
}
