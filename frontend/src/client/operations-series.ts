/** Lines of a chart, out of what was told: one value for each two seconds of ten minutes. Pure. */

import type { QueueFigures, QueuesReport, Report, Stage, WebReport } from "./operations-reports"
import { servers, type Operations, type Teller } from "./operations-state"

const STEP_MS = 2_000
export const POINTS = 300
/** A value counts for so many steps, unless a newer one comes: after that its process is silent. */
const HOLDS = 5

export type Value = number | null

export interface Line {
  readonly name: string
  readonly values: readonly Value[]
}

/** The charts' time, in seconds since 1970: ten minutes up to the newest report. */
export function timesOf({ tellers }: Operations): number[] {
  const newest = Math.max(...[...tellers.values()].map(({ last }) => last.n), 0)
  const end = Math.floor(newest / STEP_MS)
  return Array.from({ length: POINTS }, (_, slot) => ((end - POINTS + 1 + slot) * STEP_MS) / 1000)
}

/** One line for each of the first `most` queues that are told of now. */
export function byQueue(
  state: Operations,
  times: readonly number[],
  pick: (queue: QueueFigures) => number,
  most: number,
): Line[] {
  const past = state.tellers.get("queues")?.past ?? []
  return state.queues.slice(0, most).map(({ queue: name }) => {
    const of = (report: Report) =>
      (report as QueuesReport).queues.find(({ queue }) => queue === name)
    const value = (report: Report) => {
      const found = of(report)
      return found ? pick(found) : null
    }
    return { name, values: held(past, times, value) }
  })
}

/** What all servers have together. */
export function inAll(
  state: Operations,
  times: readonly number[],
  pick: (server: WebReport) => number,
): Value[] {
  return joined(servers(state), times, pick, (one, other) => one + other)
}

/** What the slowest server has: quantiles cannot be added up. */
export function slowest(
  state: Operations,
  times: readonly number[],
  stage: Stage,
  quantile: "p50" | "p99",
): Value[] {
  const pick = ({ latency }: WebReport) => latency[stage]?.[quantile] ?? null
  return joined(servers(state), times, pick, Math.max)
}

/** The present value, and the least and the greatest; undefined for a line without any. */
export function extent(values: readonly Value[]) {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return undefined
  return { now: values.at(-1) ?? null, least: Math.min(...known), most: Math.max(...known) }
}

function joined(
  tellers: readonly Teller[],
  times: readonly number[],
  pick: (server: WebReport) => Value,
  join: (one: number, other: number) => number,
): Value[] {
  const lines = tellers.map(({ past }) => held(past, times, (each) => pick(each as WebReport)))
  return times.map((_, slot) =>
    lines
      .map((line) => line[slot] ?? null)
      .reduce(
        (one, other) => (one === null || other === null ? (one ?? other) : join(one, other)),
        null,
      ),
  )
}

/** Put reports, oldest first, into the charts' time. */
function held(
  past: readonly Report[],
  times: readonly number[],
  value: (report: Report) => Value,
): Value[] {
  const values: Value[] = times.map(() => null)
  const first = ((times[0] ?? 0) * 1000) / STEP_MS
  for (const report of past) {
    const slot = Math.floor(report.n / STEP_MS) - first
    const found = value(report)
    for (let next = Math.max(0, slot); next <= slot + HOLDS && next < values.length; next++)
      values[next] = found
  }
  return values
}
