import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Refused, Unreachable } from "../src/client/api-error"
import { MAX_PART, nextPartSize, upload } from "../src/client/upload"

const SIZE = 3 * 1024 * 1024

/** A server that keeps what arrives, and fails as often as it is told to. */
class FakeServer {
  received = 0
  readonly offsets: number[] = []

  constructor(private readonly faults: ((server: FakeServer, part: Blob) => void)[] = []) {}

  readonly #link = {
    id: "f1",
    name: "a.csv",
    content_type: "text/csv",
    size: SIZE,
    url: "/api/files/f1/content",
  }

  startUpload = () => Promise.resolve({ ...this.#link, received: 0 })
  file = () => Promise.resolve({ ...this.#link, received: this.received })

  writePart = (_id: string, offset: number, part: Blob) => {
    this.offsets.push(offset)
    const fault = this.faults.shift()
    if (fault) return Promise.reject().catch(() => fault(this, part)) as unknown as Promise<number>
    if (offset !== this.received)
      return Promise.reject(new Refused(409, "wrong_offset", "Go on elsewhere."))
    this.received += part.size
    return Promise.resolve(this.received)
  }
}

const cut = () => {
  throw new Unreachable()
}
const cutAfterwards = (server: FakeServer, part: Blob) => {
  server.received += part.size
  throw new Unreachable()
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function bring(
  server: FakeServer,
  options: { progress?: (received: number) => void; signal?: AbortSignal } = {},
) {
  const file = { name: "a.csv", content: new Blob([new Uint8Array(SIZE)]) }
  const uploading = upload(server, file, { ...options, random: () => 0 })
  uploading.catch(() => {})
  return uploading
}

test("a file is brought in parts, and each is told of", async () => {
  const server = new FakeServer()
  const told: number[] = []

  expect((await bring(server, { progress: (received) => told.push(received) })).received).toBe(SIZE)
  expect(told.at(-1)).toBe(SIZE)
  expect(told.length).toBeGreaterThan(1)
})

test.each([
  ["a part that never arrived is sent again", cut],
  ["a part whose answer was lost is not sent again", cutAfterwards],
])("%s", async (_name, fault) => {
  const server = new FakeServer([fault])
  const uploading = bring(server)
  await vi.advanceTimersByTimeAsync(600)

  expect((await uploading).received).toBe(SIZE)
  expect(server.received).toBe(SIZE)
})

test("an offset that is not the server's is corrected", async () => {
  const server = new FakeServer()
  server.received = 1024
  const uploading = bring(server)
  await vi.advanceTimersByTimeAsync(600)

  await uploading
  expect(server.offsets.slice(0, 2)).toEqual([0, 1024])
})

test("what the server refuses is not tried again", async () => {
  const server = new FakeServer([
    () => {
      throw new Refused(413, "too_large", "That is too much.")
    },
  ])

  await expect(bring(server)).rejects.toThrow("That is too much.")
  expect(server.offsets).toEqual([0])
})

test("a line that stays cut is given up with a sentence", async () => {
  const uploading = bring(new FakeServer(Array.from({ length: 20 }, () => cut)))
  await vi.advanceTimersByTimeAsync(120_000)

  await expect(uploading).rejects.toThrow("cannot be reached")
})

test("a person may stop it", async () => {
  const stop = new AbortController()
  const uploading = bring(new FakeServer(), { signal: stop.signal, progress: () => stop.abort() })

  await expect(uploading).rejects.toMatchObject({ name: "AbortError" })
})

test.each([
  ["a slow line gets smaller parts", 512 * 1024, 4_000, 128 * 1024],
  ["a fast one larger ones, step by step", 512 * 1024, 10, 1024 * 1024],
  ["and never more than the server takes", MAX_PART, 10, MAX_PART],
])("%s", (_name, size, milliseconds, expected) => {
  expect(nextPartSize(size, milliseconds)).toBe(expected)
})
