/** How one job changes by what arrives about it. Pure: what was known + message = what is. */

import { isFinal, type Job, type JobEvent, type JobUpdate, type Progress } from "./protocol"

/** A job, and which update of which attempt was the newest that was shown. */
export interface Known {
  readonly job: Job
  readonly mark?: { readonly attempt: number; readonly n: number }
}

/** An event came; the feed has seen to its order. What has ended stays as it ended. */
export function happened(old: Known | undefined, { job }: JobEvent): Known {
  if (old && isFinal(old.job)) return old
  return { ...old, job: withDetails({ ...job, progress: furthest(job, old?.job) }, old?.job) }
}

/** An update came, perhaps late or twice. */
export function progressed(old: Known, { job, n }: JobUpdate): Known {
  const { attempt } = job
  if (isFinal(old.job) || attempt < old.job.attempt) return old
  const { mark } = old
  if (mark && (attempt < mark.attempt || (attempt === mark.attempt && n <= mark.n))) return old
  const shown = { ...old.job, state: job.state, attempt, progress: job.progress }
  return { job: shown, mark: { attempt, n } }
}

/** It was read at another moment than the events that are applied here. */
export function fetched(old: Known | undefined, job: Job): Known {
  if (old && rank(old.job) > rank(job)) return { ...old, job: withDetails(old.job, job) }
  return read(old, job)
}

/** It was read anew, because what was known here may be wrong. */
export function read(old: Known | undefined, job: Job): Known {
  return { ...old, job: withDetails(job, old?.job) }
}

/** How far a job is in its life; two answers of the API are compared by it. */
function rank(job: Job): number {
  if (isFinal(job)) return Number.MAX_SAFE_INTEGER
  return job.attempt * 4 + { queued: 0, running: 1, retrying: 2 }[job.state as LiveState]
}

type LiveState = "queued" | "running" | "retrying"

/** Events carry the row's progress, which may be a second behind the last update. */
function furthest(job: Job, old: Job | undefined): Progress | null {
  const isSameAttempt =
    old?.state === "running" && job.state === "running" && old.attempt === job.attempt
  if (!isSameAttempt || !old.progress) return job.progress
  return old.progress.current >= (job.progress?.current ?? 0) ? old.progress : job.progress
}

/** Events carry no arguments, result or files: keep what was read, while it still holds. */
function withDetails(job: Job, other: Job | undefined): Job {
  if (!other) return job
  const parameters = job.arguments ?? other.arguments
  const withArguments = parameters ? { ...job, arguments: parameters } : job
  if (job.result !== undefined || other.result === undefined || other.state !== job.state)
    return withArguments
  return { ...withArguments, result: other.result, ...(other.files ? { files: other.files } : {}) }
}
