/** What the tests share: a job to start from, and what may be changed of it. */

import type { Job } from "../src/client/protocol"

export const TOPIC = "user:1"

export function job(changes: Partial<Job> = {}): Job {
  return {
    id: "0199-a",
    kind: "reports",
    state: "queued",
    attempt: 0,
    max_attempts: 1,
    progress: null,
    error: "",
    cancel_requested: false,
    queued_at: "2026-10-01T12:00:00.000Z",
    started_at: null,
    finished_at: null,
    ...changes,
  }
}

export const running = (changes: Partial<Job> = {}): Job =>
  job({ state: "running", attempt: 1, ...changes })

export const at = (current: number, total: number | null = 10) => ({
  current,
  total,
  message: "",
  rate: null,
  eta: null,
})

/** Let everything run that is due now. */
export const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve))
