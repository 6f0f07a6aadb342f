import type { Position, Positions } from "./position"
import type { Sdk, Way } from "./connection"
import { NOT_THIS_WAY, SharedTopic } from "./shared-topic"

/** What a line that is no WebSocket needs to know. */
export interface LineOptions {
  /** Where the API is, without a slash at the end. */
  readonly api: string
  /** Where the page is in its own topic. */
  readonly since: () => Positions
  readonly fetch?: typeof fetch
}

/** What ends a line; `code` as the server closes a socket, 1 where it said nothing. */
export class LineEnded extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message)
  }
}

const LOST = 1
const SIGNED_OUT = 3500
/** What was asked for is not for this person. */
export const FORBIDDEN = 403
/** From here to 3999: do not come back as you are. */
const FINAL = 3500

const CODES: Readonly<Record<number, number>> = { 401: SIGNED_OUT, 403: FORBIDDEN }

type Handler = (context: never) => void

/** A way to be live over HTTP. It speaks the SDK's own words, so that a Connection takes either. */
export abstract class Line {
  /** What is heard beside the page's own topic. */
  protected readonly shared = new Map<string, SharedTopic>()
  readonly #handlers = new Map<string, Handler[]>()
  #running: AbortController | undefined

  constructor(
    private readonly way: Way,
    protected readonly options: LineOptions,
  ) {}

  /** For whoever takes the SDK: of its many methods these are called. */
  asSdk(): Sdk {
    return this as unknown as Sdk
  }

  on(event: string, handler: Handler): this {
    this.#handlers.set(event, [...(this.#handlers.get(event) ?? []), handler])
    return this
  }

  connect(): void {
    this.disconnect()
    this.#running = new AbortController()
    void this.#run(this.#running.signal)
  }

  disconnect(): void {
    this.#running?.abort()
    this.#running = undefined
  }

  /** One topic more: where this way carries it, a line that is open is opened anew. */
  newSubscription(topic: string): SharedTopic {
    const shared = new SharedTopic(() => {
      this.shared.set(topic, shared)
      if (this.#running) this.connect()
    })
    return shared
  }

  /** Nobody can be asked for a sign of life over a line that only hears. */
  rpc(): Promise<never> {
    return Promise.reject(new LineEnded(LOST, "not a socket"))
  }

  /** Hear until it ends, which it does by a LineEnded. */
  protected abstract hear(topic: string, from: Position, signal: AbortSignal): Promise<never>

  protected opened(topic: string, streamPosition: Position, recovered: boolean): void {
    this.#tell("connected", { transport: this.way })
    this.joined(topic, streamPosition, recovered)
    for (const shared of this.shared.values()) this.share(shared)
  }

  /** Say whether a shared topic is heard by this way, now that it is open. */
  protected share(shared: SharedTopic): void {
    shared.tell("unsubscribed", { code: NOT_THIS_WAY })
  }

  protected joined(topic: string, streamPosition: Position, recovered: boolean): void {
    this.#tell("subscribed", { channel: topic, wasRecovering: true, recovered, streamPosition })
  }

  protected arrived(topic: string, data: unknown, offset?: number): void {
    this.#tell("publication", { channel: topic, data, ...(offset ? { offset } : {}) })
  }

  /** Ask the API; an answer other than 200 is a LineEnded. */
  protected async ask(path: string, accept: string, signal: AbortSignal): Promise<Response> {
    const send = this.options.fetch ?? ((input, init) => fetch(input, init))
    const headers = { Accept: accept }
    const init: RequestInit = { headers, signal, credentials: "same-origin", cache: "no-store" }
    const response = await send(this.options.api + path, init)
    if (response.ok) return response
    throw new LineEnded(CODES[response.status] ?? LOST, `${response.status}`)
  }

  async #run(signal: AbortSignal): Promise<void> {
    const [topic, from] = Object.entries(this.options.since())[0] ?? ["", NOWHERE]
    try {
      await this.hear(topic, from, signal)
    } catch (error) {
      if (signal.aborted) return
      const code = error instanceof LineEnded ? error.code : LOST
      const reason = error instanceof Error ? error.message : String(error)
      this.#tell(code >= FINAL && code < 4000 ? "disconnected" : "connecting", { code, reason })
    }
  }

  #tell(event: string, context: object): void {
    for (const handler of this.#handlers.get(event) ?? []) handler(context as never)
  }
}

const NOWHERE: Position = { epoch: "", offset: 0 }
