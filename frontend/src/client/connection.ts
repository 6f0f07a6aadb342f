import type { Centrifuge, ServerPublicationContext, ServerSubscribedContext } from "centrifuge"

import { backoff } from "./backoff"

/** `waiting` tells when the next attempt is due, in milliseconds since 1970; `closed` is for
 *  good, because the server refused. */
export type ConnectionState =
  | { readonly name: "connecting" }
  | { readonly name: "open" }
  | { readonly name: "waiting"; readonly until: number }
  | { readonly name: "closed"; readonly reason: string }

export interface ConnectionDelegate {
  connectionMoved(state: ConnectionState): void
  subscribed(context: ServerSubscribedContext): void
  published(context: ServerPublicationContext): void
}

export type Sdk = Pick<Centrifuge, "on" | "connect" | "disconnect">

const BY_OURSELVES = 0 // the SDK's code of connect() and of disconnect()

/** One wish to be connected, kept alive over as many sockets as it takes. The schedule is
 *  ours: the SDK would not say when it tries again. It keeps what it needs to recover over
 *  disconnect() and connect(). */
export class Connection {
  #state: ConnectionState = { name: "connecting" }
  #attempt = 0
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly sdk: Sdk,
    private readonly delegate: ConnectionDelegate,
    private readonly random: () => number = Math.random,
  ) {
    sdk.on("connected", () => this.#opened())
    sdk.on("connecting", ({ code }) => code !== BY_OURSELVES && this.#lost())
    sdk.on("error", () => this.#state.name === "connecting" && this.#lost())
    sdk.on("disconnected", ({ code, reason }) => code !== BY_OURSELVES && this.#refused(reason))
    sdk.on("subscribed", (context) => delegate.subscribed(context))
    sdk.on("publication", (context) => delegate.published(context))
  }

  open(): void {
    clearTimeout(this.#timer)
    this.#moveTo({ name: "connecting" })
    this.sdk.connect()
  }

  /** Try at once, where the next attempt is waited for. */
  retry(): void {
    if (this.#state.name === "waiting") this.open()
  }

  /** Let go for good. */
  close(reason: string): void {
    clearTimeout(this.#timer)
    this.#moveTo({ name: "closed", reason })
    this.sdk.disconnect()
  }

  #opened(): void {
    this.#attempt = 0
    this.#moveTo({ name: "open" })
  }

  #lost(): void {
    if (this.#state.name === "closed") return
    const delay = backoff(this.#attempt++, this.random)
    this.#moveTo({ name: "waiting", until: Date.now() + delay })
    this.#timer = setTimeout(() => this.open(), delay)
    this.sdk.disconnect()
  }

  #refused(reason: string): void {
    clearTimeout(this.#timer)
    this.#moveTo({ name: "closed", reason })
  }

  #moveTo(state: ConnectionState): void {
    this.#state = state
    this.delegate.connectionMoved(state)
  }
}
