import { fetched, happened, progressed, read, type Known } from "./job-changes"
import type { Job, JobEvent, JobUpdate } from "./protocol"

const MAX_DELETED = 1_000

/** Every job that this page has heard of, and who follows which of them. */
export class KnownJobs {
  readonly #all = new Map<string, Known>()
  readonly #followers = new Map<string, Set<() => void>>()
  /** Jobs that were deleted: an answer that was read before brings none of them back. */
  readonly #deleted = new Set<string>()

  /** `changed` is told of each job that is new or has changed. */
  constructor(private readonly changed: (job: Job, isNew: boolean) => void) {}

  get size(): number {
    return this.#all.size
  }

  get(id: string): Job | undefined {
    return this.#all.get(id)?.job
  }

  ids(where: (job: Job) => boolean): string[] {
    return [...this.#all.values()].filter(({ job }) => where(job)).map(({ job }) => job.id)
  }

  isDeleted(id: string): boolean {
    return this.#deleted.has(id)
  }

  happened(event: JobEvent): void {
    this.#put(event.job.id, happened(this.#all.get(event.job.id), event))
  }

  progressed(update: JobUpdate): void {
    const old = this.#all.get(update.job.id)
    if (old) this.#put(update.job.id, progressed(old, update))
  }

  /** Take answers of the API; `isAnew`: they are right where they differ from what is known. */
  take(jobs: readonly Job[], isAnew = false): void {
    const change = isAnew ? read : fetched
    for (const job of jobs)
      if (!this.#deleted.has(job.id)) this.#put(job.id, change(this.#all.get(job.id), job))
  }

  /** A job was deleted; answers whether it was known. */
  delete(id: string): boolean {
    this.#deleted.add(id)
    if (this.#deleted.size > MAX_DELETED) this.#deleted.delete([...this.#deleted][0] ?? "")
    const wasKnown = this.#all.delete(id)
    if (wasKnown) this.#tell(id)
    return wasKnown
  }

  /** Forget those that nobody follows and that are not `needed`. */
  prune(needed: (id: string) => boolean): void {
    for (const id of this.#all.keys())
      if (!this.#followers.has(id) && !needed(id)) this.#all.delete(id)
  }

  /** Have `listener` called when this job changes; answers with how to stop it. */
  follow(id: string, listener: () => void): () => void {
    const listeners = this.#followers.get(id) ?? new Set()
    this.#followers.set(id, listeners.add(listener))
    return () => {
      listeners.delete(listener)
      if (!listeners.size && this.#followers.get(id) === listeners) this.#followers.delete(id)
    }
  }

  isFollowed(id: string): boolean {
    return this.#followers.has(id)
  }

  followed(): string[] {
    return [...this.#followers.keys()]
  }

  #put(id: string, known: Known): void {
    const old = this.#all.get(id)
    if (known === old) return
    this.#all.set(id, known)
    this.#tell(id)
    this.changed(known.job, !old)
  }

  #tell(id: string): void {
    for (const listener of [...(this.#followers.get(id) ?? [])]) listener()
  }
}
