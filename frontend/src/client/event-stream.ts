import { EventParser, type Block } from "./event-parser"
import { FORBIDDEN, Line, LineEnded, type LineOptions } from "./line"
import type { Position } from "./position"
import { isRecord } from "./protocol"
import { NOT_ALLOWED, type SharedTopic } from "./shared-topic"

/** A comment comes every 15 s. */
const SILENCE_MS = 40_000

/** Hears server-sent events. Not by EventSource, which shows no comments: whether a line is alive
 *  could not be told, nor why it was refused. */
export class EventStream extends Line {
  constructor(options: LineOptions) {
    super("sse", options)
  }

  protected override async hear(
    topic: string,
    from: Position,
    signal: AbortSignal,
  ): Promise<never> {
    const silence = new Silence(signal)
    const body = await this.#open(from, silence.signal)
    const pieces = body.pipeThrough(new TextDecoderStream()).getReader()
    // What broke by itself cannot be cancelled any more, and says so.
    silence.signal.addEventListener("abort", () => void pieces.cancel().catch(() => {}))
    const parser = new EventParser()
    let isOpen = false
    for (;;) {
      const { done, value } = await pieces.read()
      silence.signal.throwIfAborted()
      if (done) throw new LineEnded(1, "the stream ended")
      silence.broken()
      for (const block of parser.take(value)) {
        // A proxy that holds a stream back would look open: it is once something came.
        if (!isOpen && block.event !== "end") this.opened(topic, from, true)
        isOpen = true
        this.#took(topic, block)
      }
    }
  }

  protected override share(shared: SharedTopic): void {
    shared.tell("subscribed", {})
  }

  async #open(from: Position, signal: AbortSignal): Promise<ReadableStream<BufferSource>> {
    const query = new URLSearchParams({ epoch: from.epoch, after: String(from.offset) })
    if (this.shared.size) query.set("topics", [...this.shared.keys()].join())
    const response = await this.ask(`/events?${query}`, "text/event-stream", signal).catch(
      (error: unknown) => {
        // It does not say which of them: all are given up, so that the page's own is heard.
        if (error instanceof LineEnded && error.code === FORBIDDEN)
          for (const topic of this.shared.keys()) this.#leave(topic)
        throw error
      },
    )
    const isStream = response.headers.get("Content-Type")?.startsWith("text/event-stream")
    if (!isStream || !response.body) throw new LineEnded(1, "not a stream")
    return response.body as ReadableStream<BufferSource>
  }

  #leave(topic: string): void {
    this.shared.get(topic)?.tell("unsubscribed", { code: NOT_ALLOWED })
    this.shared.delete(topic)
  }

  #took(topic: string, { event, id, data }: Block): void {
    if (!data) return
    const said: unknown = JSON.parse(data)
    const shared = this.shared.get(event.replace("update ", ""))
    if (shared) return shared.tell("publication", { data: said })
    if (event === "message") return this.arrived(topic, said, offsetOf(id))
    if (event === "update") return this.arrived(topic, said)
    if (!isRecord(said)) return
    const { epoch, offset, code, reason } = said
    if (event === "reload" && said["topic"] === topic)
      this.joined(topic, { epoch: String(epoch), offset: Number(offset) }, false)
    else if (event === "unsubscribe") this.#leave(String(said["topic"]))
    else if (event === "end") throw new LineEnded(Number(code), String(reason))
  }
}

/** Aborts what is too quiet for too long. */
class Silence {
  readonly #stop = new AbortController()
  readonly signal: AbortSignal
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#stop.signal])
    this.signal.addEventListener("abort", () => clearTimeout(this.#timer))
    this.broken()
  }

  broken(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#stop.abort(new LineEnded(1, "silence")), SILENCE_MS)
  }
}

/** An id is `epoch:offset` of the page's own topic, and then of each other. */
function offsetOf(id: string): number {
  return Number(id.split(",")[0]?.split(":")[1])
}
