import { Refused, sentenceOf } from "./api-error"
import type { InboxApi } from "./inbox-api"
import { answered, dropped, fulfilled, withWishes, worthwhile, type Wish } from "./inbox-marks"
import {
  readInboxEvent,
  type Counts,
  type InboxEvent,
  type Mark,
  type Notification,
} from "./inbox-messages"
import * as state from "./inbox-state"
import type { InboxPage, Show } from "./inbox-state"
import { Listeners, type Store } from "./store"

const PAGE = 30
/** As many as one answer holds. */
const MAX_PAGE = 100
/** An event that has not come this long after its answer is not waited for. */
const PATIENCE_MS = 4_000

/** A person's notifications, for as many elements as show them. What is asked for here is shown
 *  at once, and is true when its event arrives. */
export class InboxStore implements Store {
  #state = state.NOTHING
  #wishes: readonly Wish[] = []
  #shown: state.InboxState | undefined
  #count = 0
  #order: Promise<unknown> = Promise.resolve()
  #rereading: Promise<void> | undefined
  readonly #failures = new Map<Show, string>()
  readonly #reading = new Map<Show, Promise<void>>()
  /** What has come since a request that is under way was sent, one list for each. */
  readonly #since = new Set<InboxEvent[]>()
  readonly #listeners = new Listeners()

  constructor(
    private readonly api: Pick<InboxApi, "page" | "mark">,
    private readonly patience = PATIENCE_MS,
  ) {}

  /** As the server said last; undefined before it said anything. */
  get counts(): Counts | undefined {
    return this.#state.counts
  }

  /** What a part shows, the newest first; nothing before it was read. */
  cards(show: Show): Notification[] {
    this.#shown ??= { ...this.#state, known: withWishes(this.#state.known, this.#wishes) }
    return state.cards(this.#shown, show)
  }

  isRead(show: Show): boolean {
    return this.#state.reach[show] !== undefined
  }

  hasOlder(show: Show): boolean {
    return state.hasOlder(this.#state, show)
  }

  isReading(show: Show): boolean {
    return this.#reading.has(show)
  }

  /** Why a part could not be read, as a sentence; empty if it could. */
  failure(show: Show): string {
    return this.#failures.get(show) ?? ""
  }

  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Take what the page brought with it. */
  begin(page: InboxPage): void {
    this.#become(state.extended(this.#state, "inbox", page))
  }

  eventArrived(publication: unknown): void {
    const event = readInboxEvent(publication)
    if (!event) return
    for (const events of this.#since) events.push(event)
    this.#wishes = fulfilled(this.#wishes, event)
    this.#become(state.happened(this.#state, event))
  }

  updateArrived(): void {}

  /** Have a part read; at once if it was. A failure is told by `failure`. */
  open(show: Show): Promise<void> {
    return this.isRead(show) ? Promise.resolve() : this.#read(show)
  }

  /** Do again what `failure` tells of. */
  retry(show: Show): Promise<void> {
    this.#failures.delete(show)
    if (this.#state.hasHole) return this.#reread()
    return this.isRead(show) ? this.loadOlder(show) : this.open(show)
  }

  loadOlder(show: Show): Promise<void> {
    return this.#read(show, this.#oldest(show))
  }

  /** Read all parts anew that were read, as far as they were shown, up to a hundred. */
  async reload(): Promise<void> {
    const shows = Object.keys(this.#state.reach) as Show[]
    if (!shows.length) return
    const begun = this.#wishes.filter(({ answered }) => answered)
    const [pages, since] = await this.#following(() =>
      Promise.all(shows.map((show) => this.#first(show))),
    )
    this.#wishes = dropped(this.#wishes, ({ id }) => begun.some((wish) => wish.id === id))
    this.#become(since.reduce(state.happened, state.listed(Object.fromEntries(pages))))
  }

  /** Mark some, or all; only what makes a difference is asked for. Rejects with a RequestFailed,
   *  and then what is shown goes back to what is known. */
  async mark(as: Mark, which: readonly string[] | "all"): Promise<void> {
    const known = withWishes(this.#state.known, this.#wishes)
    const all = which === "all"
    const ids = worthwhile(known, as, all ? [...known.keys()] : which)
    if (!ids.length && !all) return
    const wish = { id: ++this.#count, as, ids, all, answered: false }
    this.#wish([...this.#wishes, wish])
    try {
      await this.#inTurn(() => this.api.mark(as, all ? which : ids))
    } catch (error) {
      this.#wish(dropped(this.#wishes, ({ id }) => id === wish.id))
      throw error
    }
    this.#wish(answered(this.#wishes, wish.id))
    setTimeout(() => void this.#giveUp(wish.id), this.patience)
  }

  /** Archive all that is read, however old. Rejects with a RequestFailed. */
  async archiveRead(): Promise<void> {
    const read: string[] = []
    for (let before: string | undefined, isEnd = false; !isEnd;) {
      const { notifications, hasOlder } = await this.api.page("inbox", MAX_PAGE, before)
      read.push(...notifications.filter((card) => card.read).map(({ id }) => id))
      before = notifications.at(-1)?.id
      isEnd = !hasOlder || !before
    }
    await this.mark("archived", read)
  }

  #read(show: Show, before?: string): Promise<void> {
    const reading = this.#reading.get(show) ?? this.#readPage(show, before)
    this.#reading.set(show, reading)
    this.#listeners.tell()
    return reading
  }

  async #readPage(show: Show, before?: string): Promise<void> {
    this.#failures.delete(show)
    try {
      const [page, since] = await this.#following(() => this.api.page(show, PAGE, before))
      // A page that does not follow on what is known by now would leave a hole.
      if (before === undefined || before === this.#oldest(show))
        this.#become(since.reduce(state.happened, state.extended(this.#state, show, page)))
    } catch (error) {
      // The one to go on from is gone, and nobody told this page: it is not up to date.
      if (before && error instanceof Refused && error.status === 404) await this.#reread()
      else this.#failures.set(show, sentenceOf(error))
    }
    this.#reading.delete(show)
    this.#listeners.tell()
  }

  #oldest(show: Show): string | undefined {
    return state.cards(this.#state, show).at(-1)?.id
  }

  async #first(show: Show): Promise<readonly [Show, InboxPage]> {
    const shown = state.cards(this.#state, show).length
    return [show, await this.api.page(show, Math.min(MAX_PAGE, Math.max(PAGE, shown)))]
  }

  /** Ask, and give what has come since beside the answer: to be applied to it again, since nobody
   *  knows which of it the answer has. */
  async #following<Answer>(ask: () => Promise<Answer>): Promise<[Answer, InboxEvent[]]> {
    const since: InboxEvent[] = []
    this.#since.add(since)
    try {
      return [await ask(), since]
    } finally {
      this.#since.delete(since)
    }
  }

  /** Marks are sent one after the other: the server must not see "unread" before "read". */
  #inTurn(send: () => Promise<void>): Promise<void> {
    const sent = this.#order.then(send)
    this.#order = sent.catch(() => {})
    return sent
  }

  /** Nothing had changed, or the feed is away: see how it is. */
  async #giveUp(id: number): Promise<void> {
    if (this.#wishes.some((wish) => wish.id === id)) await this.#reread()
  }

  #reread(): Promise<void> {
    this.#rereading ??= this.#fill().finally(() => (this.#rereading = undefined))
    return this.#rereading
  }

  /** Until no hole is left: what came meanwhile may have made another. */
  async #fill(): Promise<void> {
    try {
      do await this.reload()
      while (this.#state.hasHole)
    } catch (error) {
      this.#failures.set("inbox", sentenceOf(error))
      this.#listeners.tell()
    }
  }

  #wish(wishes: readonly Wish[]): void {
    this.#wishes = wishes
    this.#become(this.#state)
  }

  #become(next: state.InboxState): void {
    this.#state = next
    this.#shown = undefined
    this.#listeners.tell()
    if (next.hasHole) void this.#reread()
  }
}
