import { describe, expect, test } from "vitest"

import { judge, meets, type Joined } from "../src/client/position"

const applied = { epoch: "e1", offset: 7 }

describe("an event", () => {
  test.each([
    ["that is the next is applied", "e1", 8, "apply"],
    ["that was applied is dropped", "e1", 7, "drop"],
    ["that is older is dropped", "e1", 1, "drop"],
    ["after a gap asks for a reload", "e1", 9, "reload"],
    ["of another history asks for a reload", "e2", 8, "reload"],
  ] as const)("%s", (_name, epoch, offset, verdict) => {
    expect(judge(applied, epoch, offset)).toBe(verdict)
  })
})

describe("a subscription", () => {
  const join = (changes: Partial<Joined>): Joined => ({
    wasRecovering: true,
    recovered: true,
    streamPosition: { epoch: "e1", offset: 7 },
    ...changes,
  })
  test.each([
    ["goes on from where the page is", join({}), true],
    [
      "from before it repeats some, which are dropped",
      join({ streamPosition: { epoch: "e1", offset: 3 } }),
      true,
    ],
    ["from after it has lost some", join({ streamPosition: { epoch: "e1", offset: 8 } }), false],
    ["that could not recover has lost some", join({ recovered: false }), false],
    [
      "of another history has lost all",
      join({ streamPosition: { epoch: "e2", offset: 7 } }),
      false,
    ],
    [
      "that did not recover is met at the top",
      join({ wasRecovering: false, recovered: false }),
      true,
    ],
    [
      "that did not recover has lost what came before the top",
      join({ wasRecovering: false, recovered: false, streamPosition: { epoch: "e1", offset: 8 } }),
      false,
    ],
    ["without a position is never met", { wasRecovering: false, recovered: false }, false],
  ])("%s", (_name, joined, expected) => {
    expect(meets(applied, joined)).toBe(expected)
  })

  test("of a page that has no position is never met", () => {
    expect(meets(undefined, join({}))).toBe(false)
  })
})
