import type { Cause, Way } from "./connection"
import type { FeedState } from "./feed"

/** What a person is told of the connection; times are milliseconds since 1970. `hasReloaded`: too
 *  much was missed, and what is shown was read anew just now. */
export type Standing =
  | { readonly name: "connecting" }
  | { readonly name: "live"; readonly way: Way; readonly hasReloaded: boolean }
  | { readonly name: "reloading" }
  | { readonly name: "reconnecting"; readonly until: number | undefined }
  | { readonly name: "offline"; readonly since: number; readonly until: number | undefined }
  | { readonly name: "closed"; readonly cause: Cause }

/** A loss that is shorter worries nobody. */
const WORTH_TELLING = 1_000
/** From here on it is more than an accident of the line. */
const OFFLINE_AFTER = 30_000
const RELOAD_IS_TOLD_FOR = 8_000

/** Makes of what a feed goes through what is told of it: calmer, and with a memory. Pure; `now`
 *  is milliseconds since 1970. */
export class Teller {
  #state: FeedState
  #way: Way | undefined
  #hasFailed = false
  #away: number | undefined
  #reloaded = -Infinity

  constructor(state: FeedState, now: number) {
    this.#state = state
    this.moved(state, now)
  }

  /** The feed's state is another one from `now` on. */
  moved(state: FeedState, now: number): void {
    const before = this.#state
    this.#state = state
    if (state.name === "waiting") this.#hasFailed = true
    if (state.name !== "open") {
      this.#away = "since" in state ? state.since : (this.#away ?? now)
      return
    }
    if (before.name === "reloading" && !before.isFirst) this.#reloaded = now
    this.#way = state.way
    this.#away = undefined
    this.#hasFailed = false
  }

  /** Tell how things stand; `isOnline` is what the browser thinks of its network. */
  standing(now: number, isOnline: boolean): Standing {
    if (this.#state.name === "closed") return { name: "closed", cause: this.#state.cause }
    const away = now - (this.#away ?? now)
    if (this.#way && away < WORTH_TELLING)
      return {
        name: "live",
        way: this.#way,
        hasReloaded: now - this.#reloaded < RELOAD_IS_TOLD_FOR,
      }
    return this.#state.name === "reloading"
      ? { name: "reloading" }
      : this.#apart(away, now, isOnline)
  }

  #apart(away: number, now: number, isOnline: boolean): Standing {
    const until = this.#state.name === "waiting" ? this.#state.until : undefined
    if (!isOnline || (this.#hasFailed && away >= OFFLINE_AFTER))
      return { name: "offline", since: now - away, until }
    if (!this.#way && !this.#hasFailed) return { name: "connecting" }
    return { name: "reconnecting", until }
  }
}
