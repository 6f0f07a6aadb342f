import type { Api } from "./api"
import { Unreachable } from "./api-error"
import { readLogged, readPage, type Line, type OutputPage } from "./output-lines"
import { isFinal, readEvent } from "./protocol"
import { Listeners, type Store } from "./store"
import { gettext } from "./translation"

const PAGE = 500
/** How many of the last lines are read at first. */
export const TAIL = 2_000

/** What one job said: the lines from some line to the last, without a gap. Updates tell of more;
 *  where one was missed, or brings no lines, the API is asked. */
export class OutputStore implements Store {
  #lines: readonly Line[] = []
  #isRead = false
  #underWay: Promise<void> | undefined
  #isWanted = false
  #failure: unknown
  readonly #listeners = new Listeners()

  /** `isRunning` tells whether the job may be saying something. */
  constructor(
    private readonly api: Pick<Api, "ask">,
    readonly job: string,
    private readonly isRunning: () => boolean = () => false,
  ) {}

  get lines(): readonly Line[] {
    return this.#lines
  }

  /** Whether there are lines before those that are here. */
  get hasEarlier(): boolean {
    return (this.#lines[0]?.n ?? 1) > 1
  }

  /** Whether it was read at all, whether it is being read, and why it could not be. */
  get reading(): {
    readonly isDone: boolean
    readonly isUnderWay: boolean
    readonly failure: unknown
  } {
    return {
      isDone: this.#isRead,
      isUnderWay: this.#underWay !== undefined,
      failure: this.#failure,
    }
  }

  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Read the last lines and, if the line `from` is before them, from there on. */
  async open(from = Infinity): Promise<void> {
    await this.#once(async () => {
      const { lines, last } = await this.#page(0)
      const start = Math.max(0, Math.min(last - TAIL, from - 1))
      this.#lines = start > 0 ? [] : lines
      if (start > 0) this.#lines = (await this.#page(start)).lines
      this.#isRead = true
      if (this.#last < last) await this.#toTheEnd()
    })
  }

  /** Read what has come since. */
  async catchUp(): Promise<void> {
    if (!this.#isRead) return this.open()
    await this.#once(() => this.#toTheEnd())
  }

  /** Read lines before those that are here: the next page of them, or down to `n`; after what is
   *  being read just now. */
  async loadEarlier(n = 0): Promise<void> {
    while (this.#underWay) await this.#underWay
    if (!this.hasEarlier) return
    await this.#once(async () => {
      do {
        const first = this.#lines[0]?.n ?? 1
        const { lines } = await this.#page(Math.max(0, first - 1 - PAGE))
        this.#lines = [...lines.filter((line) => line.n < first), ...this.#lines]
      } while (n && this.hasEarlier && (this.#lines[0]?.n ?? 1) > n)
    })
  }

  eventArrived(publication: unknown): void {
    const job = readEvent(publication)?.job
    if (job?.id === this.job && isFinal(job)) void this.catchUp()
  }

  updateArrived(publication: unknown): void {
    const told = readLogged(publication)
    if (told?.job !== this.job || told.last <= this.#last) return
    if (told.lines && told.first <= this.#last + 1 && this.#isRead) this.#append(told.lines)
    else void this.catchUp()
  }

  async reload(): Promise<void> {
    await this.catchUp()
  }

  /** Read what has come, where no update tells of it. */
  async look(): Promise<void> {
    if (this.isRunning()) await this.catchUp()
  }

  get #last(): number {
    return this.#lines.at(-1)?.n ?? 0
  }

  async #toTheEnd(): Promise<void> {
    let page: OutputPage
    do {
      page = await this.#page(this.#last)
      this.#append(page.lines)
    } while (page.lines.length && this.#last < page.last)
  }

  #append(lines: readonly Line[]): void {
    const fresh = lines.filter(({ n }) => n > this.#last)
    if (!fresh.length) return
    this.#lines = [...this.#lines, ...fresh]
    this.#listeners.tell()
  }

  async #page(after: number): Promise<OutputPage> {
    const path = `/jobs/${encodeURIComponent(this.job)}/output?after=${after}&limit=${PAGE}`
    const page = readPage(await this.api.ask<unknown>("GET", path))
    if (!page) throw new Unreachable(gettext("The server's answer makes no sense here. Try again."))
    return page
  }

  /** One reading at a time; what is told meanwhile is read after it. */
  async #once(read: () => Promise<void>): Promise<void> {
    if (this.#underWay) return void (this.#isWanted = true)
    this.#failure = undefined
    this.#underWay = read().catch((error: unknown) => void (this.#failure = error))
    this.#listeners.tell()
    await this.#underWay
    this.#underWay = undefined
    this.#listeners.tell()
    if (this.#isWanted && !this.#failure) {
      this.#isWanted = false
      await this.catchUp()
    }
  }
}
