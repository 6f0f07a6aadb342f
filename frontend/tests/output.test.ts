import { beforeEach, describe, expect, test } from "vitest"

import { Unreachable } from "../src/client/api-error"
import {
  holds,
  isSerious,
  plain,
  readLogged,
  readPage,
  split,
  stepDurations,
  type Line,
} from "../src/client/output-lines"
import { OutputStore } from "../src/client/output-store"
import { running, settle } from "./cast"

const line = (n: number, changes: Partial<Line> = {}): Line => ({
  n,
  at: new Date(Date.UTC(2026, 9, 1, 12, 0, n)).toISOString(),
  level: "info",
  text: `line ${n}`,
  attempt: 1,
  ...changes,
})

describe("a line", () => {
  test.each([
    ["plain text", "ok", "ok"],
    ["colours", "\x1b[1;31mred\x1b[0m", "red"],
    ["a cursor's move", "50%\x1b[2K\x1b[1G60%", "50%60%"],
    ["a title", "\x1b]0;title\x07text", "text"],
    ["a link", "\x1b]8;;https://a.example\x1b\\here\x1b]8;;\x1b\\", "here"],
    ["a half sequence", "end\x1b[", "end\x1b["],
  ])("is shown without what is meant for a terminal: %s", (_name, text, expected) => {
    expect(plain(text)).toBe(expected)
  })

  test.each([
    ["info", "debug", true],
    ["info", "warning", false],
    ["error", "warning", true],
    ["step", "error", true],
    ["cut", "warning", true],
    ["cut", "error", false],
    ["a level of a later release", "error", true],
  ])("of the level %s is shown with %s: %s", (level, least, expected) => {
    expect(isSerious(line(1, { level }), least)).toBe(expected)
  })

  test.each([
    ["nothing to find", "abc", "", ["abc"]],
    ["once, in any case", "One two", "one", ["", "One", " two"]],
    ["more than once", "a-a", "a", ["", "a", "-", "a", ""]],
    ["not at all", "abc", "x", ["abc"]],
    ["letters that change their length", "İx", "x", ["İx"]],
  ])("is divided by what is searched for: %s", (_name, text, query, parts) => {
    expect(split(text, query)).toEqual(parts)
  })

  test("is found by what is seen of it", () => {
    expect(holds(line(1, { text: "\x1b[1mre\x1b[0mport" }), "Report")).toBe(true)
  })
})

test("a step lasts until the next one, and the last until the job's end", () => {
  const lines = [line(1, { level: "step" }), line(2), line(4, { level: "step" })]

  expect([...stepDurations(lines, null)]).toEqual([[1, 3_000]])
  expect([...stepDurations(lines, line(9).at)]).toEqual([
    [1, 3_000],
    [4, 5_000],
  ])
})

test("how long a step took that another attempt broke off, nobody can say", () => {
  const lines = [line(1, { level: "step" }), line(9, { level: "step", attempt: 2 })]

  expect([...stepDurations(lines, line(10).at)]).toEqual([[9, 1_000]])
})

test.each([
  ["another update", { type: "job.progressed", job: { id: "a" } }],
  ["no job", { type: "job.logged", first: 1, last: 2 }],
  ["no numbers", { type: "job.logged", job: { id: "a" } }],
])("what tells of no lines is let pass: %s", (_name, publication) => {
  expect(readLogged(publication)).toBeUndefined()
})

test.each([
  ["a page of a proxy", {}],
  ["lines that are none", { lines: [{ n: "1" }], last: 1 }],
  ["no last one", { lines: [] }],
])("an answer that makes no sense is none: %s", (_name, answer) => {
  expect(readPage(answer)).toBeUndefined()
})

describe("what a job said", () => {
  let said: Line[]
  let asked: string[]
  let trouble: Error | undefined
  let store: OutputStore

  const ask = (_method: string, path: string) => {
    asked.push(path.replace("/jobs/0199-a/output?", ""))
    if (trouble) return Promise.reject(trouble)
    const after = Number(/after=(\d+)/.exec(path)?.[1])
    return Promise.resolve({ lines: said.slice(after, after + 500), last: said.length } as never)
  }

  beforeEach(() => {
    ;[said, asked, trouble] = [[], [], undefined]
    store = new OutputStore({ ask }, "0199-a")
  })

  const numbers = () => store.lines.map(({ n }) => n)
  const say = (count: number) => {
    const from = said.length + 1
    said.push(...Array.from({ length: count }, (_, place) => line(from + place)))
  }
  const tell = (first: number, last: number, lines?: readonly Line[]) =>
    store.updateArrived({ type: "job.logged", job: { id: "0199-a" }, first, last, lines })

  test("is read once where it is short", async () => {
    say(3)
    await store.open()

    expect([numbers(), asked, store.hasEarlier]).toEqual([[1, 2, 3], ["after=0&limit=500"], false])
  })

  test("is read from its last two thousand lines on where it is long", async () => {
    say(5_000)
    await store.open()

    expect([numbers()[0], numbers().at(-1), asked.length]).toEqual([3_001, 5_000, 5])
    expect(store.hasEarlier).toBe(true)
  })

  test("is read from the line on that the address names", async () => {
    say(5_000)
    await store.open(12)

    expect([numbers()[0], store.lines.length]).toEqual([12, 4_989])
  })

  test("is read further up when somebody wants to see it", async () => {
    say(3_000)
    await store.open()
    await store.loadEarlier()
    expect([numbers()[0], store.lines.length]).toEqual([501, 2_500])
    await store.loadEarlier(1)

    expect([numbers()[0], store.lines.length]).toEqual([1, 3_000])
  })

  test("is read further up although something else is being read", async () => {
    say(3_000)
    await store.open()
    said.push(line(3_001))
    const [telling, reading] = [store.catchUp(), store.loadEarlier(1)]
    await Promise.all([telling, reading])

    expect([numbers()[0], store.lines.length]).toEqual([1, 3_001])
  })

  test("grows by what is told, without asking", async () => {
    await store.open()
    say(2)
    tell(1, 2, said)

    expect([numbers(), asked.length]).toEqual([[1, 2], 1])
  })

  test.each([
    ["a gap", 2, true],
    ["no lines", 1, false],
  ])("is asked for where what is told has %s", async (_name, first, hasLines) => {
    await store.open()
    say(2)
    tell(first, 2, hasLines ? said.slice(1) : undefined)
    await settle()

    expect(numbers()).toEqual([1, 2])
  })

  test("comes once though it is told twice, and late", async () => {
    say(2)
    await store.open()
    tell(1, 2, said)
    tell(1, 1, said.slice(0, 1))
    say(1)
    tell(2, 3, said.slice(1))

    expect([numbers(), asked.length]).toEqual([[1, 2, 3], 1])
  })

  test.each([
    ["while it runs", true, [1, 2]],
    ["but not when it does not run", false, []],
  ])("is looked for where no update tells of it, %s", async (_name, isRunning, expected) => {
    store = new OutputStore({ ask }, "0199-a", () => isRunning)
    await store.open()
    say(2)
    await store.look()

    expect(numbers()).toEqual(expected)
  })

  test("of another job is let pass", async () => {
    await store.open()
    store.updateArrived({
      type: "job.logged",
      job: { id: "b" },
      first: 1,
      last: 1,
      lines: [line(1)],
    })

    expect(numbers()).toEqual([])
  })

  test("is complete when the job has ended, whatever was lost", async () => {
    await store.open()
    say(2)
    store.eventArrived({ type: "job.succeeded", job: running({ state: "succeeded" }) })
    await settle()

    expect(numbers()).toEqual([1, 2])
  })

  test("is read after what is being read, when more is told meanwhile", async () => {
    say(1)
    const opening = store.open()
    say(1)
    tell(2, 2)
    await opening

    expect(numbers()).toEqual([1, 2])
  })

  test("that cannot be read says why, and can be read again", async () => {
    trouble = new Unreachable()
    await store.open()
    expect(store.reading).toMatchObject({ isDone: false, failure: trouble })
    ;[trouble] = [undefined]
    say(1)
    await store.catchUp()

    expect([numbers(), store.reading.failure]).toEqual([[1], undefined])
  })
})
