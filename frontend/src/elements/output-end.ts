import type { ReactiveController, ReactiveControllerHost } from "lit"

/** How near the end still counts as the end. */
const AT_END_PIXELS = 24

/** Keeps a box at the end of what is in it, for as long as the person in front of it follows. */
export class OutputEnd implements ReactiveController {
  #isFollowed = true
  #lastTop = 0

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly box: () => HTMLElement | null,
  ) {
    host.addController(this)
  }

  get isFollowed(): boolean {
    return this.#isFollowed
  }

  hostUpdated(): void {
    const box = this.box()
    if (box && this.#isFollowed) box.scrollTop = box.scrollHeight
  }

  /** Follow it from now on, or no more. */
  follow(isFollowed: boolean): void {
    if (isFollowed === this.#isFollowed) return
    this.#isFollowed = isFollowed
    this.host.requestUpdate()
  }

  /** Who scrolls up wants to read; who comes back to the end, to follow. */
  readonly scrolled = (event: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.target as HTMLElement
    const isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PIXELS
    const isUp = scrollTop < this.#lastTop
    this.#lastTop = scrollTop
    if (isAtEnd) this.follow(true)
    else if (isUp) this.follow(false)
  }
}
