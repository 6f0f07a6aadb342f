import { expect, test } from "vitest"

import { backoff } from "../src/client/backoff"

test.each([
  ["the first wait is half a second at least", 0, 0, 500],
  ["and a second at most", 0, 1, 1_000],
  ["it doubles", 3, 1, 4_500],
  ["up to a ceiling", 30, 1, 20_500],
])("%s", (_name, attempt, random, expected) => {
  expect(backoff(attempt, () => random)).toBe(expected)
})
