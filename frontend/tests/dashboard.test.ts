// @vitest-environment happy-dom
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest"

import { Api } from "../src/client/api"
import { Live } from "../src/client/live"
import { AsOf } from "../src/elements/as-of"
import "../src/elements/job-filters"
import "../src/elements/job-timeline"
import { provideLive } from "../src/elements/live"
import { job, running } from "./cast"
import { inside, show } from "./stage"

const STEP = { by: "alice", attempt: 1, error: "", worker: null, traceback: null }
const FILTERS = `<job-filters>
  <a href="?state=failed" data-state="failed">Failed</a><a href="?" data-state="">All</a>
  <form><input name="q"><select name="kind"><option value=""></option><option>mail</option></select>
  <input name="since"></form></job-filters>`

let live: Live
let answer: unknown
let asked: string[]

beforeAll(() => customElements.define("as-of", AsOf))

beforeEach(() => {
  asked = []
  answer = { jobs: [] }
  const send = (url: unknown) => {
    asked.push(String(url))
    return Promise.resolve(Response.json(answer))
  }
  live = new Live(new Api({ base: "/api", csrf: () => "", fetch: send as typeof fetch }), {
    positions: {},
  })
  provideLive(live)
  history.replaceState(null, "", "/")
})

afterEach(() => {
  vi.useRealTimers()
  document.body.replaceChildren()
})

test("a page that is not live says since when, but not at once", async () => {
  vi.useFakeTimers({ now: new Date(2026, 9, 1, 12, 3), toFake: ["setTimeout", "Date"] })
  provideLive(new Live(live.api, { positions: {} }))
  document.body.innerHTML = "<as-of></as-of>"
  const said = () => inside("[role=status]")?.textContent
  await vi.advanceTimersByTimeAsync(4_900)
  expect(said()).toBe("")
  await vi.advanceTimersByTimeAsync(200)

  expect(said()).toMatch(/^As of 12:03/)
})

test("a page that slept says since when at once", async () => {
  const since = new Date(2026, 9, 1, 9, 15).getTime()
  vi.spyOn(live, "state", "get").mockReturnValue({ name: "connecting", since })

  expect(await (await show("<as-of></as-of>"))()).toMatch(/^As of 9:15/)
})

test("who queued a job is told to staff, too, to whom workers have names", async () => {
  const queued = { ...STEP, worker: "", name: "queued", at: "2026-10-01T12:00:00.000Z" }
  answer = { steps: [queued, { ...queued, name: "started", by: "w1", worker: "w1" }] }
  const read = await show(`<job-timeline job="0199-a"></job-timeline>`)

  expect(await read()).toMatch(/Queued .* alice .*Started .* w1/)
})

test("an answer about the timeline that is overtaken by a newer one is let go", async () => {
  const answers: ((steps: unknown[]) => void)[] = []
  vi.spyOn(live.api, "ask").mockImplementation(
    () => new Promise((resolve) => answers.push((steps) => resolve({ steps } as never))),
  )
  live.jobs.know([job()])
  const read = await show(`<job-timeline job="0199-a"></job-timeline>`)
  live.jobs.eventArrived({ v: 1, type: "job.started", job: running() })
  await read()
  const queued = { ...STEP, name: "queued", at: "2026-10-01T12:00:00.000Z" }
  answers[1]?.([queued, { ...STEP, name: "started", at: "2026-10-01T12:00:02.000Z" }])
  answers[0]?.([queued])

  expect(await read()).toContain("Started")
})

test("a tab is followed without a new page, and its address is the page's", async () => {
  const read = await show(FILTERS)
  inside("[data-state=failed]")?.dispatchEvent(
    new MouseEvent("click", { bubbles: true, cancelable: true }),
  )
  await read()

  expect([location.search, asked]).toEqual(["?state=failed", ["/api/jobs?limit=30&state=failed"]])
  expect(inside("[data-state=failed]")?.getAttribute("aria-current")).toBe("true")
})

test("a field's change keeps the tab, and going back brings the fields back", async () => {
  history.replaceState(null, "", "/?state=failed&kind=mail")
  const read = await show(FILTERS)
  const kind = inside("[name=kind]") as HTMLSelectElement
  history.replaceState(null, "", "/?state=failed")
  dispatchEvent(new PopStateEvent("popstate"))
  await read()
  expect(kind.value).toBe("")
  kind.value = "mail"
  kind.dispatchEvent(new Event("change", { bubbles: true }))

  expect(location.search).toBe("?state=failed&kind=mail")
  expect(live.jobs.list.filter).toMatchObject({ state: "failed", kind: "mail" })
})

test("the timeline grows with the job, and is not asked for with each step of its bar", async () => {
  live.jobs.know([job()])
  answer = { steps: [{ ...STEP, name: "queued", at: "2026-10-01T12:00:00.000Z" }] }
  const read = await show(`<job-timeline job="0199-a"></job-timeline>`)
  expect(await read()).toContain("Queued")
  answer = {
    steps: [
      { ...STEP, name: "queued", at: "2026-10-01T12:00:00.000Z" },
      { ...STEP, name: "started", at: "2026-10-01T12:00:02.000Z", by: "worker" },
    ],
  }
  live.jobs.eventArrived({ v: 1, type: "job.started", job: running() })
  await read()
  live.jobs.updateArrived({ type: "job.progressed", n: 1, job: running() })

  expect(await read()).toContain("worker, after 2 s")
  expect(asked.length).toBe(2)
})
