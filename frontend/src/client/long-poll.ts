import { Line, LineEnded, type LineOptions } from "./line"
import type { Position } from "./position"

const WAIT_SECONDS = 25
/** What the server may take beyond what it was asked to wait. */
const PATIENCE_MS = 15_000
/** Something between us and the server may not wait: it is not asked more often than this. */
const LEAST_MS = 1_000

interface Answer {
  readonly epoch: string
  readonly offset: number
  readonly events: readonly { readonly offset: number; readonly data: unknown }[]
  readonly recovered: boolean
}

/** Hears by asking again and again. Updates, such as progress, do not come this way. */
export class LongPoll extends Line {
  constructor(options: LineOptions) {
    super("poll", options)
  }

  protected override async hear(
    topic: string,
    from: Position,
    signal: AbortSignal,
  ): Promise<never> {
    let at = from
    // The first answer is not waited for: it tells that this way is open.
    for (let isOpen = false; ; isOpen = true) {
      const asked = Date.now()
      const answer = await this.#poll(at, isOpen ? WAIT_SECONDS : 0, signal)
      const continues = goesOn(answer, at)
      if (!isOpen) this.opened(topic, at, continues)
      const end: Position = { epoch: answer.epoch, offset: answer.offset }
      if (continues) {
        for (const { offset, data } of answer.events) this.arrived(topic, data, offset)
        at = { epoch: answer.epoch, offset: answer.events.at(-1)?.offset ?? at.offset }
      } else {
        this.joined(topic, end, false)
        at = end
      }
      if (isOpen && continues && !answer.events.length) await pause(asked + LEAST_MS - Date.now())
    }
  }

  async #poll({ epoch, offset }: Position, wait: number, signal: AbortSignal): Promise<Answer> {
    const query = new URLSearchParams({ epoch, after: String(offset) })
    if (wait) query.set("wait", String(wait))
    const limit = AbortSignal.timeout(wait * 1000 + PATIENCE_MS)
    const response = await this.ask(
      `/events?${query}`,
      "application/json",
      AbortSignal.any([signal, limit]),
    )
    const answer = (await response.json()) as Answer
    signal.throwIfAborted()
    if (!Array.isArray(answer.events)) throw new LineEnded(1, "not an answer")
    return answer
  }
}

/** Whether this is all that follows a position, or its beginning; else the state is to be read
 *  anew. */
function goesOn({ epoch, events, recovered }: Answer, at: Position): boolean {
  return recovered || (epoch === at.epoch && events[0]?.offset === at.offset + 1)
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
