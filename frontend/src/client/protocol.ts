/** What travels, as the server writes it. Types and fields that are not known here are let
 *  pass, so that a page of one release may listen to a server of the next. */

export type JobState = "queued" | "running" | "retrying" | "succeeded" | "failed" | "cancelled"

/** `rate` is per second, `eta` in seconds; null where it cannot be told. */
export interface Progress {
  readonly current: number
  readonly total: number | null
  readonly message: string
  readonly rate: number | null
  readonly eta: number | null
}

export interface FileLink {
  readonly id: string
  readonly name: string
  readonly content_type: string
  readonly size: number
  readonly url: string
}

/** A job as events carry it; what is optional comes from the API only. `expected_wait`: in how
 *  many seconds one that waits may start, null where nobody can tell. */
export interface Job {
  readonly id: string
  readonly kind: string
  /** What the job itself says it is about; its kind is said where there is none. */
  readonly name?: string
  readonly state: JobState
  readonly attempt: number
  readonly max_attempts: number
  readonly progress: Progress | null
  readonly error: string
  readonly cancel_requested: boolean
  readonly queued_at: string
  readonly started_at: string | null
  readonly finished_at: string | null
  readonly expected_wait?: number | null
  readonly arguments?: Readonly<Record<string, unknown>>
  readonly result?: unknown
  readonly files?: readonly FileLink[]
}

/** Something that happened to a job; it is kept and has an offset. */
export interface JobEvent {
  readonly type: string
  readonly job: Job
}

/** How far a job is; it is not kept, and the newest `(attempt, n)` wins. */
export interface JobUpdate {
  readonly job: Job
  readonly n: number
}

const EVENT_TYPES: ReadonlySet<string> = new Set([
  "job.queued",
  "job.started",
  "job.retrying",
  "job.succeeded",
  "job.failed",
  "job.cancelled",
  "job.cancel_requested",
])

const FINAL_STATES: ReadonlySet<JobState> = new Set<JobState>(["succeeded", "failed", "cancelled"])

export function isFinal(job: Job): boolean {
  return FINAL_STATES.has(job.state)
}

/** Whether a job's result is still to be read. */
export function lacksResult(job: Job): boolean {
  return job.state === "succeeded" && job.result === undefined
}

/** Read a publication that has an offset; undefined for a type that is not known here. */
export function readEvent(publication: unknown): JobEvent | undefined {
  if (!isRecord(publication) || !isJob(publication["job"])) return undefined
  const type = publication["type"]
  return typeof type === "string" && EVENT_TYPES.has(type)
    ? { type, job: publication["job"] }
    : undefined
}

/** Read which job was deleted; undefined if the publication tells of anything else. */
export function readDeletion(publication: unknown): string | undefined {
  if (!isRecord(publication) || publication["type"] !== "job.deleted") return undefined
  const { job } = publication
  return isRecord(job) && typeof job["id"] === "string" ? job["id"] : undefined
}

/** Read a publication without an offset; undefined for a type that is not known here. */
export function readUpdate(publication: unknown): JobUpdate | undefined {
  if (!isRecord(publication) || publication["type"] !== "job.progressed") return undefined
  const { job, n } = publication
  return isJob(job) && typeof n === "number" ? { job, n } : undefined
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

export function isJob(value: unknown): value is Job {
  return isRecord(value) && typeof value["id"] === "string" && typeof value["state"] === "string"
}

/** A result is data that a job made: an address in it must not lead to a script or elsewhere. */
export function isLocal(url: unknown): url is string {
  return (
    typeof url === "string" && url.startsWith("/") && !url.startsWith("//") && !url.includes("\\")
  )
}
