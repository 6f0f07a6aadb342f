/** What the platform's processes tell staff, as docs/operations.md has it. Pure. */

import { isRecord } from "./protocol"

/** In milliseconds; null until something was measured. */
export interface Quantiles {
  readonly p50: number | null
  readonly p99: number | null
}

/** An event's way from the transaction's end to the screen, and the stages of it in their order. */
export const STAGES = [
  "commit_to_publish",
  "publish_to_write",
  "write_to_receive",
  "receive_to_show",
] as const
export type Stage = (typeof STAGES)[number] | "commit_to_screen"

/** `n`: when it was told, in milliseconds since 1970 by the server's clock. */
export interface Told {
  readonly type: string
  readonly n: number
}

export interface WebReport extends Told {
  readonly process: string
  readonly draining: boolean
  readonly sockets: number
  /** Absent from servers of an older release. */
  readonly streams?: number
  readonly long_polls?: number
  readonly topics: number
  readonly events_per_second: number
  readonly updates_per_second: number
  readonly requests_per_second: number
  readonly loop_delay_ms: number | null
  readonly hints_dropped: number
  readonly latency: Readonly<Record<Stage, Quantiles>>
}

export interface WorkerReport extends Told {
  readonly worker: string
  readonly queues: readonly string[]
  readonly children: number
  readonly running_count: number
  readonly running?: readonly RunningJob[]
  readonly settled_per_minute: number
}

export interface RunningJob {
  readonly job: string
  readonly kind: string
  readonly seconds: number
}

export interface QueueFigures {
  readonly queue: string
  readonly waiting: number
  readonly later: number
  readonly retrying: number
  readonly running: number
  readonly at_least: boolean
  readonly oldest_seconds: number | null
  readonly pace_per_minute: number
  readonly failed_per_hour: number
}

export interface Failure {
  readonly job: string
  readonly kind: string
  readonly error: string
  readonly at: string
}

export interface QueuesReport extends Told {
  readonly queues: readonly QueueFigures[]
  readonly failures?: readonly Failure[]
}

export interface Schedule {
  readonly name: string
  readonly kind: string
  readonly when: string
  readonly enabled: boolean
  readonly next: readonly (string | null)[]
  readonly problem: string
}

export type Report = WebReport | WorkerReport | QueuesReport

/** The answer of `GET /api/ops`. */
export interface Snapshot {
  readonly at: string
  readonly web: readonly WebReport[]
  readonly workers: readonly WorkerReport[]
  readonly queues: readonly QueueFigures[]
  readonly failures: readonly Failure[]
  readonly schedules: readonly Schedule[]
  /** What kinds are called, in the page's language; absent from servers of an older release. */
  readonly names?: Readonly<Record<string, string>>
  readonly history: Readonly<Record<string, readonly Report[]>>
}

const NAMES: Readonly<Record<string, (report: Record<string, unknown>) => unknown>> = {
  "ops.web": ({ process }) => typeof process === "string" && `web:${process}`,
  "ops.worker": ({ worker }) => typeof worker === "string" && `worker:${worker}`,
  "ops.queues": ({ queues }) => Array.isArray(queues) && "queues",
}

/** Read a publication: who tells, and what; undefined for a type that is not known here. */
export function readReport(publication: unknown): readonly [string, Report] | undefined {
  if (!isRecord(publication) || typeof publication["n"] !== "number") return undefined
  const key = NAMES[String(publication["type"])]?.(publication)
  return typeof key === "string" ? [key, publication as unknown as Report] : undefined
}
