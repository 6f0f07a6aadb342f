/** What the tests of one job's elements share: a page, and the server that it asks. */

import { Api } from "../src/client/api"
import { Live } from "../src/client/live"
import type { Line } from "../src/client/output-lines"
import { provideLive } from "../src/elements/live"

export class JobStage {
  /** What the server says, by address; what it does not say is not there. */
  readonly answers: Record<string, unknown> = {}
  /** What waits for each address that answers only when it is let. */
  readonly #held = new Map<string, (() => void)[]>()
  readonly asked: string[] = []
  readonly live: Live

  constructor() {
    const send = (url: unknown, init?: RequestInit) => this.#answer(String(url), init?.method)
    this.live = new Live(new Api({ base: "/api", csrf: () => "", fetch: send as typeof fetch }), {
      positions: {},
    })
    provideLive(this.live)
  }

  /** Have addresses answer only when they are let. */
  hold(...addresses: string[]): void {
    for (const address of addresses) this.#held.set(address, [])
  }

  release(...addresses: string[]): void {
    for (const address of addresses) {
      for (const answer of this.#held.get(address) ?? []) answer()
      this.#held.delete(address)
    }
  }

  /** Have a job say lines, from the first on. */
  says(job: string, lines: readonly Line[]): void {
    const at = `/api/jobs/${job}/output`
    for (let after = 0; after <= lines.length; after++)
      this.answers[`${at}?after=${after}&limit=500`] = {
        lines: lines.slice(after, after + 500),
        last: lines.length,
      }
  }

  async #answer(url: string, method = "GET"): Promise<Response> {
    this.asked.push(`${method} ${url}`)
    const waiting = this.#held.get(url)
    if (waiting) await new Promise<void>((answer) => waiting.push(answer))
    const answer = this.answers[url]
    const missing = { error: { message: "No such job." } }
    return Response.json(answer ?? missing, { status: answer ? 200 : 404 })
  }
}

export const line = (n: number, changes: Partial<Line> = {}): Line => ({
  n,
  at: "2026-10-01T12:00:00.000Z",
  level: "info",
  text: `line ${n}`,
  attempt: 1,
  ...changes,
})
