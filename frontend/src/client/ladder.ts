import type { Sdk } from "./connection"
import { SharedTopic } from "./shared-topic"

type Handler = (context: never) => void

/** Opens one way to be live. */
export type Rung = () => Promise<Sdk>

/** After so many failures in a row the next way is tried: of a way that never worked here, of one
 *  that did, whose server is rather away than out of reach, and of one that is tried again. */
const TRIES = { new: 2, proven: 5, again: 1 }
/** A lesser way that opened first after an outage is left so long for the one that worked before. */
const CLIMB_MS = 30_000

const FAILURE = 1
/** A proxy may take a handshake and never answer it. */
const PATIENCE_MS = 10_000

/** Several ways to be live that look like one: the first of them that gets through. */
export class Ladder {
  readonly #lines = new Map<number, Promise<Sdk>>()
  readonly #wired: Sdk[] = []
  readonly #shared: [string, SharedTopic][] = []
  readonly #handlers: [string, Handler][] = []
  #current: Sdk | undefined
  #rung = 0
  #failures = 0
  /** The ways that worked here, and were not tried again in vain. */
  readonly #proven = new Set<number>()
  #isClimbing = false
  #isTrying = false
  #timer: ReturnType<typeof setTimeout> | undefined
  /** Rises with every wish, so that a line that is loaded too late is not opened. */
  #wish = 0

  constructor(private readonly rungs: readonly Rung[]) {}

  asSdk(): Sdk {
    return this as unknown as Sdk
  }

  on(event: string, handler: Handler): this {
    this.#handlers.push([event, handler])
    return this
  }

  connect(): void {
    const wish = ++this.#wish
    this.#isTrying = true
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#isTrying && this.#failed(), PATIENCE_MS)
    this.#line(this.#rung).then(
      (line) => {
        if (wish !== this.#wish) return
        this.#current = line
        line.connect()
      },
      () => wish === this.#wish && this.#failed(),
    )
  }

  disconnect(): void {
    this.#wish++
    this.#isTrying = false
    clearTimeout(this.#timer)
    this.#current?.disconnect()
  }

  rpc(...asked: Parameters<Sdk["rpc"]>): ReturnType<Sdk["rpc"]> {
    return this.#current?.rpc(...asked) ?? Promise.reject({ code: FAILURE })
  }

  /** One topic more, by whichever way this is live. */
  newSubscription(topic: string): SharedTopic {
    const shared = new SharedTopic(() => {
      this.#shared.push([topic, shared])
      for (const line of this.#wired) this.#share(line, topic, shared)
    })
    return shared
  }

  #line(rung: number): Promise<Sdk> {
    const known = this.#lines.get(rung)
    if (known) return known
    const made = (this.rungs[rung] as Rung)().then((line) => this.#wire(line))
    this.#lines.set(rung, made)
    // What could not be loaded is loaded anew the next time.
    made.catch(() => this.#lines.delete(rung))
    return made
  }

  #wire(line: Sdk): Sdk {
    const own = line as unknown as { on(event: string, handler: (context: never) => void): void }
    own.on("connected", () => this.#worked())
    own.on("connecting", ({ code }: { readonly code: number }) => code > 0 && this.#count())
    own.on("error", () => this.#count())
    for (const event of EVENTS)
      own.on(event, (context) => line === this.#current && this.#tell(event, context))
    this.#wired.push(line)
    for (const [topic, shared] of this.#shared) this.#share(line, topic, shared)
    return line
  }

  #share(line: Sdk, topic: string, shared: SharedTopic): void {
    const own = line.newSubscription(topic)
    const isUsed = () => line === this.#current
    own.on("subscribed", (context) => isUsed() && shared.tell("subscribed", context))
    own.on("publication", (context) => isUsed() && shared.tell("publication", context))
    own.on("unsubscribed", (context) => isUsed() && shared.tell("unsubscribed", context))
    own.subscribe()
  }

  #worked(): void {
    this.#isTrying = false
    this.#isClimbing = false
    this.#failures = 0
    this.#proven.add(this.#rung)
    clearTimeout(this.#timer)
    const best = Math.min(...this.#proven)
    if (best < this.#rung) this.#timer = setTimeout(() => this.#climb(best), CLIMB_MS)
  }

  /** Give up a way that works for a better one that did. */
  #climb(best: number): void {
    this.#rung = best
    this.#isClimbing = true
    this.#tell("connecting", { code: FAILURE })
  }

  /** Count one failure of each attempt, whatever it says of itself. */
  #count(): void {
    if (!this.#isTrying) return
    this.#isTrying = false
    this.#failures++
    if (this.#failures < this.#tries) return
    if (this.#isClimbing) this.#proven.delete(this.#rung)
    this.#isClimbing = false
    this.#rung = (this.#rung + 1) % this.rungs.length
    this.#failures = 0
  }

  get #tries(): number {
    if (this.#isClimbing) return TRIES.again
    return this.#proven.has(this.#rung) ? TRIES.proven : TRIES.new
  }

  #failed(): void {
    this.#count()
    this.#tell("error", {})
  }

  #tell(event: string, context: object): void {
    for (const [name, handler] of this.#handlers) if (name === event) handler(context as never)
  }
}

const EVENTS = [
  "connected",
  "connecting",
  "error",
  "disconnected",
  "subscribed",
  "publication",
] as const
