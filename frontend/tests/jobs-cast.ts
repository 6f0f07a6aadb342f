/** What the tests of lists of jobs share: a page with a list, and the server that it asks. */

import { Refused } from "../src/client/api-error"
import { EVERYTHING, type Filter } from "../src/client/jobs-filter"
import { JobsStore } from "../src/client/jobs-store"
import type { Job } from "../src/client/protocol"
import { job } from "./cast"

export class JobsPage {
  /** What the server has. */
  rows: Job[] = []
  /** What it was asked for: a list by "list", a job by its id. */
  readonly asked: string[] = []
  trouble: Error | undefined
  readonly store: JobsStore

  constructor() {
    const never = () => Promise.reject(new Error("not asked for"))
    const { list, one } = this
    this.store = new JobsStore({ jobs: list, job: one, start: never, cancel: never, repeat: never })
  }

  get shown(): string[] {
    return this.store.list.blocks.flatMap(({ ids }) => ids)
  }

  /** Hear an event that carries a job. */
  arrive(arrived: Job, type = `job.${arrived.state}`): void {
    this.store.eventArrived({ v: 1, type, job: arrived })
  }

  /** Hear that a job was deleted. */
  lose(id: string): void {
    this.store.eventArrived({ v: 1, type: "job.deleted", job: { id } })
  }

  readonly list = (limit: number, before = "", wanted: Filter = EVERYTHING) => {
    this.asked.push(`list ${limit} ${before}`.trim())
    if (this.trouble) return Promise.reject(this.trouble)
    const found = this.rows
      .filter(
        ({ id, state }) => (!before || id < before) && (!wanted.state || state === wanted.state),
      )
      .sort((one, other) => (one.id < other.id ? 1 : -1))
    return Promise.resolve({ jobs: found.slice(0, limit) })
  }

  readonly one = (id: string) => {
    this.asked.push(id)
    const found = this.rows.find((row) => row.id === id)
    return found
      ? Promise.resolve(found)
      : Promise.reject(new Refused(404, "not_found", "There is nothing here."))
  }
}

export const named = (n: number): string => `0199-${String(n).padStart(5, "0")}`
export const some = (count: number, changes: Partial<Job> = {}): Job[] =>
  Array.from({ length: count }, (_, n) => job({ id: named(n), state: "succeeded", ...changes }))
