/** One block of a stream of server-sent events; a comment is a block with nothing in it. */
export interface Block {
  readonly event: string
  readonly id: string
  readonly data: string
}

/** In characters; an event or an update has at most 8 KiB. */
const MAX_BLOCK = 256 * 1024

/** Takes a stream of server-sent events apart (WHATWG HTML, 9.2.6), as far as our server uses the
 *  format: lines end with LF or CRLF. Pure. */
export class EventParser {
  #rest = ""

  /** Give the blocks that this piece completes; an Error where one does not come to its end. */
  take(piece: string): Block[] {
    const blocks = (this.#rest + piece).replaceAll("\r\n", "\n").split("\n\n")
    this.#rest = blocks.pop() ?? ""
    if (this.#rest.length > MAX_BLOCK) throw new Error("not a stream of events")
    return blocks.map(read)
  }
}

function read(text: string): Block {
  const fields = { event: "message", id: "", data: [] as string[] }
  for (const line of text.split("\n")) {
    const [, name, value = ""] = /^(\w+):? ?(.*)$/s.exec(line) ?? []
    if (name === "data") fields.data.push(value)
    else if (name === "event" || name === "id") fields[name] = value
  }
  return { ...fields, data: fields.data.join("\n") }
}
