import type { ServerPublicationContext, ServerSubscribedContext } from "centrifuge"

import { SignedOut } from "./api-error"
import { backoff } from "./backoff"
import type { ConnectionDelegate, ConnectionState } from "./connection"
import { judge, meets, type Joined, type Position, type Positions } from "./position"

/** `reloading`: connected, and the state is being read anew; `isFirst` where the page had none. */
export type FeedState = ConnectionState | { readonly name: "reloading"; readonly isFirst: boolean }

export interface FeedDelegate {
  /** `isReplayed`: it is of the time while this page was away. */
  eventArrived(publication: unknown, place: Place, isReplayed: boolean): void
  updateArrived(publication: unknown): void
  /** Read the whole state, and answer with the positions that were taken before it. */
  reload(): Promise<Positions>
  feedMoved(state: FeedState): void
}

/** Where an event stands: its topic, and its position there. */
export interface Place extends Position {
  readonly topic: string
}

type Subscribed = Joined & Pick<ServerSubscribedContext, "channel">
type Publication = Pick<ServerPublicationContext, "channel" | "data" | "offset">

const MAX_HELD = 2_000

/** Applies each event of a topic once and in order, whatever the socket does. What cannot be
 *  continued is read anew through the delegate; meanwhile publications are held back. */
export class Feed implements ConnectionDelegate {
  #applied: Map<string, Position>
  #epochs = new Map<string, string>()
  #held: (readonly [Publication, boolean])[] | undefined
  #isReplaying = false
  #isStale = false
  #connection: ConnectionState = { name: "connecting", since: Date.now() }

  constructor(
    positions: Positions,
    private readonly delegate: FeedDelegate,
    private readonly random: () => number = Math.random,
  ) {
    this.#applied = new Map(Object.entries(positions))
  }

  /** Where this page is; each connect command carries it. */
  since(): Positions {
    return Object.fromEntries(this.#applied)
  }

  connectionMoved(state: ConnectionState): void {
    this.#connection = state
    this.#tell()
  }

  subscribed({ channel, ...joined }: Subscribed): void {
    if (!joined.streamPosition) return
    this.#epochs.set(channel, joined.streamPosition.epoch)
    if (joined.recovered) this.#expectReplay()
    // While the state is being read, only a break in what is held back matters.
    const continues = this.#held ? joined.recovered : meets(this.#applied.get(channel), joined)
    if (!continues) void this.reload()
  }

  published(publication: Publication, isReplayed = this.#isReplaying): void {
    const { channel, data, offset } = publication
    if (offset === undefined) return this.delegate.updateArrived(data)
    if (this.#held) return this.#hold([publication, isReplayed])
    const applied = this.#applied.get(channel)
    const epoch = this.#epochs.get(channel) ?? ""
    switch (applied ? judge(applied, epoch, offset) : "reload") {
      case "apply":
        this.#applied.set(channel, { epoch, offset })
        return this.delegate.eventArrived(data, { topic: channel, epoch, offset }, isReplayed)
      case "reload":
        return void this.reload()
    }
  }

  /** Read the state anew and go on from there; a reload that is under way is done again. */
  async reload(): Promise<void> {
    this.#isStale = true
    if (this.#held) return
    this.#hold()
    for (let attempt = 0; this.#isStale; attempt++) {
      if (attempt > 0) await pause(backoff(attempt - 1, this.random))
      this.#isStale = false
      // What came before this read began is in what it reads.
      this.#held = []
      if (!(await this.#read())) return
    }
    this.#release()
  }

  /** Answers false when there is no use in trying again. */
  async #read(): Promise<boolean> {
    try {
      this.#applied = new Map(Object.entries(await this.delegate.reload()))
    } catch (error) {
      this.#isStale = true
      return !(error instanceof SignedOut)
    }
    return true
  }

  /** The SDK gives what was missed in the same task as the subscription that recovered it. */
  #expectReplay(): void {
    this.#isReplaying = true
    queueMicrotask(() => (this.#isReplaying = false))
  }

  #hold(arrived?: readonly [Publication, boolean]): void {
    this.#held ??= []
    if (!arrived) return this.#tell()
    this.#held.push(arrived)
    if (this.#held.length <= MAX_HELD) return
    this.#held = []
    this.#isStale = true
  }

  #release(): void {
    const held = this.#held ?? []
    this.#held = undefined
    this.#tell()
    for (const arrived of held) this.published(...arrived)
  }

  #tell(): void {
    const reloads = this.#held !== undefined && this.#connection.name === "open"
    const isFirst = this.#applied.size === 0
    this.delegate.feedMoved(reloads ? { name: "reloading", isFirst } : this.#connection)
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
