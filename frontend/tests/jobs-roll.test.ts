import { expect, test } from "vitest"

import { Roll } from "../src/client/jobs-roll"

const letters = [..."abcdefghijklmnopqrstuvwxyz"]

test("whatever the order of coming, the greatest is first", () => {
  const shuffled = letters.map((_, n) => letters[(n * 7) % letters.length]!)
  const roll = new Roll()
  for (const id of shuffled) expect(roll.add(id)).toBe(true)

  expect(roll.ids()).toEqual([...letters].reverse())
  expect([roll.first, roll.last, roll.size]).toEqual(["z", "a", 26])
})

test("what is there is not added again, and what is not is not removed", () => {
  const roll = new Roll()
  roll.add("a")

  expect([roll.add("a"), roll.remove("b"), roll.remove("a"), roll.size]).toEqual([
    false,
    false,
    true,
    0,
  ])
})

test("blocks keep their members when newer ones come", () => {
  const roll = new Roll()
  roll.replace(letters.slice(0, 20))
  const before = roll.blocks.map(({ key, ids }) => [key, ids])
  for (const id of letters.slice(20)) roll.add(id)

  expect(roll.blocks.slice(-2).map(({ key, ids }) => [key, ids])).toEqual(before)
  expect(roll.blocks.map(({ ids }) => ids.length)).toEqual([6, 10, 10])
})

test("a block that lost all its members is gone", () => {
  const roll = new Roll()
  roll.replace(letters)
  for (const id of letters.slice(6, 16)) roll.remove(id)

  expect(roll.ids()).toEqual([...letters.slice(16), ...letters.slice(0, 6)].sort().reverse())
  expect(roll.blocks.every(({ ids }) => ids.length > 0)).toBe(true)
})
