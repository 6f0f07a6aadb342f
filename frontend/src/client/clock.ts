/** What a question about the time gave, in milliseconds: by this page's clock when it was sent
 *  and when the answer came, by the server's when it was received and answered. */
export interface Reading {
  readonly sent: number
  readonly received: number
  readonly answered: number
  readonly got: number
}

const READINGS = 8

/** The server's clock as this page knows it. Of the last few readings the one counts that was
 *  quickest on its way: what it says may be wrong by half of that way at most. */
export class Clock {
  #readings: { readonly way: number; readonly offset: number }[] = []

  /** Take a reading; one that cannot be is let pass. */
  read({ sent, received, answered, got }: Reading): void {
    const way = got - sent - (answered - received)
    const offset = (received - sent + (answered - got)) / 2
    if (!(way >= 0) || !Number.isFinite(offset)) return
    this.#readings = [...this.#readings, { way, offset }].slice(-READINGS)
  }

  /** What the server's clock shows when this page's shows `moment`; undefined before the first
   *  reading. */
  atServer(moment: number): number | undefined {
    const [first, ...rest] = this.#readings
    if (!first) return undefined
    const best = rest.reduce((best, each) => (each.way < best.way ? each : best), first)
    return moment + best.offset
  }
}
