/** A place in a topic's history, and what may be applied at it. Pure. */

export interface Position {
  readonly epoch: string
  readonly offset: number
}

/** Positions by topic. */
export type Positions = Readonly<Record<string, Position>>

/** What the server said when it subscribed this connection to a topic. */
export interface Joined {
  readonly wasRecovering: boolean
  readonly recovered: boolean
  readonly streamPosition?: Position
}

export type Verdict = "apply" | "drop" | "reload"

/** Judge an event at `offset` of the history `epoch` by what is applied already. The SDK
 *  neither drops what comes twice nor notices what is missing. */
export function judge(applied: Position, epoch: string, offset: number): Verdict {
  if (epoch !== applied.epoch) return "reload"
  if (offset <= applied.offset) return "drop"
  return offset === applied.offset + 1 ? "apply" : "reload"
}

/** Tell whether everything after `applied` will reach this connection: the missed events
 *  follow (the server names the offset that they follow on), or there are none. */
export function meets(applied: Position | undefined, joined: Joined): boolean {
  const start = joined.streamPosition
  if (!applied || !start || start.epoch !== applied.epoch) return false
  if (joined.recovered) return start.offset <= applied.offset
  return !joined.wasRecovering && start.offset === applied.offset
}
