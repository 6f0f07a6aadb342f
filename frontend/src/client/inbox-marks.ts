/** Marks that this page has asked for and that no event has confirmed yet. What is shown has
 *  them already. Pure. */

import type { InboxEvent, Mark, Marked, Notification } from "./inbox-messages"
import { changes, marked } from "./inbox-state"

/** `answered`: the server has taken it, and its event is on the way, or nothing had changed. */
export interface Wish {
  readonly id: number
  readonly as: Mark
  /** Of a wish for all: those that were known then, and `all` is true. */
  readonly ids: readonly string[]
  readonly all: boolean
  readonly answered: boolean
}

/** The notifications with all that was asked for. */
export function withWishes(
  known: ReadonlyMap<string, Notification>,
  wishes: readonly Wish[],
): ReadonlyMap<string, Notification> {
  return wishes.reduce((cards, wish) => marked(cards, wish), known)
}

/** Those of `ids` for which a mark makes a difference, as far as one knows here. */
export function worthwhile(
  known: ReadonlyMap<string, Notification>,
  as: Mark,
  ids: readonly string[],
): readonly string[] {
  return ids.filter((id) => {
    const card = known.get(id)
    return !card || changes(card, as)
  })
}

/** Let go of what an event has fulfilled. Other events than its own leave a wish alone: until its
 *  own has come, all that comes was before it. */
export function fulfilled(wishes: readonly Wish[], event: InboxEvent): readonly Wish[] {
  if (event.type !== "marked") return wishes
  return wishes.map((wish) => remaining(wish, event)).filter((wish) => wish !== undefined)
}

export function answered(wishes: readonly Wish[], id: number): readonly Wish[] {
  return wishes.map((wish) => (wish.id === id ? { ...wish, answered: true } : wish))
}

export function dropped(wishes: readonly Wish[], isGone: (wish: Wish) => boolean): readonly Wish[] {
  return wishes.filter((wish) => !isGone(wish))
}

function remaining(wish: Wish, { as, ids }: Marked): Wish | undefined {
  if (wish.as !== as) return wish
  if (ids === "all") return undefined
  const left = wish.ids.filter((id) => !ids.includes(id))
  return left.length || wish.all ? { ...wish, ids: left } : undefined
}
