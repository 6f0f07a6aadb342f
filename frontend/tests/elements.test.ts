// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import { Live } from "../src/client/live"
import { isLocal, type Job } from "../src/client/protocol"
import "../src/elements/job-card"
import "../src/elements/job-progress"
import { mailArguments } from "../src/elements/kinds"
import { provideLive } from "../src/elements/live"
import { at, job, running } from "./cast"
import { inside, show } from "./stage"

let live: Live
let answers: Record<string, unknown>
let asked: string[]

beforeEach(() => {
  answers = {}
  asked = []
  const send = (url: unknown, init?: RequestInit) => {
    asked.push(`${init?.method} ${url}`)
    const answer = answers[String(url)]
    return Promise.resolve(
      Response.json(answer ?? { error: { message: "No such job." } }, {
        status: answer ? 200 : 404,
      }),
    )
  }
  live = new Live(new Api({ base: "/api", csrf: () => "", fetch: send as typeof fetch }), {
    positions: {},
  })
  provideLive(live)
})

afterEach(() => {
  document.body.replaceChildren()
})

const event = (shown: Job, type: string) => live.jobs.eventArrived({ v: 1, type, job: shown })

test("the bar follows the job", async () => {
  live.jobs.begin(
    [
      running({
        kind: "images",
        progress: { ...at(3), message: "photo 3 of 10", rate: 1.2, eta: 6 },
      }),
    ],
    false,
  )
  const read = await show(`<job-progress job="0199-a"></job-progress>`)

  expect(await read()).toBe("Running , photo 3 of 10 30% · 1.2 per second · about 10 s left")
  live.jobs.updateArrived({ type: "job.progressed", n: 1, job: running({ progress: at(7) }) })
  await read()
  expect(inside("progress")?.getAttribute("value")).toBe("0.7")
})

test("a bar without a known total does not pretend", async () => {
  live.jobs.begin([running({ progress: at(120, null) })], false)
  const read = await show(`<job-progress job="0199-a"></job-progress>`)

  expect(await read()).toBe("Running 120")
  expect(inside("progress")?.hasAttribute("value")).toBe(false)
})

test("a job that the page does not know is asked for", async () => {
  answers["/api/jobs/0199-a"] = job()
  const read = await show(`<job-progress job="0199-a">as the server wrote it</job-progress>`)

  expect(await read()).toBe("Waiting")
})

test("a result appears where the job was watched", async () => {
  live.jobs.begin([running()], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)
  answers["/api/jobs/0199-a"] = running({ state: "succeeded", result: { answer: 42 } })
  event(running({ state: "succeeded" }), "job.succeeded")
  await vi.waitFor(async () => expect(await read()).toContain('{ "answer": 42 }'))
})

test("a job that ended before is shown closed, and fetches nothing", async () => {
  live.jobs.begin([running({ state: "succeeded" })], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)

  expect(await read()).toContain("Show the result")
  expect(asked).toEqual([])
})

test("stopping says so at once, and until it has stopped", async () => {
  live.jobs.begin([running()], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)
  answers["/api/jobs/0199-a/cancel"] = running({ cancel_requested: true })
  inside("button")?.dispatchEvent(new Event("click"))

  expect(await read()).toContain("Stopping…")
  event(running({ state: "cancelled", progress: at(4) }), "job.cancelled")
  expect(await read()).toContain("Cancelled at 40%")
  expect(asked).toEqual(["POST /api/jobs/0199-a/cancel"])
})

test.each(["succeeded", "failed", "cancelled"] as const)(
  "a job that has %s is repeated once per press",
  async (state) => {
    live.jobs.begin([running({ state })], false)
    const read = await show(`<job-card job="0199-a" page="/jobs/"></job-card>`)
    answers["/api/jobs/0199-a/repeat"] = job({ id: "0199-b" })
    const button = inside("button:last-of-type")
    expect(button?.textContent?.trim()).toBe("Repeat")
    button?.dispatchEvent(new Event("click"))
    await Promise.resolve()

    expect(await read()).toContain("Queued once more")
    expect(inside(`a[href="/jobs/0199-b/"]`)).toBeDefined()
    expect(live.jobs.job("0199-b")?.state).toBe("queued")
    expect(asked).toEqual(["POST /api/jobs/0199-a/repeat"])
  },
)

test("a job that has not ended cannot be repeated", async () => {
  live.jobs.begin([running()], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)

  expect(await read()).not.toContain("Repeat")
})

test("while a repeat is asked for it is not asked for again", async () => {
  live.jobs.begin([running({ state: "failed" })], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)
  answers["/api/jobs/0199-a/repeat"] = job({ id: "0199-b" })
  inside("button")?.dispatchEvent(new Event("click"))
  await Promise.resolve()

  expect(inside("button")?.hasAttribute("disabled")).toBe(true)
  await read()
  expect(inside("button")?.hasAttribute("disabled")).toBe(false)
})

test("what the server refuses is said in its words", async () => {
  live.jobs.begin([running()], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)
  inside("button")?.dispatchEvent(new Event("click"))

  expect(await read()).toContain("No such job.")
})

test("text from a job is text, whatever it looks like", async () => {
  live.jobs.begin([running({ state: "failed", error: "<img src=x onerror=alert(1)>" })], false)
  const read = await show(`<job-card job="0199-a"></job-card>`)

  expect(await read()).toContain("<img src=x onerror=alert(1)>")
  expect(inside("img")).toBeUndefined()
})

test.each([
  ["a path of this site", "/api/files/1/content", true],
  ["another site", "https://elsewhere/x", false],
  ["another site without a scheme", "//elsewhere/x", false],
  ["another site by backslashes", "/\\elsewhere/x", false],
  ["a script", "javascript:alert(1)", false],
])("a result's link may lead to %s: %s → %s", (_name, address, expected) => {
  expect(isLocal(address)).toBe(expected)
})

test("recipients are divided by lines, commas or semicolons", () => {
  const form = new FormData()
  form.set("recipients", "alice@example.org\n bob@example.org;\n\ncarol@example.org, ")

  expect(mailArguments(form)["recipients"]).toEqual([
    "alice@example.org",
    "bob@example.org",
    "carol@example.org",
  ])
})
