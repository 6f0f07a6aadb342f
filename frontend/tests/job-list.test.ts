// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import { Live } from "../src/client/live"
import type { Job } from "../src/client/protocol"
import type { Store } from "../src/client/store"
import type { JobBlock } from "../src/elements/job-block"
import "../src/elements/job-card"
import "../src/elements/job-list"
import "../src/elements/job-progress"
import { provideLive } from "../src/elements/live"
import { job, running } from "./cast"
import { inside, show } from "./stage"

let live: Live
let answer: unknown
let stores: Store[]

beforeEach(() => {
  const send = () => Promise.resolve(Response.json(answer))
  live = new Live(new Api({ base: "/api", csrf: () => "", fetch: send }), { positions: {} })
  stores = [live.jobs]
  const attach = live.attach.bind(live)
  live.attach = (store) => (stores.push(store), attach(store))
  provideLive(live)
})

afterEach(() => {
  document.body.replaceChildren()
})

/** What the feed does with an event: every store hears it. */
function arrive(arrived: Job, type = `job.${arrived.state}`): void {
  for (const store of stores) store.eventArrived({ v: 1, type, job: arrived })
}

test("an empty list says what will be there", async () => {
  live.jobs.begin([], false)

  expect(await (await show(`<job-list></job-list>`))()).toContain("Nothing here yet")
})

test("an empty list of some says where the others are", async () => {
  live.jobs.begin([], false, { state: "failed", kind: "", q: "", since: "" })

  expect(await (await show(`<job-list></job-list>`))()).toContain("Show all jobs")
})

test("a job that is started appears at the top", async () => {
  live.jobs.begin([job()], false)
  const read = await show(`<job-list></job-list>`)
  arrive(job({ id: "0199-b", kind: "images" }))

  expect(await read()).toMatch(/^Pictures .* Report /)
})

test("a job is called by its own name, where it has one", async () => {
  live.jobs.begin([job({ name: "Sales of October" })], false)

  expect(await (await show(`<job-list></job-list>`))()).toContain("Sales of October")
})

test("a list that the page did not bring is read", async () => {
  answer = { jobs: [job()] }

  expect(await (await show(`<job-list></job-list>`))()).toContain("Report")
})

test("a list that cannot be read says why, and is read again when asked to", async () => {
  answer = { jobs: "a proxy's page" }
  const read = await show(`<job-list></job-list>`)
  expect(await read()).toContain("The server's answer makes no sense here.")
  answer = { jobs: [job()] }
  inside("button")?.dispatchEvent(new Event("click"))

  expect(await read()).toContain("Report")
})

test("new jobs wait behind a button while somebody reads, and come when it is pressed", async () => {
  live.jobs.begin([job()], false)
  const read = await show(`<job-list></job-list>`)
  live.jobs.hold(true)
  arrive(job({ id: "0199-b", kind: "images" }))
  expect(await read()).toMatch(/^1 new job Report /)
  inside(".pill button")?.dispatchEvent(new Event("click"))

  expect(await read()).toMatch(/^Pictures .* Report /)
})

test("of ten thousand jobs only some are drawn", async () => {
  const many = Array.from({ length: 10_000 }, (_, n) => job({ id: `0199-${100_000 + n}` }))
  live.jobs.begin(many, false)
  await show(`<job-list></job-list>`)
  const list = document.querySelector("job-list")?.shadowRoot

  expect(list?.querySelectorAll("job-block").length).toBe(1_000)
  expect(list?.querySelectorAll("job-card").length).toBe(20)
})

test("jobs that end are read out, and of a burst only how many", async () => {
  const ids = ["0199-a", "0199-b", "0199-c"]
  live.jobs.begin(
    ids.map((id) => running({ id })),
    false,
  )
  await show(`<job-list></job-list>`)
  const said = () => inside("job-list")?.shadowRoot?.querySelector("[role=status]")?.textContent
  vi.useFakeTimers()
  for (const id of ids) arrive(running({ id, state: "succeeded" }))
  await vi.advanceTimersByTimeAsync(0)
  expect(said()).toBe("Report: Done")
  await vi.advanceTimersByTimeAsync(4_000)
  vi.useRealTimers()

  expect(said()).toBe("2 jobs have ended")
})

test("a result that somebody opened is open again after its block was off the screen", async () => {
  live.jobs.begin([running({ state: "succeeded" })], false)
  answer = running({ state: "succeeded", result: { answer: 42 } })
  const read = await show(`<job-list></job-list>`)
  inside("[part=actions] button")?.dispatchEvent(new Event("click"))
  await vi.waitFor(async () => expect(await read()).toContain('{ "answer": 42 }'))
  const block = inside("job-block") as JobBlock
  block.isDrawn = false
  expect(await read()).not.toContain("answer")
  block.isDrawn = true

  expect(await read()).toContain('{ "answer": 42 }')
  expect(inside("[part=actions] button")?.getAttribute("aria-expanded")).toBe("true")
})
