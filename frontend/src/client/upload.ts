import type { Api, Upload } from "./api"
import { Refused, Unreachable } from "./api-error"
import { backoff } from "./backoff"
import { gettext } from "./translation"

export interface UploadOptions {
  /** Told after each part how many bytes the server has. */
  readonly progress?: (received: number) => void
  readonly signal?: AbortSignal
  readonly random?: () => number
}

export interface NamedBlob {
  readonly name: string
  readonly content: Blob
}

/** The server takes parts of up to 4 MiB. */
export const MAX_PART = 4 * 1024 * 1024
const MIN_PART = 128 * 1024
const FIRST_PART = 512 * 1024
const MAX_FAILURES = 8
const LOST_COUNT = "lost_count"

type UploadApi = Pick<Api, "startUpload" | "writePart" | "file">

/** Bring a file to the server in parts, and go on where a cut line left it. Rejects with a
 *  RequestFailed, or with the signal's reason when it is aborted. */
export async function upload(
  api: UploadApi,
  file: NamedBlob,
  options: UploadOptions = {},
): Promise<Upload> {
  const { content } = file
  const type = content.type || "application/octet-stream"
  const started = await api.startUpload(file.name, type, content.size)
  const transfer = new Transfer(api, started.id, content, options)
  while (transfer.received < content.size) await transfer.next()
  return { ...started, received: transfer.received }
}

class Transfer {
  received = 0
  #partSize = FIRST_PART
  #failures = 0

  constructor(
    private readonly api: UploadApi,
    private readonly id: string,
    private readonly content: Blob,
    private readonly options: UploadOptions,
  ) {}

  async next(): Promise<void> {
    const { signal } = this.options
    signal?.throwIfAborted()
    const part = this.content.slice(this.received, this.received + this.#partSize)
    const begun = performance.now()
    try {
      this.#moveTo(await this.api.writePart(this.id, this.received, part, signal))
      this.#partSize = nextPartSize(part.size, performance.now() - begun)
      this.#failures = 0
    } catch (error) {
      signal?.throwIfAborted()
      await this.#recover(error)
    }
  }

  /** A part may have arrived although its answer did not: ask, and go on from there. */
  async #recover(error: unknown): Promise<void> {
    if (!isPassing(error) || ++this.#failures > MAX_FAILURES) throw error
    this.#partSize = Math.max(MIN_PART, this.#partSize / 2)
    await pause(backoff(this.#failures - 1, this.options.random))
    this.options.signal?.throwIfAborted()
    try {
      this.#moveTo((await this.api.file(this.id)).received)
    } catch (failure) {
      if (!isPassing(failure)) throw failure
    }
  }

  #moveTo(received: number): void {
    if (!Number.isInteger(received) || received < 0 || received > this.content.size) {
      throw new Refused(
        500,
        LOST_COUNT,
        gettext("The server lost count of the file. Upload it again."),
      )
    }
    this.received = received
    this.options.progress?.(received)
  }
}

/** Aim at parts of about a second, so that progress is seen and a cut costs little. */
export function nextPartSize(size: number, milliseconds: number): number {
  const wanted = (size * 1000) / Math.max(milliseconds, 1)
  return Math.round(Math.min(MAX_PART, size * 2, Math.max(MIN_PART, wanted)))
}

/** Whether trying again may help: a cut line, an offset that is not the server's, trouble. */
function isPassing(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  if (!(error instanceof Refused) || error.code === LOST_COUNT) return false
  return error.status === 409 || error.status === 429 || error.status >= 500
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds))
}
