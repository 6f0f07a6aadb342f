import { beforeEach, describe, expect, test, vi } from "vitest"

import { Unreachable } from "../src/client/api-error"
import { EVERYTHING } from "../src/client/jobs-filter"
import type { JobsStore } from "../src/client/jobs-store"
import { at, job, running } from "./cast"
import { JobsPage } from "./jobs-cast"

let page: JobsPage
let store: JobsStore

beforeEach(() => {
  page = new JobsPage()
  store = page.store
})

test("jobs are listed newest first", () => {
  store.begin([job({ id: "0199-a" }), job({ id: "0199-c" }), job({ id: "0199-b" })], false)

  expect(page.shown).toEqual(["0199-c", "0199-b", "0199-a"])
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
    page.arrive(job({ id: "0199-b" }))

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
    page.arrive(running({ state: "succeeded" }))

    expect(told).not.toHaveBeenCalled()
  })
})

test("a job that is older than what was read is not shown before it is read", () => {
  store.begin([job()], true)
  page.arrive(running({ id: "0198-old" }), "job.started")

  expect([page.shown, store.job("0198-old")?.state]).toEqual([["0199-a"], "running"])
})

describe("a list with a filter", () => {
  beforeEach(() => store.begin([running()], false, { ...EVERYTHING, state: "running" }))

  test("lets in who comes to belong to it, also among older ones", () => {
    page.arrive(job({ id: "0199-0" }))
    expect(page.shown).toEqual(["0199-a"])

    page.arrive(running({ id: "0199-0" }), "job.started")
    expect(page.shown).toEqual(["0199-a", "0199-0"])
  })

  test("keeps who no longer belongs to it in its place until it is let go", () => {
    page.arrive(running({ state: "succeeded" }))
    expect([page.shown, store.list.isLeaving("0199-a")]).toEqual([["0199-a"], true])

    store.settle()
    expect(page.shown).toEqual([])
  })

  test("shows what is known of another filter at once, and then what the server has", async () => {
    page.rows = [job({ id: "0199-z", state: "failed" }), running()]
    page.arrive(job({ id: "0199-b", state: "failed" }))
    const choosing = store.choose({ ...EVERYTHING, state: "failed" })
    expect([page.shown, store.reading.isUnderWay]).toEqual([["0199-b"], true])

    await choosing
    expect([page.shown, store.reading.isUnderWay]).toEqual([["0199-z"], false])
  })

  test("shows the answer to the last question only", async () => {
    page.rows = [running(), job({ id: "0199-z", state: "failed" })]
    const first = store.choose({ ...EVERYTHING, state: "failed" })
    const second = store.choose({ ...EVERYTHING, state: "running" })
    await Promise.all([first, second])

    expect(page.shown).toEqual(["0199-a"])
  })

  test("asks the server who is found, once for a burst", async () => {
    vi.useFakeTimers()
    await store.choose({ ...EVERYTHING, q: "towns" })
    page.rows = [job({ id: "0199-b" })]
    page.arrive(job({ id: "0199-b" }))
    page.arrive(job({ id: "0199-c" }))
    await vi.advanceTimersByTimeAsync(1_000)
    vi.useRealTimers()

    expect(page.shown).toEqual(["0199-b"])
    expect(page.asked).toEqual(["list 30", "list 30"])
  })

  test("says what kept it from being read, and can be read again", async () => {
    page.trouble = new Unreachable()
    await store.choose({ ...EVERYTHING, state: "failed" })
    expect(store.reading).toEqual({ isUnderWay: false, failure: page.trouble })

    ;[page.trouble, page.rows] = [undefined, [job({ state: "failed" })]]
    await store.loadOlder()
    expect([page.shown, store.reading.failure]).toEqual([["0199-a"], undefined])
  })
})

describe("while somebody reads", () => {
  beforeEach(() => {
    store.begin([job()], false)
    store.hold(true)
    page.arrive(job({ id: "0199-b" }))
    page.arrive(job({ id: "0199-c" }))
  })

  test("new jobs are held back and counted", () => {
    expect([page.shown, store.list.held]).toEqual([["0199-a"], 2])
  })

  test("they are shown when they are asked for", () => {
    store.hold(false)

    expect([page.shown, store.list.held]).toEqual([["0199-c", "0199-b", "0199-a"], 0])
  })

  test("one that is deleted is no longer counted", () => {
    page.lose("0199-b")

    expect(store.list.held).toBe(1)
  })

  test("they are held back though all is read anew", async () => {
    page.rows = ["0199-a", "0199-b", "0199-c", "0199-d"].map((id) => job({ id }))
    await store.reload()

    expect([page.shown, store.list.held]).toEqual([["0199-a"], 3])
  })
})
