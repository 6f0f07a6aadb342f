import { expect, test } from "vitest"

import { EVERYTHING, addressOf, matches, queryOf, readFilter } from "../src/client/jobs-filter"
import { job } from "./cast"

test.each([
  ["nothing at all", "", {}],
  ["a state and a kind", "?state=running&kind=reports", { state: "running", kind: "reports" }],
  ["words to be found", "?q=towns+2026", { q: "towns 2026" }],
  ["a day", "?since=2026-10-01", { since: "2026-10-01" }],
])("an address says what is wanted, and the other way round: %s", (_name, address, wanted) => {
  expect(readFilter(address)).toEqual({ ...EVERYTHING, ...wanted })
  expect(addressOf({ ...EVERYTHING, ...wanted })).toBe(address)
})

test.each([
  ["another word", "?page=7&state=failed"],
  ["a day that is none", "?since=2026-13-01&state=failed"],
  ["something else than a day", "?since=yesterday&state=failed"],
])("what an address says beside it is let pass, as the server does: %s", (_name, address) => {
  expect(readFilter(address)).toEqual({ ...EVERYTHING, state: "failed" })
})

test("a state that has no tab is none", () => {
  expect(readFilter("?state=retrying")).toEqual(EVERYTHING)
})

test.each([
  ["any", {}, true],
  ["its state", { state: "queued" }, true],
  ["another state", { state: "failed" }, false],
  ["its kind", { kind: "reports" }, true],
  ["another kind", { kind: "mail" }, false],
  ["its day", { since: "2026-10-01" }, true],
  ["a later day", { since: "2026-10-02" }, false],
])("a job is told to belong to the list by %s: %o → %s", (_name, wanted, expected) => {
  expect(matches(job(), { ...EVERYTHING, ...wanted })).toBe(expected)
})

test("one that will be tried again waits, to a person and to the server", () => {
  expect(matches(job({ state: "retrying" }), { ...EVERYTHING, state: "queued" })).toBe(true)
  expect(queryOf({ state: "queued", kind: "mail", q: "a b", since: "2026-10-01" })).toEqual([
    ["state", "queued"],
    ["state", "retrying"],
    ["kind", "mail"],
    ["search", "a b"],
    ["since", "2026-10-01T00:00:00Z"],
  ])
})
