import { Api } from "./api"
import { SignedOut } from "./api-error"
import { Connection, type Cause, type Sdk } from "./connection"
import { Feed, type FeedState, type Place } from "./feed"
import type { Filter } from "./jobs-filter"
import { JobsStore } from "./jobs-store"
import { Latency } from "./latency"
import { Looking } from "./looking"
import type { Job } from "./protocol"
import type { Positions } from "./position"
import { NOT_THIS_WAY } from "./shared-topic"
import { Listeners, type Store } from "./store"

/** What the server wrote into the page: where the page is in each topic's history, and the
 *  state at that place. */
export interface PageState {
  readonly positions: Positions
  /** The newest of the jobs that the page lists, which of them it wants, and whether there are
   *  older ones. Without it the list is read when it is shown. */
  readonly jobs?: readonly Job[]
  readonly filter?: Filter
  readonly hasOlder?: boolean
  /** Jobs that it shows by themselves. */
  readonly known?: readonly Job[]
}

/** Makes the SDK's client; `since` answers with the positions for its next connect command. */
export type Dial = (since: () => Positions) => Sdk

/** An event that was applied; `isReplayed`: it is of the time while this page was away. */
export interface Arrival {
  readonly place: Place
  readonly publication: unknown
  readonly isReplayed: boolean
}

/** Told of each event after it was applied, once and in order. */
export type Applied = (event: Arrival) => void

/** What is told of a topic that a page shares with others. */
export interface TopicListener {
  /** It is heard from now on: at first, and after each break. What was told before is not. */
  joined(): void
  told(publication: unknown): void
  /** It is not heard: one may not, or this way to be live carries only one's own events. */
  left(why: "not allowed" | "not this way"): void
}

/** One page's live state: what its stores hold and how it is connected. Elements share it. */
export class Live {
  readonly jobs: JobsStore
  readonly #stores: Store[]
  readonly #feed: Feed
  readonly #listeners = new Listeners()
  readonly #looking = new Looking(() => Promise.all(this.#stores.map((store) => store.look?.())))
  #connection: Connection | undefined
  #sdk: Sdk | undefined
  #state: FeedState = { name: "connecting", since: Date.now() }

  constructor(
    readonly api: Api,
    page: PageState,
    private readonly applied: Applied = () => {},
  ) {
    this.jobs = new JobsStore(api)
    this.jobs.know(page.known ?? [])
    if (page.jobs) this.jobs.begin(page.jobs, page.hasOlder ?? false, page.filter)
    this.#stores = [this.jobs]
    this.#feed = new Feed(page.positions, {
      eventArrived: (publication, place, isReplayed) =>
        this.#apply({ place, publication, isReplayed }),
      updateArrived: (publication) => {
        for (const store of this.#stores) store.updateArrived(publication)
      },
      reload: () => this.#reload(),
      feedMoved: (state) => this.#become(state),
    })
  }

  /** Have one more store hear what arrives; answers with how to stop it. */
  attach(store: Store): () => void {
    this.#stores.push(store)
    return () => void this.#stores.splice(this.#stores.indexOf(store), 1)
  }

  /** How this page is connected. */
  get state(): FeedState {
    return this.#state
  }

  /** Have `listener` called when the connection moves; answers with how to stop it. */
  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  connect(dial: Dial): void {
    const sdk = (this.#sdk = dial(() => this.#feed.since()))
    const latency = new Latency({
      report: (sent, samples) => this.api.ask("POST", "/shown", { sent, samples }),
    })
    sdk.on("publication", ({ tags }) => latency.arrived(tags))
    this.#connection = new Connection(sdk, this.#feed)
    this.#connection.open()
  }

  /** Hear a topic that is shared with others too; to be called after connect(). */
  listenTo(topic: string, listener: TopicListener): void {
    if (!this.#sdk) throw new Error("Call connect() before listenTo().")
    const subscription = this.#sdk.newSubscription(topic)
    subscription.on("subscribed", () => listener.joined())
    subscription.on("publication", ({ data }) => listener.told(data))
    subscription.on("unsubscribed", ({ code }) =>
      listener.left(code === NOT_THIS_WAY ? "not this way" : "not allowed"),
    )
    subscription.subscribe()
  }

  /** Try at once, where the next attempt is waited for. */
  retry(): void {
    this.#connection?.retry()
  }

  /** Make sure that the line is alive: this machine may have slept from `since` on, in
   *  milliseconds since 1970. */
  doubt(since: number): void {
    this.#connection?.doubt(since)
  }

  /** Give up being live. */
  close(cause: Cause): void {
    this.#connection?.close(cause)
    this.#become({ name: "closed", cause, reason: cause })
  }

  #apply(event: Arrival): void {
    for (const store of this.#stores) store.eventArrived(event.publication)
    this.applied(event)
  }

  /** Read the positions first: whatever happens while the stores are read is applied again. */
  async #reload(): Promise<Positions> {
    try {
      const positions = await this.api.positions()
      await Promise.all(this.#stores.map((store) => store.reload()))
      return positions
    } catch (error) {
      if (error instanceof SignedOut) this.close("signed out")
      throw error
    }
  }

  #become(state: FeedState): void {
    this.#state = state
    // Long polls carry events alone, and no updates.
    this.#looking.want(state.name === "open" && state.way === "poll")
    this.#listeners.tell()
  }
}
