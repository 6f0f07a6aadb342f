import { beforeEach, describe, expect, test, vi } from "vitest"

import { Refused, Unreachable } from "../src/client/api-error"
import { EVERYTHING, type Filter } from "../src/client/jobs-filter"
import { JobsStore } from "../src/client/jobs-store"
import type { Job } from "../src/client/protocol"
import { at, job, running, settle } from "./cast"

/** What the server has; a list is asked for by "list", a job by its id. */
let rows: Job[]
let asked: string[]
let trouble: Error | undefined
let store: JobsStore

beforeEach(() => {
  ;[rows, asked, trouble] = [[], [], undefined]
  const never = () => Promise.reject(new Error("not asked for"))
  store = new JobsStore({ jobs: list, job: one, start: never, cancel: never, repeat: never })
})

function list(limit: number, before = "", wanted: Filter = EVERYTHING) {
  asked.push(`list ${limit} ${before}`.trim())
  if (trouble) return Promise.reject(trouble)
  const found = rows
    .filter(
      ({ id, state }) => (!before || id < before) && (!wanted.state || state === wanted.state),
    )
    .sort((one, other) => (one.id < other.id ? 1 : -1))
  return Promise.resolve({ jobs: found.slice(0, limit) })
}

function one(id: string) {
  asked.push(id)
  const found = rows.find((row) => row.id === id)
  return found
    ? Promise.resolve(found)
    : Promise.reject(new Refused(404, "not_found", "There is nothing here."))
}

const named = (n: number): string => `0199-${String(n).padStart(5, "0")}`
const some = (count: number, changes: Partial<Job> = {}): Job[] =>
  Array.from({ length: count }, (_, n) => job({ id: named(n), state: "succeeded", ...changes }))
const shown = (): string[] => store.list.blocks.flatMap(({ ids }) => ids)
const arrive = (arrived: Job, type = `job.${arrived.state}`) =>
  store.eventArrived({ v: 1, type, job: arrived })
const deletion = (id: string) => store.eventArrived({ v: 1, type: "job.deleted", job: { id } })

test("jobs are listed newest first", () => {
  store.begin([job({ id: "0199-a" }), job({ id: "0199-c" }), job({ id: "0199-b" })], false)

  expect(shown()).toEqual(["0199-c", "0199-b", "0199-a"])
})

describe("who is told", () => {
  test("of progress: who follows that job, and neither the list nor another job", () => {
    store.begin([running(), running({ id: "0199-b" })], false)
    const told: string[] = []
    store.listen(() => told.push("list"))
    store.follow("0199-a", () => told.push("a"))
    store.follow("0199-b", () => told.push("b"))

    store.updateArrived({ type: "job.progressed", n: 1, job: running({ progress: at(1) }) })
    expect(told).toEqual(["a"])
  })

  test("of a new job: the list", () => {
    store.begin([job()], false)
    const told = vi.fn()
    store.listen(told)
    arrive(job({ id: "0199-b" }))

    expect(told).toHaveBeenCalledOnce()
  })

  test("of an update that comes twice: nobody", () => {
    store.begin([running()], false)
    const told = vi.fn()
    store.follow("0199-a", told)
    const update = { type: "job.progressed", n: 1, job: running({ progress: at(1) }) }
    store.updateArrived(update)
    store.updateArrived(update)

    expect(told).toHaveBeenCalledOnce()
  })

  test("of nothing any more: who has stopped following", () => {
    store.begin([running()], false)
    const told = vi.fn()
    store.follow("0199-a", told)()
    arrive(running({ state: "succeeded" }))

    expect(told).not.toHaveBeenCalled()
  })
})

test("a job that is older than what was read is not shown before it is read", () => {
  store.begin([job()], true)
  arrive(running({ id: "0198-old" }), "job.started")

  expect([shown(), store.job("0198-old")?.state]).toEqual([["0199-a"], "running"])
})

describe("a list with a filter", () => {
  beforeEach(() => store.begin([running()], false, { ...EVERYTHING, state: "running" }))

  test("lets in who comes to belong to it, also among older ones", () => {
    arrive(job({ id: "0199-0" }))
    expect(shown()).toEqual(["0199-a"])

    arrive(running({ id: "0199-0" }), "job.started")
    expect(shown()).toEqual(["0199-a", "0199-0"])
  })

  test("keeps who no longer belongs to it in its place until it is let go", () => {
    arrive(running({ state: "succeeded" }))
    expect([shown(), store.list.isLeaving("0199-a")]).toEqual([["0199-a"], true])

    store.settle()
    expect(shown()).toEqual([])
  })

  test("shows what is known of another filter at once, and then what the server has", async () => {
    rows = [job({ id: "0199-z", state: "failed" }), running()]
    arrive(job({ id: "0199-b", state: "failed" }))
    const choosing = store.choose({ ...EVERYTHING, state: "failed" })
    expect([shown(), store.reading.isUnderWay]).toEqual([["0199-b"], true])

    await choosing
    expect([shown(), store.reading.isUnderWay]).toEqual([["0199-z"], false])
  })

  test("shows the answer to the last question only", async () => {
    rows = [running(), job({ id: "0199-z", state: "failed" })]
    const first = store.choose({ ...EVERYTHING, state: "failed" })
    const second = store.choose({ ...EVERYTHING, state: "running" })
    await Promise.all([first, second])

    expect(shown()).toEqual(["0199-a"])
  })

  test("asks the server who is found, once for a burst", async () => {
    vi.useFakeTimers()
    await store.choose({ ...EVERYTHING, q: "towns" })
    rows = [job({ id: "0199-b" })]
    arrive(job({ id: "0199-b" }))
    arrive(job({ id: "0199-c" }))
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()

    expect(shown()).toEqual(["0199-b"])
    expect(asked).toEqual(["list 30", "list 30"])
  })

  test("says what kept it from being read, and can be read again", async () => {
    trouble = new Unreachable()
    await store.choose({ ...EVERYTHING, state: "failed" })
    expect(store.reading).toEqual({ isUnderWay: false, failure: trouble })

    ;[trouble, rows] = [undefined, [job({ state: "failed" })]]
    await store.loadOlder()
    expect([shown(), store.reading.failure]).toEqual([["0199-a"], undefined])
  })
})

describe("while somebody reads", () => {
  beforeEach(() => {
    store.begin([job()], false)
    store.hold(true)
    arrive(job({ id: "0199-b" }))
    arrive(job({ id: "0199-c" }))
  })

  test("new jobs are held back and counted", () => {
    expect([shown(), store.list.held]).toEqual([["0199-a"], 2])
  })

  test("they are shown when they are asked for", () => {
    store.hold(false)

    expect([shown(), store.list.held]).toEqual([["0199-c", "0199-b", "0199-a"], 0])
  })

  test("one that is deleted is no longer counted", () => {
    deletion("0199-b")

    expect(store.list.held).toBe(1)
  })

  test("they are held back though all is read anew", async () => {
    rows = ["0199-a", "0199-b", "0199-c", "0199-d"].map((id) => job({ id }))
    await store.reload()

    expect([shown(), store.list.held]).toEqual([["0199-a"], 3])
  })
})

describe("read anew", () => {
  test("the list is read as far down as anything may have changed", async () => {
    rows = some(250)
    rows[120] = { ...rows[120]!, state: "running" }
    store.begin([...rows].reverse(), true)
    await store.reload()

    expect(asked).toEqual(["list 100", `list 100 ${named(150)}`])
    expect([shown().length, store.list.hasOlder]).toEqual([250, true])
  })

  test("what it no longer has goes", async () => {
    rows = some(3)
    store.begin([...rows, job({ id: "0199-zzz" })], false)
    await store.reload()

    expect(shown()).toEqual([named(2), named(1), named(0)])
  })

  test("nothing older is kept behind a hole", async () => {
    const old = job({ id: "0198-old", state: "succeeded" })
    store.begin([old], false)
    rows = [...some(1_100), old]
    await store.reload()

    expect([shown().length, shown().includes("0198-old"), store.list.hasOlder]).toEqual([
      1_000,
      false,
      true,
    ])
  })

  test("a page without a list reads only the jobs that it shows", async () => {
    rows = [running({ state: "succeeded" })]
    store.know([running()])
    store.follow("0199-a", () => {})
    await store.reload()

    expect([asked, store.job("0199-a")?.state]).toEqual([["0199-a"], "succeeded"])
  })
})

describe("a job that was deleted", () => {
  test("is shown no more, and the others are", () => {
    store.begin([job(), job({ id: "0199-b" })], false)
    deletion("0199-a")

    expect([shown(), store.job("0199-a")]).toEqual([["0199-b"], undefined])
  })

  test("is not brought back by an answer that was read before", async () => {
    store.begin([job()], false)
    rows = [job()]
    deletion("0199-a")
    await store.reload()

    expect(shown()).toEqual([])
  })

  test("while nobody told this page does not keep the list from being read", async () => {
    store.begin([job({ state: "succeeded" })], false)
    store.follow("0199-a", () => {})
    await store.reload()

    expect([shown(), asked]).toEqual([[], ["list 100", "0199-a"]])
  })
})

test("a list of ten thousand takes a new job, and lets the oldest go", async () => {
  store.begin(some(10_000), false)
  arrive(job({ id: "0199-new" }))
  await settle()

  expect([shown().length, shown()[0], shown().at(-1)]).toEqual([10_000, "0199-new", named(1)])
})
