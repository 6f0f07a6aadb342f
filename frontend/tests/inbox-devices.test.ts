/** Two devices of one person, and everything that may cross on the way: in the end both show what
 *  the server has. */

import { afterEach, beforeEach, expect, test, vi } from "vitest"

import type { Mark } from "../src/client/inbox-messages"
import type { Show } from "../src/client/inbox-state"
import { Device, Server, dice, pass } from "./inbox-cast"

const MARKS: readonly Mark[] = ["seen", "read", "unread", "archived", "unarchived"]
const SHOWS: readonly Show[] = ["inbox", "unread", "archived"]
const PATIENCE_MS = 1_000
const SEEDS = Array.from({ length: 25 }, (_, seed) => seed)

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

test.each([
  ["the server tells of every mark", true],
  ["a mark that changes nothing has no event", false],
])(
  "two devices end equal to the server, whatever crosses: %s",
  async (_name, tellsAll) => {
    for (const seed of SEEDS) await live(seed, tellsAll)
  },
  60_000,
)

async function live(seed: number, tellsAll: boolean): Promise<void> {
  const roll = dice(seed)
  const server = new Server(tellsAll)
  for (let n = 0; n < 20; n++) server.create()
  const devices = [new Device(server, PATIENCE_MS), new Device(server, PATIENCE_MS)]
  for (let step = 0; step < 200; step++) {
    act(devices[roll(2)] as Device, server, roll)
    if (roll(3) === 0) await pass()
  }
  // What one still asks for is an event for the other.
  for (const device of [...devices, ...devices]) await device.calm()
  if (!tellsAll) {
    await pass(PATIENCE_MS)
    for (const device of [...devices, ...devices]) await device.calm()
  }
  for (const device of devices) agree(device, server, seed)
}

function act(device: Device, server: Server, roll: (sides: number) => number): void {
  const { store } = device
  const show = SHOWS[roll(3)] as Show
  const cards = store.cards(show)
  const some = cards.filter(() => roll(3) === 0).map(({ id }) => id)
  // What is asked for is served and heard faster than it is asked for, or all would pile up.
  const steps: readonly (readonly [weight: number, step: () => void])[] = [
    [1, () => server.create()],
    [1, () => server.change(roll(40))],
    [1, () => server.delete(roll(40))],
    [2, () => void store.open(show)],
    [3, () => void store.loadOlder(show)],
    [5, () => void store.mark(MARKS[roll(5)] as Mark, roll(12) ? some : "all")],
    [8, () => device.serve(roll(9))],
    [8, () => device.answer(roll(9))],
    [9, () => device.hear()],
  ]
  const all = steps.flatMap(([weight, step]) => Array.from({ length: weight }, () => step))
  all[roll(all.length)]?.()
}

function agree({ store }: Device, server: Server, seed: number): void {
  for (const show of SHOWS.filter((show) => store.isRead(show))) {
    const [shown, all] = [store.cards(show), server.list(show)]
    const expected = store.hasOlder(show) ? all.slice(0, shown.length) : all
    expect(shown, `seed ${seed}, ${show}`).toEqual(expected)
  }
  if (store.counts) expect(store.counts, `seed ${seed}`).toEqual(server.counts)
}
