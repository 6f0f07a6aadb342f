/** Which jobs a list shows, and how the page's address and the API say so. Pure. */

import type { Job, JobState } from "./protocol"

/** What is empty does not restrict. `since` is a day, as 2026-10-01, in UTC. */
export interface Filter {
  readonly state: string
  readonly kind: string
  readonly q: string
  readonly since: string
}

export const EVERYTHING: Filter = { state: "", kind: "", q: "", since: "" }

const NAMES = ["state", "kind", "q", "since"] as const
const STATES = new Set(["queued", "running", "succeeded", "failed", "cancelled"])

/** To a person a job that will be tried again waits, too. */
const ALSO: Readonly<Record<string, readonly string[]>> = { queued: ["queued", "retrying"] }

/** Read it from an address's query; what is not known there is let pass. */
export function readFilter(query: string): Filter {
  const given = new URLSearchParams(query)
  const [state = "", kind = "", q = "", since = ""] = NAMES.map((n) => given.get(n)?.trim())
  return { state: STATES.has(state) ? state : "", kind, q, since: isDay(since) ? since : "" }
}

/** Write it as an address's query, "" or with its question mark. */
export function addressOf(filter: Filter): string {
  const query = new URLSearchParams(NAMES.map((n) => [n, filter[n]]).filter(([, v]) => v))
  return query.size ? `?${query}` : ""
}

/** What GET /api/jobs takes. */
export function queryOf({ state, kind, q, since }: Filter): [string, string][] {
  const fields: [string, string][] = statesOf(state).map((one) => ["state", one])
  const rest = { kind, search: q, since: since && `${since}T00:00:00Z` }
  return [...fields, ...Object.entries(rest).filter(([, value]) => value)]
}

/** Whether a job belongs to the list, as far as can be told here: only the server searches. */
export function matches(job: Job, { state, kind, since }: Filter): boolean {
  const isState = !state || statesOf(state).includes(job.state as JobState)
  return isState && (!kind || job.kind === kind) && (!since || job.queued_at >= since)
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text))
}

function statesOf(state: string): readonly string[] {
  return ALSO[state] ?? (state ? [state] : [])
}
