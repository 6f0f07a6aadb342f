import { Refused } from "./api-error"
import type { Api } from "./api"
import { backoff } from "./backoff"
import type { TopicListener } from "./live"
import { readReport, type Snapshot } from "./operations-reports"
import { begin, take, type Operations } from "./operations-state"
import { Listeners } from "./store"

/** How a page of operations hears: not yet or no more, live, or not at all. */
export type Hearing = "not yet" | "live" | "lost" | "not allowed" | "not this way"

/** What staff see of the platform: what was known when the page was made, then what is told. After
 *  each break the last ten minutes are read, once; nothing is ever asked for otherwise. */
export class OperationsStore implements TopicListener {
  #state: Operations
  #hearing: Hearing = "not yet"
  #until: number
  #isReading = false
  readonly #listeners = new Listeners()

  constructor(
    private readonly api: Pick<Api, "ask">,
    snapshot: Snapshot,
    private readonly random: () => number = Math.random,
  ) {
    this.#until = Date.now()
    this.#state = begin(snapshot, this.#until)
  }

  get state(): Operations {
    return this.#state
  }

  get hearing(): Hearing {
    return this.#hearing
  }

  /** By when silence is judged: where nothing is heard, nobody is silent but this page. */
  get asOf(): number {
    return this.#hearing === "live" ? Date.now() : this.#until
  }

  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Have what was told meanwhile be shown; called at a steady pace, since many tell often. */
  tick(): void {
    this.#listeners.tell()
  }

  joined(): void {
    this.#become("live")
    void this.#read()
  }

  told(publication: unknown): void {
    const read = readReport(publication)
    if (read) this.#state = take(this.#state, ...read, Date.now())
  }

  left(why: "not allowed" | "not this way"): void {
    this.#become(why)
  }

  /** The line is gone; joined() comes when it is back. */
  lost(): void {
    if (this.#hearing === "live") this.#become("lost")
  }

  /** Read all anew; what is told while it is read is applied again. */
  async #read(): Promise<void> {
    if (this.#isReading) return
    this.#isReading = true
    for (let attempt = 0; this.#hearing === "live"; attempt++) {
      const told = await this.api.ask<Snapshot>("GET", "/ops").catch((error: unknown) => {
        if (isFinal(error)) this.#become("not allowed")
        return undefined
      })
      if (told) {
        this.#take(told)
        break
      }
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt, this.random)))
    }
    this.#isReading = false
  }

  #take(told: Snapshot): void {
    const meanwhile = this.#state.tellers
    const { names } = this.#state
    this.#state = begin({ names, ...told }, Date.now())
    for (const [key, { last, heard }] of meanwhile)
      this.#state = take(this.#state, key, last, heard)
    this.#listeners.tell()
  }

  #become(hearing: Hearing): void {
    if (this.#hearing === "live") this.#until = Date.now()
    this.#hearing = hearing
    this.#listeners.tell()
  }
}

function isFinal(error: unknown): boolean {
  return error instanceof Refused && (error.status === 401 || error.status === 403)
}
