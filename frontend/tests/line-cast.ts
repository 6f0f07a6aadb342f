/** What the tests of lines over HTTP share: what a line tells, and a server in a few lines. */

import { vi } from "vitest"

import type { Line } from "../src/client/line"
import { TOPIC } from "./cast"

const since = () => ({ [TOPIC]: { epoch: "e1", offset: 7 } })

/** Everything a line tells, as short as can be. */
export function heard(line: Line): string[] {
  const told: string[] = []
  const on = (event: string, say: (context: never) => unknown) =>
    line.on(event, (context) => void told.push(`${event} ${JSON.stringify(say(context))}`))
  on("connected", ({ transport }: { transport: string }) => transport)
  on("connecting", ({ code }: { code: number }) => code)
  on("disconnected", ({ code }: { code: number }) => code)
  on("subscribed", ({ recovered, streamPosition }: Record<string, unknown>) => [
    recovered,
    streamPosition,
  ])
  on("publication", ({ data, offset }: Record<string, unknown>) => [offset ?? null, data])
  return told
}

/** A server that answers each request with the next of these, and then no more. */
export function server(...answers: (Response | Error)[]) {
  const asked: string[] = []
  const send = (url: string, init: RequestInit) => {
    asked.push(url)
    const answer = answers.shift()
    if (answer instanceof Response) return Promise.resolve(answer)
    if (answer) return Promise.reject(answer)
    return new Promise<Response>((_resolve, reject) =>
      init.signal?.addEventListener("abort", () => reject(init.signal?.reason)),
    )
  }
  return { asked, options: { api: "/api", since, fetch: send as unknown as typeof fetch } }
}

export interface Stream {
  readonly response: Response
  readonly more: (piece: string) => void
  readonly fail: () => void
}

export function stream(...pieces: string[]): Stream {
  let source!: ReadableStreamDefaultController<Uint8Array>
  const body = new ReadableStream<Uint8Array>({ start: (controller) => void (source = controller) })
  const more = (piece: string) => source.enqueue(new TextEncoder().encode(piece))
  pieces.forEach(more)
  return {
    response: new Response(body, { headers: { "Content-Type": "text/event-stream" } }),
    more,
    fail: () => source.error(new TypeError("network error")),
  }
}

/** Let everything run that is due now; needs vi's fake timers. */
export const settle = () => vi.advanceTimersByTimeAsync(0)
