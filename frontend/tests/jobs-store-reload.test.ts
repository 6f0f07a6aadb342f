import { beforeEach, describe, expect, test } from "vitest"

import type { JobsStore } from "../src/client/jobs-store"
import { job, running, settle } from "./cast"
import { JobsPage, named, some } from "./jobs-cast"

let page: JobsPage
let store: JobsStore

beforeEach(() => {
  page = new JobsPage()
  store = page.store
})

describe("read anew", () => {
  test("the list is read as far down as anything may have changed", async () => {
    page.rows = some(250)
    page.rows[120] = { ...page.rows[120]!, state: "running" }
    store.begin([...page.rows].reverse(), true)
    await store.reload()

    expect(page.asked).toEqual(["list 100", `list 100 ${named(150)}`])
    expect([page.shown.length, store.list.hasOlder]).toEqual([250, true])
  })

  test("what it no longer has goes", async () => {
    page.rows = some(3)
    store.begin([...page.rows, job({ id: "0199-zzz" })], false)
    await store.reload()

    expect(page.shown).toEqual([named(2), named(1), named(0)])
  })

  test("nothing older is kept behind a hole", async () => {
    const old = job({ id: "0198-old", state: "succeeded" })
    store.begin([old], false)
    page.rows = [...some(1_100), old]
    await store.reload()

    expect([page.shown.length, page.shown.includes("0198-old"), store.list.hasOlder]).toEqual([
      1_000,
      false,
      true,
    ])
  })

  test("a page without a list reads only the jobs that it shows", async () => {
    page.rows = [running({ state: "succeeded" })]
    store.know([running()])
    store.follow("0199-a", () => {})
    await store.reload()

    expect([page.asked, store.job("0199-a")?.state]).toEqual([["0199-a"], "succeeded"])
  })
})

describe("a job that was deleted", () => {
  test("is shown no more, and the others are", () => {
    store.begin([job(), job({ id: "0199-b" })], false)
    page.lose("0199-a")

    expect([page.shown, store.job("0199-a")]).toEqual([["0199-b"], undefined])
  })

  test("is not brought back by an answer that was read before", async () => {
    store.begin([job()], false)
    page.rows = [job()]
    page.lose("0199-a")
    await store.reload()

    expect(page.shown).toEqual([])
  })

  test("while nobody told this page does not keep the list from being read", async () => {
    store.begin([job({ state: "succeeded" })], false)
    store.follow("0199-a", () => {})
    await store.reload()

    expect([page.shown, page.asked]).toEqual([[], ["list 100", "0199-a"]])
  })
})

test("a list of ten thousand takes a new job, and lets the oldest go", async () => {
  store.begin(some(10_000), false)
  page.arrive(job({ id: "0199-new" }))
  await settle()

  expect([page.shown.length, page.shown[0], page.shown.at(-1)]).toEqual([
    10_000,
    "0199-new",
    named(1),
  ])
})
