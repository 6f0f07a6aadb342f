import type { ReactiveControllerHost } from "lit"

import { sentenceOf } from "../client/api-error"
import { jobOf, type Mark, type Notification } from "../client/inbox-messages"
import { gettext, ngettext } from "../client/translation"
import { useInbox, useInboxApi } from "./notification-store"

/** What was done last, and how to take it back. */
export interface Done {
  readonly sentence: string
  readonly undo?: () => Promise<void>
}

/** Does what is asked of an inbox's cards, and remembers what to say of it. */
export class Acts {
  done: Done | undefined
  failure = ""

  constructor(private readonly host: ReactiveControllerHost) {}

  /** A visit to a card's link: the page is about to go, so nothing is said. */
  visited(card: Notification): void {
    void this.#do(() => mark("read", [card]))
  }

  toggleRead(cards: readonly Notification[]): void {
    const as = cards.every(({ read }) => read) ? "unread" : "read"
    void this.#do(() => mark(as, cards))
  }

  toggleArchived(cards: readonly Notification[]): void {
    const as = cards.every(({ archived }) => archived) ? "unarchived" : "archived"
    const back = as === "archived" ? "unarchived" : "archived"
    const n = cards.length
    const sentence =
      as === "archived"
        ? ngettext("Archived", "{n} archived", n)
        : ngettext("Back in the inbox", "{n} back in the inbox", n)
    void this.#do(() => mark(as, cards), { sentence, undo: () => mark(back, cards) })
  }

  readAll(): void {
    void this.#do(() => useInbox().mark("read", "all"), { sentence: gettext("All read") })
  }

  archiveRead(): void {
    const sentence = gettext("All that was read is archived")
    void this.#do(() => useInbox().archiveRead(), { sentence })
  }

  muteKey(card: Notification): void {
    const sentence = jobOf(card) ? gettext("This job is muted") : gettext("This is muted")
    const mute = (isMuted: boolean) => useInboxApi().mute(card.key, isMuted)
    void this.#do(() => mute(true), { sentence, undo: () => mute(false) })
  }

  async muteKind({ kind }: Notification): Promise<void> {
    await this.#do(async () => {
      const chosen = (await useInboxApi().kinds()).find((known) => known.kind === kind)
      if (!chosen) return this.#say({ sentence: gettext("This kind cannot be muted") })
      await useInboxApi().choose({ ...chosen, in_app: false, email: false })
      const sentence = gettext("“{kind}” is muted", { kind: chosen.name })
      this.#say({ sentence, undo: () => useInboxApi().choose(chosen) })
    })
  }

  readonly undo = (): void => {
    const undo = this.done?.undo
    if (undo) void this.#do(undo, { sentence: gettext("Taken back") })
  }

  /** What is shown at once is said at once, too; a failure takes it back. */
  async #do(act: () => Promise<void>, done?: Done): Promise<void> {
    this.failure = ""
    if (done) this.#say(done)
    try {
      await act()
    } catch (error) {
      this.failure = sentenceOf(error)
      this.#say(undefined)
    }
  }

  #say(done: Done | undefined): void {
    this.done = done
    this.host.requestUpdate()
  }
}

function mark(as: Mark, cards: readonly Notification[]): Promise<void> {
  return useInbox().mark(
    as,
    cards.map(({ id }) => id),
  )
}
