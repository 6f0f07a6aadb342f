/** How long after one look the next one is. */
export const LOOK_MS = 5_000

/** Looks again and again, one look after the other, for as long as it is wanted. */
export class Looking {
  #isWanted = false
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(private readonly look: () => Promise<unknown>) {}

  /** Have it looked from now on, or no more. */
  want(isWanted: boolean): void {
    if (isWanted === this.#isWanted) return
    this.#isWanted = isWanted
    this.#wait()
  }

  #wait(): void {
    clearTimeout(this.#timer)
    if (this.#isWanted) this.#timer = setTimeout(() => void this.#once(), LOOK_MS)
  }

  async #once(): Promise<void> {
    // What is only repeated may fail silently: the next one follows.
    await this.look().catch(() => {})
    this.#wait()
  }
}
