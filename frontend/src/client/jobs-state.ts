/** What this page knows of jobs, and how each message changes it. Pure: old state + message
 *  = new state. */

import { isFinal, type Job, type JobEvent, type JobUpdate, type Progress } from "./protocol"

/** The newest update that was shown of a job's attempt. */
interface Mark {
  readonly attempt: number
  readonly n: number
}

export interface JobsState {
  readonly jobs: ReadonlyMap<string, Job>
  readonly marks: ReadonlyMap<string, Mark>
  /** Jobs that were deleted: an answer that was read before brings none of them back. */
  readonly deleted: ReadonlySet<string>
  /** Whether the server has older jobs than those that are known here. */
  readonly hasOlder: boolean
}

export const NOTHING: JobsState = {
  jobs: new Map(),
  marks: new Map(),
  deleted: new Set(),
  hasOlder: false,
}

/** The jobs, newest first: an id begins with the time of its making. */
export function newestFirst({ jobs }: JobsState): Job[] {
  return [...jobs.values()].sort((one, other) => (one.id < other.id ? 1 : -1))
}

/** The whole list was read anew. */
export function listed(state: JobsState, jobs: readonly Job[], hasOlder: boolean): JobsState {
  const known = left(state, jobs).map(
    (job) => [job.id, withDetails(job, state.jobs.get(job.id))] as const,
  )
  return { ...state, jobs: new Map(known), hasOlder }
}

/** Jobs were read at another moment than the events that are applied here. */
export function fetched(
  state: JobsState,
  jobs: readonly Job[],
  hasOlder = state.hasOlder,
): JobsState {
  const known = new Map(state.jobs)
  for (const job of left(state, jobs)) {
    const old = known.get(job.id)
    known.set(job.id, old && rank(old) > rank(job) ? withDetails(old, job) : withDetails(job, old))
  }
  return { ...state, jobs: known, hasOlder }
}

/** An event came; the feed has seen to its order. What has ended stays as it ended. */
export function happened(state: JobsState, { job }: JobEvent): JobsState {
  const old = state.jobs.get(job.id)
  if (old && isFinal(old)) return state
  const shown = { ...job, progress: furthest(job, old) }
  return { ...state, jobs: new Map(state.jobs).set(job.id, withDetails(shown, old)) }
}

/** An update came, perhaps late or twice. */
export function progressed(state: JobsState, { job, n }: JobUpdate): JobsState {
  const old = state.jobs.get(job.id)
  const mark = state.marks.get(job.id)
  const { attempt } = job
  if (!old || isFinal(old) || attempt < old.attempt) return state
  if (mark && (attempt < mark.attempt || (attempt === mark.attempt && n <= mark.n))) return state
  const shown = { ...old, state: job.state, attempt, progress: job.progress }
  return {
    ...state,
    jobs: new Map(state.jobs).set(job.id, shown),
    marks: new Map(state.marks).set(job.id, { attempt, n }),
  }
}

/** A job was deleted: it is shown no more. */
export function removed(state: JobsState, id: string): JobsState {
  const [jobs, marks] = [new Map(state.jobs), new Map(state.marks)]
  jobs.delete(id)
  marks.delete(id)
  return { ...state, jobs, marks, deleted: new Set(state.deleted).add(id) }
}

function left({ deleted }: JobsState, jobs: readonly Job[]): readonly Job[] {
  return jobs.filter(({ id }) => !deleted.has(id))
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
