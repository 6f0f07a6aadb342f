import { Clock } from "./clock"

/** What an event says of its way so far: milliseconds since 1970, by the server's clock. */
interface Tags {
  readonly c: number
  readonly p: number
  readonly w: number
}

/** One event's way to the screen, by the server's clock. */
export interface Sample extends Tags {
  readonly received: number
  readonly shown: number
}

/** The server's clock when it received a report, and when it answered. */
export interface ServerTime {
  readonly received: number
  readonly now: number
}

export interface LatencyOptions {
  /** Hands a report over; `sent` is by this page's clock. */
  readonly report: (sent: number, samples: readonly Sample[]) => Promise<ServerTime>
  /** This page's clock, in milliseconds; it must never be set back. */
  readonly now?: () => number
  /** Calls when the next frame is about to be drawn. */
  readonly frame?: (act: () => void) => void
  readonly isHidden?: () => boolean
  readonly random?: () => number
}

/** One of so many events is followed to the screen. */
export const ONE_OF = 4
export const MAX_SAMPLES = 20
export const EVERY = 10_000
/** After a report that failed, as when the server has had too many of them. */
export const PAUSE = 60_000

/** Follows some of the live events to the screen, and tells the server how long they took. What
 *  is shown is never kept waiting, and nothing is told of what it was. */
export class Latency {
  readonly #clock = new Clock()
  readonly #report: LatencyOptions["report"]
  readonly #now: () => number
  readonly #frame: (act: () => void) => void
  readonly #isHidden: () => boolean
  readonly #random: () => number
  #samples: Sample[] = []
  #timer: ReturnType<typeof setTimeout> | undefined
  #mayReportAt = 0
  #isClosed = false

  constructor(options: LatencyOptions) {
    this.#report = options.report
    this.#now = options.now ?? (() => performance.timeOrigin + performance.now())
    this.#frame = options.frame ?? ((act) => void requestAnimationFrame(act))
    this.#isHidden = options.isHidden ?? isHidden
    this.#random = options.random ?? Math.random
  }

  /** Perhaps follow a publication that has just arrived, by its tags; never throws. */
  arrived(tags: unknown): void {
    const told = readTags(tags)
    if (!told || this.#isClosed || this.#isHidden()) return
    if (this.#samples.length >= MAX_SAMPLES || this.#random() * ONE_OF >= 1) return
    const received = this.#now()
    // The first frame draws it, the second begins when that one is done.
    this.#frame(() => this.#frame(() => this.#shown({ ...told, received, shown: this.#now() })))
  }

  /** Tell nothing more. */
  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#samples = []
  }

  #shown(sample: Sample): void {
    // A tab that was hidden meanwhile drew nothing until somebody came back.
    if (this.#isClosed || this.#isHidden() || this.#samples.length >= MAX_SAMPLES) return
    this.#samples.push(sample)
    if (this.#timer !== undefined) return
    const delay = Math.max(0, this.#mayReportAt - this.#now())
    this.#timer = setTimeout(() => void this.#tell(), delay)
  }

  /** The first report only asks for the time; what waits goes with the next. */
  async #tell(): Promise<void> {
    const sent = this.#now()
    const samples = this.#samples.flatMap((sample) => this.#atServer(sample) ?? [])
    if (samples.length > 0) this.#samples = []
    let pause = EVERY
    try {
      const { received, now } = await this.#report(sent, samples)
      this.#clock.read({ sent, received, answered: now, got: this.#now() })
    } catch {
      this.#samples = []
      pause = PAUSE
    }
    this.#timer = undefined
    this.#mayReportAt = sent + pause
    if (this.#samples.length > 0 && !this.#isClosed) {
      this.#timer = setTimeout(() => void this.#tell(), pause)
    }
  }

  #atServer(sample: Sample): Sample | undefined {
    const received = this.#clock.atServer(sample.received)
    const shown = this.#clock.atServer(sample.shown)
    if (received === undefined || shown === undefined) return undefined
    return { ...sample, received, shown }
  }
}

/** Where there is no document, nothing is seen. */
function isHidden(): boolean {
  return typeof document === "undefined" || document.hidden
}

function readTags(tags: unknown): Tags | undefined {
  if (typeof tags !== "object" || tags === null) return undefined
  const { c, p, w } = tags as Record<string, unknown>
  const told = { c: read(c), p: read(p), w: read(w) }
  return Object.values(told).every(Number.isFinite) ? told : undefined
}

function read(text: unknown): number {
  return typeof text === "string" && text !== "" ? Number(text) : NaN
}
