import type { Api } from "./api"
import { Refused } from "./api-error"
import * as state from "./jobs-state"
import { readDeletion, readEvent, readUpdate, type Job } from "./protocol"
import { Listeners, type Store } from "./store"

type JobsApi = Pick<Api, "jobs" | "job" | "start" | "cancel" | "repeat">

const PAGE = 30

/** The jobs of this page, for as many elements as show them. It changes by what the feed
 *  brings and by what the API answers, and tells its listeners after each change. */
export class JobsStore implements Store {
  #state = state.NOTHING
  readonly #listeners = new Listeners()
  readonly #watched = new Set<string>()

  constructor(private readonly api: JobsApi) {}

  get jobs(): Job[] {
    return state.newestFirst(this.#state)
  }

  get hasOlder(): boolean {
    return this.#state.hasOlder
  }

  job(id: string): Job | undefined {
    return this.#state.jobs.get(id)
  }

  /** Have `listener` called after each change; answers with how to stop it. */
  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Take what the page brought with it. */
  begin(jobs: readonly Job[], hasOlder: boolean): void {
    this.#become(state.listed(this.#state, jobs, hasOlder))
  }

  eventArrived(publication: unknown): void {
    const event = readEvent(publication)
    if (event) this.#become(state.happened(this.#state, event))
    const deleted = readDeletion(publication)
    if (deleted) this.#forget(deleted)
  }

  updateArrived(publication: unknown): void {
    const update = readUpdate(publication)
    if (update) this.#become(state.progressed(this.#state, update))
  }

  /** Read the list anew, and the jobs that are shown beside it. */
  async reload(): Promise<void> {
    const { jobs } = await this.api.jobs(PAGE)
    const listed = new Set(jobs.map(({ id }) => id))
    const others = [...this.#watched].filter((id) => !listed.has(id))
    const beside = await Promise.all(others.map((id) => this.#ifThere(id)))
    const fresh = state.listed(this.#state, jobs, jobs.length === PAGE)
    this.#become(state.fetched(fresh, beside.flat()))
  }

  async loadOlder(): Promise<void> {
    const { jobs } = await this.api.jobs(PAGE, this.jobs.at(-1)?.id)
    this.#become(state.fetched(this.#state, jobs, jobs.length === PAGE))
  }

  /** Have a job known here, and kept known when the list is read anew. */
  async watch(id: string): Promise<void> {
    this.#watched.add(id)
    if (!this.job(id)) await this.fetch(id)
  }

  /** Read one job whole, with its arguments and its result. */
  async fetch(id: string): Promise<void> {
    this.#take(await this.api.job(id))
  }

  async start(kind: string, parameters: Readonly<Record<string, unknown>>): Promise<Job> {
    return this.#take(await this.api.start(kind, parameters))
  }

  async repeat(id: string): Promise<Job> {
    return this.#take(await this.api.repeat(id))
  }

  async cancel(id: string): Promise<void> {
    this.#take(await this.api.cancel(id))
  }

  /** Read a job that may have been deleted while nobody told this page. */
  async #ifThere(id: string): Promise<Job[]> {
    try {
      return [await this.api.job(id)]
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 404) throw error
      this.#forget(id)
      return []
    }
  }

  #forget(id: string): void {
    this.#watched.delete(id)
    this.#become(state.removed(this.#state, id))
  }

  #take(job: Job): Job {
    this.#become(state.fetched(this.#state, [job]))
    return job
  }

  #become(next: state.JobsState): void {
    if (next === this.#state) return
    this.#state = next
    this.#listeners.tell()
  }
}

/** Whether a job's result is still to be read. */
export function lacksResult(job: Job): boolean {
  return job.state === "succeeded" && job.result === undefined
}
