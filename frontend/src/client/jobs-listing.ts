import { EVERYTHING, matches, type Filter } from "./jobs-filter"
import { Roll, type Block } from "./jobs-roll"
import type { Job } from "./protocol"

/** Beyond these the oldest are let go: nobody scrolls so far, and a page may be open for weeks. */
export const MAX_LISTED = 10_000

/** Which jobs a list shows: those that are wanted, as far down as they were read. Nothing in it
 *  moves under a reader's eyes: what comes may be held back, and what is no longer wanted stays
 *  in its place until it is let go. */
export class Listing {
  filter: Filter = EVERYTHING
  readonly #roll = new Roll()
  readonly #leaving = new Set<string>()
  readonly #held = new Set<string>()
  #isHolding = false
  #hasOlder = false

  get blocks(): readonly Block[] {
    return this.#roll.blocks
  }

  get size(): number {
    return this.#roll.size
  }

  get last(): string | undefined {
    return this.#roll.last
  }

  /** How many have come that are held back. */
  get held(): number {
    return this.#held.size
  }

  get hasOlder(): boolean {
    return this.#hasOlder && this.size < MAX_LISTED
  }

  has(id: string): boolean {
    return this.#roll.has(id) || this.#held.has(id)
  }

  isLeaving(id: string): boolean {
    return this.#leaving.has(id)
  }

  /** A job has changed; answers whether the list does. One that searching alone can tell to
   *  belong here is not let in. */
  place(job: Job): boolean {
    const isWanted = matches(job, this.filter)
    if (this.#roll.has(job.id)) return this.#mark(job.id, isWanted)
    if (!isWanted) return this.#held.delete(job.id)
    return !this.filter.q && this.arrive(job.id)
  }

  /** Let one in that is wanted, if it is not older than what was read. */
  arrive(id: string): boolean {
    if (this.has(id) || (this.#hasOlder && id < (this.#roll.last ?? ""))) return false
    if (this.#isHolding) this.#held.add(id)
    else this.#add(id)
    return true
  }

  /** Hold these and no others; but what is new goes on being held back. */
  replace(ids: readonly string[], hasOlder: boolean): void {
    const isNew = (id: string) => !this.#roll.has(id) && id > (this.#roll.first ?? "~")
    const [held, shown] = this.#isHolding
      ? [ids.filter(isNew), ids.filter((id) => !isNew(id))]
      : [[], ids]
    this.#leaving.clear()
    this.#held.clear()
    for (const id of held) this.#held.add(id)
    this.#roll.replace(shown)
    this.#hasOlder = hasOlder
  }

  /** Older ones were read. */
  append(ids: readonly string[], hasOlder: boolean): void {
    for (const id of ids) this.#roll.add(id)
    this.#hasOlder = hasOlder
  }

  remove(id: string): boolean {
    this.#leaving.delete(id)
    return this.#held.delete(id) || this.#roll.remove(id)
  }

  /** Let go of those that are no longer wanted; answers whether there were any. */
  settle(): boolean {
    const gone = [...this.#leaving]
    this.#leaving.clear()
    return gone.filter((id) => this.#roll.remove(id)).length > 0
  }

  /** Hold back what comes from now on; or let in what was held back. */
  hold(isHolding: boolean): boolean {
    this.#isHolding = isHolding
    if (isHolding || !this.#held.size) return false
    for (const id of this.#held) this.#add(id)
    this.#held.clear()
    return true
  }

  /** The lowest id that the list shows and of which `isOpen` holds; else the newest one's. */
  reach(isOpen: (id: string) => boolean): string {
    return this.#roll.ids().findLast(isOpen) ?? this.#roll.first ?? ""
  }

  /** Those that are older than `id`, newest first. */
  olderThan(id: string): string[] {
    return this.#roll.ids().filter((other) => other < id)
  }

  newerThan(id: string): string[] {
    return this.#roll.ids().filter((other) => other > id)
  }

  #add(id: string): void {
    this.#roll.add(id)
    if (this.size <= MAX_LISTED) return
    this.#roll.remove(this.#roll.last ?? "")
    this.#hasOlder = true
  }

  #mark(id: string, isWanted: boolean): boolean {
    if (isWanted) return this.#leaving.delete(id)
    if (this.#leaving.has(id)) return false
    this.#leaving.add(id)
    return true
  }
}
