import type { ReactiveController, ReactiveControllerHost } from "lit"

import type { Block } from "../client/jobs-roll"

/** How far from the screen a block is drawn, and how high a job is before it was. */
const MARGIN = "700px"
const JOB_PIXELS = 120
const DRAWN_AT_ONCE = 4

/** Has only those blocks of a list drawn that are near the screen. The others keep the room that
 *  they took, so that nothing moves and the scrollbar tells the truth. */
export class ListWindow implements ReactiveController {
  /** Blocks that are not drawn, and how high they are. */
  readonly #away = new Map<number, number>()
  readonly #seen = new Set<number>()
  #observer: IntersectionObserver | undefined

  constructor(private readonly host: ReactiveControllerHost & HTMLElement) {
    host.addController(this)
  }

  hostConnected(): void {
    this.#observer = new IntersectionObserver((entries) => this.#moved(entries), {
      rootMargin: MARGIN,
    })
  }

  hostDisconnected(): void {
    this.#observer?.disconnect()
    this.#seen.clear()
  }

  /** Whether to draw a block, the `place`th of the list. */
  isDrawn({ key, ids }: Block, place: number): boolean {
    if (!this.#seen.has(key) && !this.#away.has(key) && place >= DRAWN_AT_ONCE)
      this.#away.set(key, ids.length * JOB_PIXELS)
    return !this.#away.has(key)
  }

  /** The lists were drawn: each is looked after, and takes its room. */
  drawn(lists: Iterable<HTMLElement>): void {
    for (const list of lists) {
      const key = keyOf(list)
      const height = this.#away.get(key)
      list.style.blockSize = height === undefined ? "" : `${height}px`
      if (this.#seen.has(key)) continue
      this.#seen.add(key)
      this.#observer?.observe(list)
    }
  }

  #moved(entries: IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, boundingClientRect } of entries) {
      const key = keyOf(target as HTMLElement)
      // What is being used is not taken away, however far it was scrolled.
      if (isIntersecting || target.matches(":focus-within")) this.#away.delete(key)
      else if (target.isConnected) this.#away.set(key, boundingClientRect.height)
      else this.#forget(key)
    }
    this.host.requestUpdate()
  }

  #forget(key: number): void {
    this.#seen.delete(key)
    this.#away.delete(key)
  }
}

function keyOf(list: HTMLElement): number {
  return Number(list.dataset["block"])
}
