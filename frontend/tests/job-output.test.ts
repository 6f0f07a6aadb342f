// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, test } from "vitest"

import "../src/elements/job-output"
import { running } from "./cast"
import { JobStage, line } from "./job-stage"
import { inside, show } from "./stage"

const JOB = "0199-a"
const MARKUP = `<job-output job=${JOB}>as the server wrote it</job-output>`
let stage: JobStage

beforeEach(() => {
  stage = new JobStage()
})

afterEach(() => {
  document.body.replaceChildren()
})

const after = (n: number) => `/api/jobs/${JOB}/output?after=${n}&limit=500`
/** What is asked for first of what was said before the end. */
const EARLIER = after(100)

/** Have the job say so much that at first only the end is read; few of the lines stand for all. */
function sayMuch(first: string): void {
  stage.answers[after(0)] = { lines: [line(1, { text: first })], last: 2_600 }
  stage.answers[EARLIER] = { lines: [line(101)], last: 2_600 }
  stage.answers[after(600)] = { lines: [line(601), line(2_600)], last: 2_600 }
}

function searchFor(query: string): void {
  const field = inside("input[type=search]") as HTMLInputElement
  field.value = query
  field.dispatchEvent(new Event("input"))
}

function choose(level: string): void {
  const field = inside("select") as HTMLSelectElement
  field.value = level
  field.dispatchEvent(new Event("change"))
}

const places = () => inside("output")?.textContent

test("nothing is said to be missing before all of it was read", async () => {
  sayMuch("needle")
  const read = await show(MARKUP)
  stage.hold(EARLIER)
  searchFor("needle")
  await read()
  expect(places()).toBe("Searching…")
  stage.release(EARLIER)
  await read()

  expect(places()).toBe("0 of 1")
})

test("what is in none of the lines is not found", async () => {
  sayMuch("hay")
  const read = await show(MARKUP)
  searchFor("needle")
  await read()

  expect(places()).toBe("Not found")
})

test("a search that could not read all of it claims nothing, and goes on when asked to", async () => {
  sayMuch("needle")
  const answer = stage.answers[EARLIER]
  delete stage.answers[EARLIER]
  const read = await show(MARKUP)
  searchFor("needle")
  expect(await read()).toContain("No such job.")
  expect(places()).toBe("")
  stage.answers[EARLIER] = answer
  inside("[role=alert] button")?.dispatchEvent(new Event("click"))
  await read()

  expect(places()).toBe("0 of 1")
})

test("where no line is of the level that was chosen, it says so", async () => {
  stage.says(JOB, [line(1), line(2, { level: "warning", text: "careful" })])
  const read = await show(MARKUP)
  choose("error")
  expect(await read()).toContain("No line of this level here.")
  expect(inside("li")).toBeUndefined()
  choose("warning")

  expect(await read()).toContain("careful")
  expect(await read()).not.toContain("No line of this level here.")
})

test.each([
  ["running", "Nothing said yet."],
  ["succeeded", "This job said nothing."],
] as const)("of a job that is %s and said nothing: %s", async (state, expected) => {
  stage.live.jobs.know([running({ state })])
  stage.says(JOB, [])

  expect(await (await show(MARKUP))()).toBe(expected)
})

test("each line is a part, and of its level's name", async () => {
  stage.says(JOB, [line(1, { level: "error" })])
  await show(MARKUP)

  expect(inside("li")?.getAttribute("part")).toBe("line error")
})
