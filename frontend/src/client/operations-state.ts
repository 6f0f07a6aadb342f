/** How the platform is doing, as far as a page was told. Pure: old state + report = new state. */

import type {
  Failure,
  QueueFigures,
  QueuesReport,
  Report,
  Schedule,
  Snapshot,
  WebReport,
  WorkerReport,
} from "./operations-reports"

/** So long a report is remembered, in milliseconds, and so many of one that tells. */
export const KEPT_MS = 600_000
export const KEPT = 300
/** As many that tell are followed. */
export const MAX_KEYS = 100
/** Who has told nothing for so long, in milliseconds, is silent. */
export const SILENT_MS = 10_000

/** One that tells: a process, or the queues. `heard` is by this page's clock. */
export interface Teller {
  readonly last: Report
  readonly heard: number
  readonly past: readonly Report[]
}

export interface Operations {
  readonly tellers: ReadonlyMap<string, Teller>
  readonly queues: readonly QueueFigures[]
  readonly failures: readonly Failure[]
  readonly schedules: readonly Schedule[]
  readonly names: Readonly<Record<string, string>>
}

/** Begin with what the server knew when it was asked, which is `now` by this page's clock. */
export function begin(snapshot: Snapshot, now: number): Operations {
  const asked = Date.parse(snapshot.at)
  const tellers = new Map<string, Teller>()
  const keep = (key: string, last: Report) =>
    tellers.set(key, {
      last,
      heard: now - Math.max(0, asked - last.n),
      past: bounded(snapshot.history[key] ?? [last], last.n),
    })
  for (const each of snapshot.web) keep(`web:${each.process}`, each)
  for (const each of snapshot.workers) keep(`worker:${each.worker}`, each)
  const { queues, failures, schedules, names = {} } = snapshot
  const told = snapshot.history["queues"]?.at(-1)
  keep("queues", { ...told, type: "ops.queues", n: told?.n ?? asked, queues, failures })
  return { tellers: bound(tellers, now), queues, failures, schedules, names }
}

/** Take in what was just told; what is not newer changes nothing. */
export function take(state: Operations, key: string, report: Report, now: number): Operations {
  const known = state.tellers.get(key)
  if (known && report.n <= known.last.n) return state
  const past = bounded([...(known?.past ?? []), report], report.n)
  const tellers = bound(new Map(state.tellers).set(key, { last: report, heard: now, past }), now)
  if (key !== "queues") return { ...state, tellers }
  const { queues, failures } = report as QueuesReport
  return { ...state, tellers, queues, failures: failures ?? state.failures }
}

/** For how long one has told nothing, in milliseconds; 0 for what is usual. */
export function silence({ heard }: Teller, now: number): number {
  return now - heard > SILENT_MS ? now - heard : 0
}

export function servers({ tellers }: Operations): Teller[] {
  return named(tellers, "web:")
}

export function workers({ tellers }: Operations): Teller[] {
  return named(tellers, "worker:")
}

export function asWeb({ last }: Teller): WebReport {
  return last as WebReport
}

export function asWorker({ last }: Teller): WorkerReport {
  return last as WorkerReport
}

function named(tellers: ReadonlyMap<string, Teller>, kind: string): Teller[] {
  const found = [...tellers].filter(([key]) => key.startsWith(kind))
  return found.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, teller]) => teller)
}

function bounded(reports: readonly Report[], newest: number): readonly Report[] {
  return reports.slice(-KEPT).filter(({ n }) => n > newest - KEPT_MS)
}

/** Forget who is gone for good and, of too many, who was heard longest ago. */
function bound(tellers: ReadonlyMap<string, Teller>, now: number): ReadonlyMap<string, Teller> {
  const known = [...tellers].filter(([, { heard }]) => now - heard < KEPT_MS)
  if (known.length <= MAX_KEYS) return new Map(known)
  return new Map(known.sort(([, one], [, other]) => other.heard - one.heard).slice(0, MAX_KEYS))
}
