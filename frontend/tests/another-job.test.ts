// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from "vitest"

import "../src/elements/job-card"
import "../src/elements/job-output"
import "../src/elements/job-progress"
import "../src/elements/job-timeline"
import { at, job, running } from "./cast"
import { JobStage, line } from "./job-stage"
import { inside, show } from "./stage"

const A = "0199-a"
const B = "0199-b"
let stage: JobStage
let read: () => Promise<string>

beforeEach(() => {
  stage = new JobStage()
})

afterEach(() => {
  document.body.replaceChildren()
})

/** What HTMX and React do with an element when the page shows another job. */
function turnTo(id: string): void {
  document.body.firstElementChild?.setAttribute("job", id)
}

const press = (button: string) => inside(button)?.dispatchEvent(new Event("click"))
const steps = (...names: string[]) => ({
  steps: names.map((name) => ({ at: "2026-10-01T12:00:00Z", name, by: "", attempt: 1, error: "" })),
})

test.each(["job-progress", "job-card"])("%s reads another job that it is given", async (tag) => {
  stage.live.jobs.know([running({ progress: { ...at(3), message: "photo 3" } })])
  stage.answers[`/api/jobs/${B}`] = running({ id: B, progress: { ...at(7), message: "row 7" } })
  read = await show(`<${tag} job=${A}></${tag}>`)
  expect(await read()).toMatch(/photo 3 30%/)
  turnTo(B)

  expect(await read()).toMatch(/row 7 70%/)
  expect(await read()).not.toMatch(/photo 3|30%/)
})

test.each(["job-progress", "job-card"])(
  "%s follows another job, and the last one no more",
  async (tag) => {
    stage.live.jobs.know([running(), running({ id: B, progress: at(1) })])
    read = await show(`<${tag} job=${A}></${tag}>`)
    turnTo(B)
    await read()
    const update = (id: string, done: number) =>
      stage.live.jobs.updateArrived({
        type: "job.progressed",
        n: done,
        job: running({ id, progress: at(done) }),
      })
    update(A, 9)
    update(B, 5)

    expect(await read()).toContain("50%")
    expect(stage.live.jobs.job(A)?.progress?.current).toBe(9)
  },
)

const OF_A_JOB = ["", "/timeline", "/output?after=0&limit=500"]
const paths = (id: string) => OF_A_JOB.map((path) => `/api/jobs/${id}${path}`)

test.each([
  ["job-progress", "This job cannot be read."],
  ["job-card", "No such job."],
  ["job-timeline", "No such job."],
  ["job-output", "No such job."],
])("%s does not say of another job that the last one could not be read", async (tag, failure) => {
  read = await show(`<${tag} job=${A}></${tag}>`)
  expect(await read()).toContain(failure)
  stage.hold(...paths(B))
  turnTo(B)

  expect(await read()).toBe("")
})

test.each(["job-progress", "job-card", "job-timeline", "job-output"])(
  "%s lets an answer of the last job pass that comes late",
  async (tag) => {
    stage.answers[`/api/jobs/${A}/timeline`] = steps("failed")
    stage.says(A, [line(1)])
    stage.hold(...paths(A), ...paths(B))
    read = await show(`<${tag} job=${A}>as the server wrote it</${tag}>`)
    turnTo(B)
    await read()
    stage.release(...paths(A))

    expect(await read()).toBe("")
    expect(inside("slot")).toBeDefined()
  },
)

test.each(["job-progress", "job-card", "job-timeline", "job-output"])(
  "%s asks for nothing while it is of no job, nor does the page for it",
  async (tag) => {
    await show(`<${tag}>as the server wrote it</${tag}>`)
    await stage.live.jobs.reload()

    expect(inside("slot")).toBeDefined()
    expect(stage.asked).toEqual([])
  },
)

test("a card says of the job alone that was repeated that it was", async () => {
  stage.live.jobs.know([running({ state: "failed" }), running({ id: B, state: "failed" })])
  stage.answers[`/api/jobs/${A}/repeat`] = job({ id: "0199-c" })
  read = await show(`<job-card job=${A}></job-card>`)
  press("button")
  expect(await read()).toContain("Queued once more")
  turnTo(B)

  expect(await read()).not.toContain("Queued once more")
})

test("a card says so of no other job either where the answer comes late", async () => {
  stage.live.jobs.know([running({ state: "failed" }), running({ id: B, state: "failed" })])
  stage.answers[`/api/jobs/${A}/repeat`] = job({ id: "0199-c" })
  stage.hold(`/api/jobs/${A}/repeat`)
  read = await show(`<job-card job=${A}></job-card>`)
  press("button")
  turnTo(B)
  await read()
  expect(inside("button")?.hasAttribute("disabled")).toBe(false)
  stage.release(`/api/jobs/${A}/repeat`)
  await read()
  stage.live.jobs.know([running({ id: B, state: "failed", error: "No columns." })])

  expect(await read()).toContain("No columns.")
  expect(await read()).not.toContain("Queued once more")
})

test("a card that showed a result shows that of another job only when asked to", async () => {
  const done = { state: "succeeded", result: { answer: 42 } } as const
  stage.live.jobs.know([running(), running({ id: B, state: "succeeded" })])
  read = await show(`<job-card job=${A}></job-card>`)
  stage.live.jobs.know([running(done)])
  await read()
  expect(inside("[aria-expanded=true]")).toBeDefined()
  turnTo(B)

  expect(await read()).toContain("Show the result")
  expect(stage.asked).toEqual([])
})

test("a timeline shows another job's steps, though the page knows neither job", async () => {
  stage.answers[`/api/jobs/${A}/timeline`] = steps("queued", "failed")
  stage.answers[`/api/jobs/${B}/timeline`] = steps("queued", "started")
  read = await show(`<job-timeline job=${A}></job-timeline>`)
  expect(await read()).toContain("Failed")
  turnTo(B)

  expect(await read()).toContain("Started")
  expect(await read()).not.toContain("Failed")
})

test("the last job's steps are gone before another's are there", async () => {
  stage.answers[`/api/jobs/${A}/timeline`] = steps("failed")
  read = await show(`<job-timeline job=${A}></job-timeline>`)
  stage.hold(`/api/jobs/${B}/timeline`)
  turnTo(B)

  expect(await read()).not.toContain("Failed")
})

test("the output of another job takes the place of the last one's", async () => {
  stage.says(A, [line(1, { text: "of the first" }), line(2)])
  stage.says(B, [line(1, { text: "of the second" })])
  read = await show(`<job-output job=${A}></job-output>`)
  expect(await read()).toContain("of the first")
  turnTo(B)

  expect(await read()).toContain("of the second")
  expect(await read()).not.toMatch(/of the first|line 2/)
  expect(inside(`a[href="/api/jobs/${B}/output.txt"]`)).toBeDefined()
})

test("of another job one hears what it says from now on, and of the last one nothing", async () => {
  stage.says(A, [line(1)])
  stage.says(B, [line(1)])
  const stores: unknown[] = []
  const attach = stage.live.attach.bind(stage.live)
  stage.live.attach = (store) => {
    stores.push(store)
    const stop = attach(store)
    return () => (stores.splice(stores.indexOf(store), 1), stop())
  }
  read = await show(`<job-output job=${A}></job-output>`)
  turnTo(B)
  await read()

  expect(stores).toMatchObject([{ job: B }])
  document.body.replaceChildren()
  expect(stores).toEqual([])
})

test("what was searched for in the last job's output is not searched for in another's", async () => {
  stage.says(A, [line(1)])
  stage.says(B, [line(1)])
  read = await show(`<job-output job=${A}></job-output>`)
  const field = () => inside("input[type=search]") as HTMLInputElement
  field().value = "line"
  field().dispatchEvent(new Event("input"))
  expect(await read()).toContain("0 of 1")
  turnTo(B)

  expect(await read()).not.toContain("0 of 1")
  expect(field().value).toBe("")
})
