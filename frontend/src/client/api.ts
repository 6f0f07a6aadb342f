import { Refused, SignedOut, Unreachable } from "./api-error"
import { EVERYTHING, queryOf, type Filter } from "./jobs-filter"
import { isJob, isRecord, type FileLink, type Job } from "./protocol"
import type { Positions } from "./position"
import { gettext } from "./translation"

export interface Upload extends FileLink {
  readonly received: number
}

export interface JobPage {
  readonly jobs: readonly Job[]
}

export interface ApiOptions {
  /** Where the API is, without a slash at the end. */
  readonly base: string
  /** Answers with the token that unsafe requests must carry. */
  readonly csrf: () => string
  readonly fetch?: typeof fetch
}

const TIMEOUT_MS = 15_000
const PART_TIMEOUT_MS = 60_000
const senseless = () =>
  new Unreachable(gettext("The server's answer makes no sense here. Try again."))

/** The HTTP API in calls. Every call rejects with a RequestFailed, and with nothing else. */
export class Api {
  readonly #base: string
  readonly #csrf: () => string
  readonly #fetch: typeof fetch

  constructor({ base, csrf, fetch: send = (input, init) => fetch(input, init) }: ApiOptions) {
    this.#base = base
    this.#csrf = csrf
    this.#fetch = send
  }

  /** Send a request of any part of the API, with a body as JSON; gives the answer's. */
  ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    if (body === undefined) return this.#send(method, path, {})
    const headers = { "Content-Type": "application/json" }
    return this.#send(method, path, { body: JSON.stringify(body), headers })
  }

  /** Where the person's own topic is now. */
  async positions(): Promise<Positions> {
    const { position } = await this.ask<WhoBody>("GET", "/me")
    const { topic, epoch, offset } = position
    return { [topic]: { epoch, offset } }
  }

  /** The newest of the jobs that are wanted, or those before the job `before`, newest first. */
  async jobs(limit: number, before = "", wanted: Filter = EVERYTHING): Promise<JobPage> {
    const query = new URLSearchParams([["limit", String(limit)], ...queryOf(wanted)])
    if (before) query.set("before", before)
    const { jobs } = await this.ask<JobPage>("GET", `/jobs?${query}`)
    if (!Array.isArray(jobs) || !jobs.every(isJob)) throw senseless()
    return { jobs }
  }

  job(id: string): Promise<Job> {
    return this.#job("GET", `/jobs/${encodeURIComponent(id)}`)
  }

  start(kind: string, parameters: Readonly<Record<string, unknown>>): Promise<Job> {
    return this.#job("POST", "/jobs", { kind, arguments: parameters })
  }

  cancel(id: string): Promise<Job> {
    return this.#job("POST", `/jobs/${encodeURIComponent(id)}/cancel`)
  }

  /** Ask for a finished job once more, with the arguments it had; answers with the new one. */
  repeat(id: string): Promise<Job> {
    return this.#job("POST", `/jobs/${encodeURIComponent(id)}/repeat`)
  }

  /** Have the server make sample input; answers with the arguments of a job on it. */
  async sample(kind: string): Promise<Readonly<Record<string, unknown>>> {
    const body = await this.ask<SampleBody>("POST", `/samples/${encodeURIComponent(kind)}`)
    return body.arguments
  }

  startUpload(name: string, contentType: string, size: number): Promise<Upload> {
    return this.ask("POST", "/files", { name, content_type: contentType, size })
  }

  file(id: string): Promise<Upload> {
    return this.ask("GET", `/files/${encodeURIComponent(id)}`)
  }

  /** Hand over the bytes from `offset` on; answers with how many the server has now. */
  async writePart(id: string, offset: number, part: Blob, signal?: AbortSignal): Promise<number> {
    const address = `/files/${encodeURIComponent(id)}?offset=${offset}`
    const { received } = await this.#send<{ received: number }>("PUT", address, {
      body: part,
      headers: { "Content-Type": "application/octet-stream" },
      signal: withTimeout(PART_TIMEOUT_MS, signal),
    })
    return received
  }

  /** A proxy, or a server of another kind, may answer anything at all. */
  async #job(method: string, path: string, body?: unknown): Promise<Job> {
    const answer = await this.ask<unknown>(method, path, body)
    if (!isJob(answer)) throw senseless()
    return answer
  }

  async #send<Body>(method: string, path: string, init: RequestInit): Promise<Body> {
    const headers = { Accept: "application/json", "X-CSRFToken": this.#csrf(), ...init.headers }
    const signal = init.signal ?? withTimeout(TIMEOUT_MS)
    const request = { ...init, method, headers, signal, credentials: "same-origin" as const }
    const response = await this.#fetch(this.#base + path, request).catch(unreachable)
    const isEmpty = response.status === 204
    const answer: unknown = isEmpty ? {} : await response.json().catch(() => undefined)
    if (!response.ok) throw refusal(response.status, answer)
    if (!isRecord(answer))
      throw new Unreachable(gettext("The server's answer was cut short. Try again."))
    return answer as Body
  }
}

interface WhoBody {
  readonly position: { readonly topic: string; readonly epoch: string; readonly offset: number }
}

interface SampleBody {
  readonly arguments: Readonly<Record<string, unknown>>
}

function withTimeout(milliseconds: number, signal?: AbortSignal): AbortSignal {
  const timeout = AbortSignal.timeout(milliseconds)
  return signal ? AbortSignal.any([timeout, signal]) : timeout
}

function unreachable(error: unknown): never {
  const isTimeout = error instanceof Error && error.name === "TimeoutError"
  throw new Unreachable(
    isTimeout ? gettext("The server takes too long to answer. Try again.") : undefined,
  )
}

function refusal(status: number, answer: unknown): Refused {
  if (status === 401) return new SignedOut()
  const body = isRecord(answer) ? answer : {}
  const error = isRecord(body["error"]) ? body["error"] : {}
  const { code, message } = error
  const sentence = typeof message === "string" && message ? message : plainSentence(status)
  return new Refused(status, typeof code === "string" ? code : "", sentence, body)
}

/** For an answer that is not ours, such as a proxy's page. */
function plainSentence(status: number): string {
  if (status === 413) return gettext("That is more than the server takes.")
  if (status === 429) return gettext("Too many requests at once. Wait a moment and try again.")
  if (status >= 500)
    return gettext("The server has trouble just now ({status}). Try again in a moment.", { status })
  return gettext("The server refused the request ({status}).", { status })
}
