import type { ReactiveController, ReactiveControllerHost } from "lit"

import { titleOf } from "../client/job-words"
import { isFinal, readEvent, type Job } from "../client/protocol"
import type { Store } from "../client/store"
import { gettext, ngettext } from "../client/translation"
import { standingInWords } from "../client/words"
import { useLive } from "./live"

const EVERY_MS = 4_000

/** What a list reads out to those who do not see it: jobs that have ended, one sentence at a
 *  time, and of a burst only how many. */
export class Announcer implements ReactiveController, Store {
  /** The sentence for the list's live region. */
  said = ""
  #waiting: Job[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #detach: (() => void) | undefined

  constructor(private readonly host: ReactiveControllerHost) {
    host.addController(this)
  }

  hostConnected(): void {
    this.#detach = useLive().attach(this)
  }

  hostDisconnected(): void {
    this.#detach?.()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  eventArrived(publication: unknown): void {
    const job = readEvent(publication)?.job
    if (!job || !isFinal(job)) return
    this.#waiting.push(job)
    if (this.#timer === undefined) this.#say()
  }

  updateArrived(): void {}

  async reload(): Promise<void> {}

  #say(): void {
    const [first, ...others] = this.#waiting
    this.#waiting = []
    this.#timer = undefined
    if (!first) return
    this.said = others.length
      ? ngettext("{n} job has ended", "{n} jobs have ended", others.length + 1)
      : gettext("{job}: {state}", {
          job: titleOf(first),
          state: standingInWords(first.state, first.progress),
        })
    this.host.requestUpdate()
    this.#timer = setTimeout(() => this.#say(), EVERY_MS)
  }
}
