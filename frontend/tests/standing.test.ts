import { expect, test } from "vitest"

import type { FeedState } from "../src/client/feed"
import { Teller } from "../src/client/standing"

const connecting = (since = 0): FeedState => ({ name: "connecting", since })
const waiting = (since = 0, until = 0): FeedState => ({ name: "waiting", since, until })
const open: FeedState = { name: "open", way: "websocket" }
const reloading: FeedState = { name: "reloading", isFirst: false }
const firstReading: FeedState = { name: "reloading", isFirst: true }
const closed: FeedState = { name: "closed", cause: "signed out", reason: "bad request" }

const live = { name: "live", way: "websocket", hasReloaded: false }
const reloaded = { ...live, hasReloaded: true }

type Step = readonly [at: number, state: FeedState]

test.each<[string, readonly Step[], number, unknown]>([
  ["at the beginning", [], 500, { name: "connecting" }],
  ["once it is live", [[300, open]], 400, live],
  ["by another way", [[300, { name: "open", way: "poll" }]], 400, { ...live, way: "poll" }],
  [
    "when the first attempt fails",
    [[300, waiting(0, 900)]],
    400,
    { name: "reconnecting", until: 900 },
  ],
  [
    "of a loss shorter than a second, nothing",
    [
      [0, open],
      [5_000, waiting(5_000, 5_600)],
      [5_600, connecting(5_000)],
    ],
    5_999,
    live,
  ],
  [
    "of a loss of a second",
    [
      [0, open],
      [5_000, waiting(5_000, 7_000)],
    ],
    6_000,
    { name: "reconnecting", until: 7_000 },
  ],
  [
    "while an attempt is made",
    [
      [0, open],
      [5_000, waiting(5_000, 7_000)],
      [7_000, connecting(5_000)],
    ],
    7_100,
    { name: "reconnecting", until: undefined },
  ],
  [
    "after a sleep, at once",
    [
      [0, open],
      [3_600_000, connecting(1_000)],
    ],
    3_600_000,
    { name: "reconnecting", until: undefined },
  ],
  [
    "after a sleep, whatever failed before it",
    [
      [0, waiting(0, 500)],
      [600, open],
      [3_600_000, connecting(1_000)],
    ],
    3_600_000,
    { name: "reconnecting", until: undefined },
  ],
  [
    "when half a minute's attempts failed",
    [
      [0, open],
      [5_000, waiting(5_000, 6_000)],
      [36_000, waiting(5_000, 44_000)],
    ],
    36_000,
    { name: "offline", since: 5_000, until: 44_000 },
  ],
  [
    "when it is back",
    [
      [0, open],
      [5_000, waiting(5_000, 6_000)],
      [60_000, open],
    ],
    60_000,
    live,
  ],
  [
    "while the state is read anew for more than a second",
    [
      [0, open],
      [5_000, reloading],
    ],
    6_000,
    { name: "reloading" },
  ],
  [
    "when it was read anew",
    [
      [0, open],
      [5_000, reloading],
      [5_100, open],
    ],
    5_200,
    reloaded,
  ],
  [
    "some seconds after that",
    [
      [0, open],
      [5_000, reloading],
      [5_100, open],
    ],
    13_100,
    live,
  ],
  [
    "when a page without a state has read it",
    [
      [0, firstReading],
      [100, open],
    ],
    200,
    live,
  ],
  [
    "when it is over",
    [
      [0, open],
      [5_000, closed],
    ],
    5_000,
    { name: "closed", cause: "signed out" },
  ],
])("what is told %s", (_name, steps, now, told) => {
  expect(after(steps).standing(now, true)).toEqual(told)
})

test("a browser without a network is offline since the last sign of life", () => {
  const teller = after([
    [0, open],
    [5_000, waiting(5_000, 6_000)],
  ])

  expect(teller.standing(6_000, false)).toEqual({ name: "offline", since: 5_000, until: 6_000 })
})

function after(steps: readonly Step[]): Teller {
  const teller = new Teller(connecting(), 0)
  for (const [at, state] of steps) teller.moved(state, at)
  return teller
}
