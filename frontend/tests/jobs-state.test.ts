import { describe, expect, test } from "vitest"

import {
  NOTHING,
  fetched,
  happened,
  listed,
  newestFirst,
  progressed,
  removed,
  type JobsState,
} from "../src/client/jobs-state"
import { Refused } from "../src/client/api-error"
import { JobsStore } from "../src/client/jobs-store"
import { readDeletion, readEvent, readUpdate, type Job } from "../src/client/protocol"
import { at, job, running } from "./cast"

const knowing = (...jobs: Job[]): JobsState => listed(NOTHING, jobs, false)
const only = (state: JobsState): Job | undefined => newestFirst(state)[0]
const event = (shown: Job, type = `job.${shown.state}`) => ({ type, job: shown })

describe("old state + event = new state", () => {
  test.each([
    ["queued: a job appears", NOTHING, job(), "queued"],
    ["started: it runs", knowing(job()), running(), "running"],
    [
      "retrying: it waits again",
      knowing(running()),
      job({ state: "retrying", attempt: 1 }),
      "retrying",
    ],
    ["succeeded: it is done", knowing(running()), running({ state: "succeeded" }), "succeeded"],
    [
      "failed: it has failed",
      knowing(running()),
      running({ state: "failed", error: "Why." }),
      "failed",
    ],
    ["cancelled: it is stopped", knowing(job()), job({ state: "cancelled" }), "cancelled"],
    ["nothing follows on an end", knowing(running({ state: "cancelled" })), running(), "cancelled"],
    [
      "succeeded: also where the start was missed",
      knowing(job()),
      running({ state: "succeeded" }),
      "succeeded",
    ],
  ])("%s", (_name, state, shown, expected) => {
    expect(only(happened(state, event(shown)))?.state).toBe(expected)
  })

  test("cancel requested: it says so and runs on", () => {
    const state = happened(
      knowing(running()),
      event(running({ cancel_requested: true }), "job.cancel_requested"),
    )

    expect(only(state)).toMatchObject({ state: "running", cancel_requested: true })
  })

  test("an event does not set the bar back to the row's older progress", () => {
    const state = progressed(knowing(running()), { job: running({ progress: at(6) }), n: 3 })
    const later = happened(state, event(running({ progress: at(4), cancel_requested: true })))

    expect(only(later)?.progress?.current).toBe(6)
  })

  test("a new attempt begins with a new bar", () => {
    const state = knowing(job({ state: "retrying", attempt: 1, progress: at(6) }))

    expect(only(happened(state, event(running({ attempt: 2 }))))?.progress).toBeNull()
  })
})

describe("an update", () => {
  const shown = knowing(running({ progress: at(2) }))
  const once = progressed(shown, { job: running({ progress: at(5) }), n: 5 })
  test.each([
    ["that is newer is shown", once, running({ progress: at(6) }), 6, 6],
    ["that is older is dropped", once, running({ progress: at(4) }), 4, 5],
    ["that comes twice is dropped", once, running({ progress: at(9) }), 5, 5],
    ["of the next attempt begins anew", once, running({ attempt: 2, progress: at(1) }), 1, 1],
    [
      "of an attempt that is over is dropped",
      knowing(running({ attempt: 2, progress: at(1) })),
      running({ progress: at(9) }),
      9,
      1,
    ],
    [
      "after the end is dropped",
      knowing(running({ state: "succeeded", progress: at(10) })),
      running({ progress: at(9) }),
      9,
      10,
    ],
    ["before the start's event starts it", knowing(job()), running({ progress: at(1) }), 1, 1],
  ])("%s", (_name, state, update, n, expected) => {
    expect(only(progressed(state, { job: update, n }))?.progress?.current).toBe(expected)
  })

  test("of a job that is not shown changes nothing", () => {
    expect(progressed(NOTHING, { job: running(), n: 1 })).toBe(NOTHING)
  })
})

describe("an answer of the API", () => {
  test("that is older than what is known is not taken", () => {
    const state = fetched(knowing(running({ state: "succeeded" })), [
      job({ arguments: { file: "f" } }),
    ])

    expect(only(state)).toMatchObject({ state: "succeeded", arguments: { file: "f" } })
  })

  test("brings the result, which the next list does not take away", () => {
    const done = running({ state: "succeeded" })
    const state = fetched(knowing(done), [{ ...done, result: { rows: 3 } }])

    expect(only(listed(state, [done], false))?.result).toEqual({ rows: 3 })
  })

  test("that is the whole list takes away what is no longer there", () => {
    expect(newestFirst(listed(knowing(job(), job({ id: "0199-b" })), [job()], true))).toEqual([
      job(),
    ])
  })
})

describe("a job that was deleted", () => {
  const deletion = { v: 1, type: "job.deleted", job: { id: "0199-a" } }
  const done = running({ state: "succeeded" })

  test("is shown no more, and the others are", () => {
    const state = removed(knowing(done, job({ id: "0199-b" })), "0199-a")

    expect(newestFirst(state).map(({ id }) => id)).toEqual(["0199-b"])
  })

  test("is not brought back by an answer that was read before", () => {
    const state = removed(knowing(done), "0199-a")

    expect(newestFirst(fetched(state, [done]))).toEqual([])
    expect(newestFirst(listed(state, [done], false))).toEqual([])
  })

  test("is known by its event", () => {
    expect(readDeletion(deletion)).toBe("0199-a")
    expect(readDeletion({ ...deletion, type: "job.succeeded" })).toBeUndefined()
    expect(readDeletion({ ...deletion, job: null })).toBeUndefined()
    expect(readEvent(deletion)).toBeUndefined()
  })

  test("leaves the page, and is not asked for when the list is read anew", async () => {
    const asked: string[] = []
    const store = storeOf((id) => {
      asked.push(id)
      return Promise.resolve(done)
    })
    await store.watch("0199-a")
    store.eventArrived(deletion)
    await store.reload()

    expect([store.jobs, asked]).toEqual([[], ["0199-a"]])
  })

  test("while nobody told this page does not keep the list from being read", async () => {
    const store = storeOf(() => Promise.reject(new Refused(404, "not_found", "Nothing here.")))
    store.begin([done], false)
    await store.watch("0199-a")

    await store.reload()

    expect(store.jobs).toEqual([])
  })

  function storeOf(read: (id: string) => Promise<Job>): JobsStore {
    const page = { jobs: [] }
    const never = () => Promise.reject(new Error("not asked for"))
    return new JobsStore({
      jobs: () => Promise.resolve(page),
      job: read,
      start: never,
      cancel: never,
      repeat: never,
    })
  }
})

test("jobs are shown newest first", () => {
  const ids = newestFirst(
    knowing(job({ id: "0199-a" }), job({ id: "0199-c" }), job({ id: "0199-b" })),
  ).map(({ id }) => id)

  expect(ids).toEqual(["0199-c", "0199-b", "0199-a"])
})

describe("what is not known is let pass", () => {
  test.each([
    ["an event of another kind", { v: 1, type: "notification.created", note: {} }],
    ["a job's event of a later release", { v: 1, type: "job.paused", job: job() }],
    ["a job's event without a job", { v: 1, type: "job.queued" }],
    ["a list", []],
    ["nothing", null],
  ])("%s", (_name, publication) => {
    expect(readEvent(publication)).toBeUndefined()
  })

  test("a later version's extra fields do not matter", () => {
    const publication = {
      v: 2,
      type: "job.queued",
      job: { ...job(), colour: "green" },
      trace: "x",
      at: "2026-10-01T12:00:00.000Z",
    }

    expect(readEvent(publication)?.job.id).toBe("0199-a")
  })

  test.each([
    ["an update of another kind", { type: "presence.changed", n: 1, job: job() }],
    ["an update without a number", { type: "job.progressed", job: job() }],
  ])("%s", (_name, publication) => {
    expect(readUpdate(publication)).toBeUndefined()
  })
})
