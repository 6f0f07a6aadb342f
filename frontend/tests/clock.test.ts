import { describe, expect, test } from "vitest"

import { Clock } from "../src/client/clock"

/** A reading of a server that is `ahead` of us, with so long a way there and back. */
function reading(sent: number, ahead: number, there: number, back: number, work = 5) {
  const received = sent + there + ahead
  const answered = received + work
  return { sent, received, answered, got: answered - ahead + back }
}

test("before the first reading the server's time is not known", () => {
  expect(new Clock().atServer(1_000)).toBeUndefined()
})

describe.each([
  ["ahead", 5_000],
  ["behind", -5_000],
  ["equal", 0],
])("a server that is %s", (_, ahead) => {
  test("is known exactly where the ways are equal", () => {
    const clock = new Clock()
    clock.read(reading(1_000, ahead, 20, 20))
    expect(clock.atServer(2_000)).toBe(2_000 + ahead)
  })

  test("is known to half of the way where they differ", () => {
    const clock = new Clock()
    clock.read(reading(1_000, ahead, 100, 0))
    expect(Math.abs((clock.atServer(2_000) ?? NaN) - 2_000 - ahead)).toBeLessThanOrEqual(50)
  })
})

test("the reading that was quickest on its way counts", () => {
  const clock = new Clock()
  clock.read(reading(1_000, 7, 10, 10))
  clock.read(reading(2_000, 7, 400, 0))
  expect(clock.atServer(0)).toBe(7)
})

test("how long the server took to answer is no part of the way", () => {
  const clock = new Clock()
  clock.read(reading(1_000, 7, 1, 1, 9_000))
  clock.read(reading(2_000, 7, 0, 300))
  expect(clock.atServer(0)).toBe(7)
})

test("what was read long ago is forgotten, since clocks drift", () => {
  const clock = new Clock()
  clock.read(reading(1_000, 7, 1, 1))
  for (let n = 2; n < 10; n++) clock.read(reading(n * 1_000, 90, 50, 50))
  expect(clock.atServer(0)).toBe(90)
})

test.each([
  ["an answer before the question", { sent: 10, received: 5, answered: 6, got: 9 }],
  ["no numbers", { sent: NaN, received: 5, answered: 6, got: 9 }],
  ["an endless one", { sent: 1, received: Infinity, answered: Infinity, got: 9 }],
])("a reading that cannot be is let pass: %s", (_, impossible) => {
  const clock = new Clock()
  clock.read(impossible)
  expect(clock.atServer(0)).toBeUndefined()
})
