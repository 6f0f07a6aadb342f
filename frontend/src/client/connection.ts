import type { Centrifuge, ServerPublicationContext, ServerSubscribedContext } from "centrifuge"

import { backoff } from "./backoff"
import type { Shared } from "./shared-topic"

/** By which transport a page is live. */
export type Way = "websocket" | "sse" | "poll"

/** Why it is over for good. */
export type Cause = "signed out" | "too many" | "refused"

/** Times are milliseconds since 1970: `since` is that of the server's last sign of life, or of the
 *  beginning; `until` tells when the next attempt is due. */
export type ConnectionState =
  | { readonly name: "connecting"; readonly since: number }
  | { readonly name: "open"; readonly way: Way }
  | { readonly name: "waiting"; readonly since: number; readonly until: number }
  | { readonly name: "closed"; readonly cause: Cause; readonly reason: string }

export interface ConnectionDelegate {
  connectionMoved(state: ConnectionState): void
  subscribed(context: ServerSubscribedContext): void
  published(context: ServerPublicationContext): void
}

export interface Sdk extends Pick<Centrifuge, "on" | "connect" | "disconnect" | "rpc"> {
  newSubscription(topic: string): Shared
}

/** How late a ping may be, in milliseconds, before the SDK takes the line for dead. */
export const PING_DELAY = 5_000

const BY_OURSELVES = 0 // the SDK's code of connect() and of disconnect()
const NO_PING = 2 // its code for a line on which nothing arrived for …
const SILENCE = 25_000 + PING_DELAY // … the server's ping and what it may be late by
const BY_THE_SERVER = 100 // its least code of an error that the server answered with

const CAUSES: Readonly<Record<number, Cause>> = {
  3500: "signed out",
  3501: "signed out",
  3503: "signed out",
  3504: "too many",
}

/** One wish to be connected, kept alive over as many sockets as it takes. The schedule is
 *  ours: the SDK would not say when it tries again. It keeps what it needs to recover over
 *  disconnect() and connect(). */
export class Connection {
  #seen = Date.now()
  #state: ConnectionState = { name: "connecting", since: this.#seen }
  #attempt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly sdk: Sdk,
    private readonly delegate: ConnectionDelegate,
    private readonly random: () => number = Math.random,
  ) {
    sdk.on("connected", ({ transport }) => this.#opened(transport))
    sdk.on("connecting", ({ code }) => code !== BY_OURSELVES && this.#lost(code))
    sdk.on("error", () => this.#state.name === "connecting" && this.#lost())
    sdk.on("disconnected", ({ code, reason }) => code !== BY_OURSELVES && this.#over(code, reason))
    sdk.on("subscribed", (context) => delegate.subscribed(context))
    sdk.on("publication", (context) => {
      this.#seen = Date.now()
      delegate.published(context)
    })
  }

  open(): void {
    clearTimeout(this.#timer)
    this.#moveTo({ name: "connecting", since: this.#seen })
    this.sdk.connect()
  }

  /** Try at once, where the next attempt is waited for. */
  retry(): void {
    if (this.#state.name === "waiting") this.open()
  }

  /** Ask the server for a sign of life, since this machine may have slept from `since` on: the
   *  line may be dead although nobody said so. */
  doubt(since: number): void {
    if (this.#state.name === "open") {
      this.#seen = since
      void this.#ask(this.#state.way)
    } else {
      this.#seen = Math.min(this.#seen, since)
      this.retry()
    }
  }

  /** Let go for good. */
  close(cause: Cause): void {
    this.#end({ name: "closed", cause, reason: cause })
    this.sdk.disconnect()
  }

  /** Any answer will do; this server refuses each such call. */
  async #ask(way: Way): Promise<void> {
    const doubted = { name: "connecting", since: this.#seen } as const
    this.#moveTo(doubted)
    const isAlive = await this.sdk.rpc("", null).then(
      () => true,
      ({ code }: { readonly code: number }) => code >= BY_THE_SERVER,
    )
    if (this.#state !== doubted) return
    if (isAlive) return this.#opened(way)
    this.sdk.disconnect()
    this.open()
  }

  #opened(transport: string): void {
    this.#attempt = 0
    this.#seen = Date.now()
    this.#moveTo({ name: "open", way: wayOf(transport) })
  }

  #lost(code = 0): void {
    if (this.#state.name === "closed") return
    const heard = code === NO_PING ? Date.now() - SILENCE : Date.now()
    if (this.#state.name === "open") this.#seen = Math.max(this.#seen, heard)
    const delay = backoff(this.#attempt++, this.random)
    this.#moveTo({ name: "waiting", since: this.#seen, until: Date.now() + delay })
    this.#timer = setTimeout(() => this.open(), delay)
    this.sdk.disconnect()
  }

  #over(code: number, reason: string): void {
    this.#end({ name: "closed", cause: CAUSES[code] ?? "refused", reason })
  }

  #end(state: ConnectionState): void {
    clearTimeout(this.#timer)
    this.#moveTo(state)
  }

  #moveTo(state: ConnectionState): void {
    this.#state = state
    this.delegate.connectionMoved(state)
  }
}

function wayOf(transport: string): Way {
  return transport === "sse" || transport === "poll" ? transport : "websocket"
}
