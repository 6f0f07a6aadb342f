import { describe, expect, test } from "vitest"

import { fetched, happened, progressed, read, type Known } from "../src/client/job-changes"
import { readDeletion, readEvent, readUpdate, type Job } from "../src/client/protocol"
import { at, job, running } from "./cast"

const knowing = (shown: Job): Known => ({ job: shown })
const event = (shown: Job, type = `job.${shown.state}`) => ({ type, job: shown })

describe("old state + event = new state", () => {
  test.each([
    ["queued: a job appears", undefined, job(), "queued"],
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
    expect(happened(state, event(shown)).job.state).toBe(expected)
  })

  test("cancel requested: it says so and runs on", () => {
    const state = happened(
      knowing(running()),
      event(running({ cancel_requested: true }), "job.cancel_requested"),
    )

    expect(state.job).toMatchObject({ state: "running", cancel_requested: true })
  })

  test("an event does not set the bar back to the row's older progress", () => {
    const state = progressed(knowing(running()), { job: running({ progress: at(6) }), n: 3 })
    const later = happened(state, event(running({ progress: at(4), cancel_requested: true })))

    expect(later.job.progress?.current).toBe(6)
  })

  test("a new attempt begins with a new bar", () => {
    const state = knowing(job({ state: "retrying", attempt: 1, progress: at(6) }))

    expect(happened(state, event(running({ attempt: 2 }))).job.progress).toBeNull()
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
    expect(progressed(state, { job: update, n }).job.progress?.current).toBe(expected)
  })

  test("that changes nothing gives the same again, so that nobody is told", () => {
    expect(progressed(once, { job: running(), n: 5 })).toBe(once)
  })
})

describe("an answer of the API", () => {
  test("that is older than what is known is not taken", () => {
    const older = job({ arguments: { file: "f" } })
    const known = fetched(knowing(running({ state: "succeeded" })), older)

    expect(known.job).toMatchObject({ state: "succeeded", arguments: { file: "f" } })
  })

  test("that was read because this page may be wrong is taken though it is older", () => {
    expect(read(knowing(running({ attempt: 2 })), running()).job.attempt).toBe(1)
  })

  test("brings the result, which the next list does not take away", () => {
    const done = running({ state: "succeeded" })
    const known = fetched(knowing(done), { ...done, result: { rows: 3 } })

    expect(read(known, done).job.result).toEqual({ rows: 3 })
  })
})

test("a job's deletion is known by its event, which is no other", () => {
  const deletion = { v: 1, type: "job.deleted", job: { id: "0199-a" } }

  expect(readDeletion(deletion)).toBe("0199-a")
  expect(readDeletion({ ...deletion, type: "job.succeeded" })).toBeUndefined()
  expect(readDeletion({ ...deletion, job: null })).toBeUndefined()
  expect(readEvent(deletion)).toBeUndefined()
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
