import type { Api } from "./api"
import { Refused } from "./api-error"
import { EVERYTHING, matches, type Filter } from "./jobs-filter"
import { Listing, MAX_LISTED } from "./jobs-listing"
import { BIG_PAGE, readDownTo, type Newest } from "./jobs-reading"
import { KnownJobs } from "./known-jobs"
import { isFinal, readDeletion, readEvent, readUpdate, type Job } from "./protocol"
import { Listeners, type Store } from "./store"

type JobsApi = Pick<Api, "jobs" | "job" | "start" | "cancel" | "repeat">

/** How many are read at a time to show more. */
const PAGE = 30
const SEARCH_AGAIN_MS = 1_000

const NOTHING: Newest = { jobs: [], hasOlder: false }
const RUNNING: Filter = { ...EVERYTHING, state: "running" }

/** The jobs of this page, for as many elements as show them: a list of those that are wanted,
 *  and any others by themselves. It changes by what the feed brings and what the API answers.
 *  Who listens is told when the list changes; who follows a job, when that job does. */
export class JobsStore implements Store {
  readonly list = new Listing()
  readonly #known = new KnownJobs((job, isNew) => this.#changed(job, isNew))
  readonly #listeners = new Listeners()
  #isBegun = false
  /** The reading of the list that counts: another filter makes the last one's answer void. */
  #reading = 0
  #isReading = false
  #failure: unknown
  #isSearching = false

  constructor(private readonly api: JobsApi) {}

  /** Whether the list, or more of it, is being read; and why it could not be. */
  get reading(): { readonly isUnderWay: boolean; readonly failure: unknown } {
    return { isUnderWay: this.#isReading, failure: this.#failure }
  }

  job(id: string): Job | undefined {
    return this.#known.get(id)
  }

  /** Have `listener` called when the list changes; answers with how to stop it. */
  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Have `listener` called when this job changes, and the job kept up to date. */
  follow(id: string, listener: () => void): () => void {
    return this.#known.follow(id, listener)
  }

  /** Take jobs that the page brought with it, beside its list. */
  know(jobs: readonly Job[]): void {
    this.#known.take(jobs, true)
  }

  /** Take the list that the page brought with it: the newest of those that are wanted. */
  begin(jobs: readonly Job[], hasOlder: boolean, filter: Filter = EVERYTHING): void {
    this.#isBegun = true
    this.list.filter = filter
    this.#known.take(jobs, true)
    this.#show(idsOf(jobs), hasOlder)
  }

  /** Read the list, unless the page has brought it. */
  async open(): Promise<void> {
    if (!this.#isBegun) await this.choose(this.list.filter)
  }

  /** Have others in the list. What is known of them is shown until the answer comes. */
  async choose(filter: Filter): Promise<void> {
    this.#isBegun = true
    this.list.filter = filter
    this.list.hold(false)
    this.#show(filter.q ? [] : this.#known.ids((job) => matches(job, filter)), false)
    await this.#readNewest()
  }

  /** Read more of the list, or what could not be read before. */
  async loadOlder(): Promise<void> {
    if (!this.list.hasOlder) return this.#readNewest()
    await this.#ask(async (isWanted) => {
      const { jobs } = await this.api.jobs(PAGE, this.list.last, this.list.filter)
      if (!isWanted()) return
      this.#known.take(jobs)
      this.list.append(this.#left(jobs), jobs.length === PAGE)
    })
  }

  /** Let go of those that are no longer wanted. */
  settle(): void {
    if (this.list.settle()) this.#listeners.tell()
  }

  /** Hold new ones back, since somebody is reading; or show them. */
  hold(isHolding: boolean): void {
    if (this.list.hold(isHolding)) this.#listeners.tell()
  }

  eventArrived(publication: unknown): void {
    const event = readEvent(publication)
    if (event) this.#known.happened(event)
    const deleted = readDeletion(publication)
    if (deleted) this.#forget(deleted)
  }

  updateArrived(publication: unknown): void {
    const update = readUpdate(publication)
    if (update) this.#known.progressed(update)
  }

  /** Read the list anew as far down as anything may have changed, and the jobs beside it. */
  async reload(): Promise<void> {
    const reading = ++this.#reading
    const reach = this.list.reach((id) => this.#mayHaveChanged(id))
    const { jobs, hasOlder } = this.#isBegun
      ? await readDownTo(reach, this.api, this.list.filter)
      : NOTHING
    const listed = new Set(idsOf(jobs))
    const others = this.#known.followed().filter((id) => !listed.has(id))
    const beside = await Promise.all(others.map((id) => this.#ifThere(id)))
    this.#known.take([...jobs, ...beside.flat()], true)
    if (reading !== this.#reading) return
    const last = jobs.at(-1)?.id ?? ""
    // What is older has ended, and stays; unless there is a hole before it.
    const older = hasOlder && last <= reach ? this.list.olderThan(last) : []
    this.#isReading = false
    this.#show([...listed, ...older], older.length ? this.list.hasOlder : hasOlder)
  }

  /** Look how far those are that run: up to a hundred, by one question, and by none if none do. */
  async look(): Promise<void> {
    if (!this.#known.ids(({ state }) => state === "running").length) return
    const { jobs } = await this.api.jobs(BIG_PAGE, "", RUNNING)
    // Others come with their events, or when the list is read as far.
    this.#known.take(jobs.filter(({ id }) => this.job(id)))
  }

  async need(id: string): Promise<void> {
    if (!this.job(id)) await this.fetch(id)
  }

  /** Read one job whole, with its arguments and its result. */
  async fetch(id: string): Promise<void> {
    this.#known.take([await this.api.job(id)])
  }

  async start(kind: string, parameters: Readonly<Record<string, unknown>>): Promise<Job> {
    return this.#taken(await this.api.start(kind, parameters))
  }

  async repeat(id: string): Promise<Job> {
    return this.#taken(await this.api.repeat(id))
  }

  async cancel(id: string): Promise<void> {
    this.#taken(await this.api.cancel(id))
  }

  #readNewest(): Promise<void> {
    return this.#ask(async (isWanted) => {
      const { jobs } = await this.api.jobs(PAGE, "", this.list.filter)
      if (!isWanted()) return
      this.#known.take(jobs)
      const newer = this.list.newerThan(jobs[0]?.id ?? "~")
      this.#show([...newer, ...idsOf(jobs)], jobs.length === PAGE)
    })
  }

  /** Read something for the list; `isWanted` tells whether the answer still counts. */
  async #ask(readAndApply: (isWanted: () => boolean) => Promise<void>): Promise<void> {
    const reading = ++this.#reading
    const isWanted = () => reading === this.#reading
    this.#isReading = true
    this.#failure = undefined
    this.#listeners.tell()
    await readAndApply(isWanted).catch((error: unknown) => {
      if (isWanted()) this.#failure = error
    })
    if (isWanted()) this.#isReading = false
    this.#listeners.tell()
  }

  /** Read a job that may have been deleted while nobody told this page. */
  async #ifThere(id: string): Promise<Job[]> {
    return this.api.job(id).then(
      (job) => [job],
      (error: unknown) => {
        if (!(error instanceof Refused) || error.status !== 404) throw error
        this.#forget(id)
        return []
      },
    )
  }

  /** Ask the server which of the new ones are found, once for all of a burst. */
  async #searchAgain(): Promise<void> {
    if (this.#isSearching) return
    this.#isSearching = true
    await new Promise((resolve) => setTimeout(resolve, SEARCH_AGAIN_MS))
    this.#isSearching = false
    const { filter } = this.list
    const { jobs } = await this.api.jobs(PAGE, "", filter).catch(() => ({ jobs: [] }))
    if (filter !== this.list.filter) return
    this.#known.take(jobs)
    if (this.#left(jobs).filter((id) => this.list.arrive(id)).length) this.#listeners.tell()
  }

  #mayHaveChanged(id: string): boolean {
    const job = this.job(id)
    return this.#known.isFollowed(id) || (job !== undefined && !isFinal(job))
  }

  #show(ids: readonly string[], hasOlder: boolean): void {
    const known = ids.filter((id) => this.job(id))
    this.list.replace(known, hasOlder)
    this.#listeners.tell()
  }

  #left(jobs: readonly Job[]): string[] {
    return idsOf(jobs).filter((id) => !this.#known.isDeleted(id))
  }

  #taken(job: Job): Job {
    this.#known.take([job])
    return job
  }

  #changed(job: Job, isNew: boolean): void {
    if (!this.#isBegun) return
    const { filter } = this.list
    if (isNew && filter.q && matches(job, filter)) void this.#searchAgain()
    if (this.list.place(job)) this.#listeners.tell()
    // A tenth more than the list may have, so that this is rare.
    if (this.#known.size > MAX_LISTED * 1.1) this.#known.prune((id) => this.list.has(id))
  }

  #forget(id: string): void {
    if (!this.#known.delete(id)) return
    this.list.remove(id)
    this.#listeners.tell()
  }
}

function idsOf(jobs: readonly Job[]): string[] {
  return jobs.map(({ id }) => id)
}
