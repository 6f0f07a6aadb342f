import { expect, test } from "vitest"

import * as words from "../src/client/words"
import { at } from "./cast"

const MINUTE = 60_000

test.each([
  ["a moment", 2, "almost done"],
  ["seconds, by fives", 12, "about 15 s left"],
  ["a minute", 70, "about a minute left"],
  ["minutes", 400, "about 7 min left"],
  ["hours", 9_000, "about 2.5 h left"],
])("the estimate of the end is told in %s", (_name, seconds, expected) => {
  expect(words.etaInWords(seconds)).toBe(expected)
})

test.each([
  ["just begun", 10_000, "just now"],
  ["a clock that is behind the server's", -5_000, "just now"],
  ["minutes", 5 * MINUTE, "5 minutes ago"],
  ["an hour", 60 * MINUTE, "1 hour ago"],
  ["a day", 24 * 60 * MINUTE, "yesterday"],
])("how long ago: %s", (_name, milliseconds, expected) => {
  expect(words.agoInWords(0, milliseconds)).toBe(expected)
})

test.each([
  ["a tenth counts while it is short", 3_420, "3.4 s"],
  ["seconds", 42_400, "42 s"],
  ["minutes and seconds", 125_000, "2 min 5 s"],
  ["no sixty seconds", 119_700, "2 min 0 s"],
  ["hours and minutes", 9_000_000, "2 h 30 min"],
  ["no sixty minutes", 7_199_000, "2 h 0 min"],
])("how long it took: %s", (_name, milliseconds, expected) => {
  expect(words.durationInWords(milliseconds)).toBe(expected)
})

test.each([
  ["the share of a known total", 3, 10, 0.3],
  ["never more than all", 12, 10, 1],
  ["unknown without a total", 3, null, undefined],
  ["unknown for an empty total", 0, 0, undefined],
])("%s", (_name, current, total, expected) => {
  expect(words.share({ current, total, message: "", rate: null, eta: null })).toBe(expected)
})

test("a bar that is not full does not say 100 %", () => {
  expect(words.percent(0.999)).toBe("99%")
})

test("slow work is told per minute", () => {
  expect([words.rateInWords(0.05), words.rateInWords(41_250)]).toEqual([
    "3 per minute",
    "41,000 per second",
  ])
})

test("a report's pace is one of bytes", () => {
  expect(words.rateInWords(2_700_000, "reports")).toBe("2.7 MB per second")
})

test("sizes have one unit", () => {
  expect([0, 999, 1_500, 100_000_000].map(words.bytes)).toEqual([
    "0 bytes",
    "999 bytes",
    "1.5 kB",
    "100 MB",
  ])
})

test("a kind that is not known is shown as it is called", () => {
  expect([words.kindInWords("images"), words.kindInWords("weekly_export")]).toEqual([
    "Pictures",
    "Weekly export",
  ])
})

test.each([
  ["cancelled", at(4), "Cancelled at 40%"],
  ["cancelled", at(999, 1000), "Cancelled at 99%"],
  ["cancelled", at(7, null), "Cancelled"],
  ["cancelled", null, "Cancelled"],
  ["failed", at(4), "Failed"],
  ["running", at(4), "Running"],
] as const)("a job that is %s stands in words", (state, progress, standing) => {
  expect(words.standingInWords(state, progress)).toBe(standing)
})
