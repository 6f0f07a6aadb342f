/** In which order a list shows its cards, so that nothing jumps under somebody who reads. Pure. */

import type { Notification } from "./inbox-messages"

type Place = Pick<Notification, "at" | "id">

/** Where the cards of a list stand, and the newest that was let in. */
export interface Order {
  readonly places: ReadonlyMap<string, Place>
  readonly newest: Place | undefined
}

export interface Arranged {
  readonly cards: readonly Notification[]
  /** How many new ones wait until they are asked for. */
  readonly waiting: number
  readonly order: Order
}

/** Nobody reads: everything is where it belongs. `cards` are the newest first. */
export function fresh(cards: readonly Notification[]): Arranged {
  return { cards, waiting: 0, order: { places: placesOf(cards), newest: cards[0] } }
}

/** Somebody reads: a card stays where it stood though it is new again, and what is newer than all
 *  that was shown waits. */
export function held(cards: readonly Notification[], { places, newest }: Order): Arranged {
  const isLetIn = (card: Notification) => places.has(card.id) || !newest || !isNewer(card, newest)
  const placeOf = (card: Notification) => places.get(card.id) ?? card
  const shown = cards
    .filter(isLetIn)
    .sort((one, other) => (isNewer(placeOf(one), placeOf(other)) ? -1 : 1))
  const kept = new Map([...placesOf(shown), ...places])
  return {
    cards: shown,
    waiting: cards.length - shown.length,
    order: { places: kept, newest: newest ?? shown[0] },
  }
}

/** Neighbours of one group, together. */
export function grouped(cards: readonly Notification[]): readonly (readonly Notification[])[] {
  const groups: Notification[][] = []
  for (const card of cards) {
    const last = groups.at(-1)
    if (card.group && last?.[0]?.group === card.group) last.push(card)
    else groups.push([card])
  }
  return groups
}

/** What is drawn of these cards is called, in ids: an unfolded group is there beside its cards. */
export function nameOf(cards: readonly Notification[]): string {
  return (cards.length > 1 ? "group-" : "") + cards.at(-1)?.id
}

function placesOf(cards: readonly Notification[]): Map<string, Place> {
  return new Map(cards.map(({ id, at }) => [id, { id, at }]))
}

function isNewer(one: Place, other: Place): boolean {
  return one.at === other.at ? one.id > other.id : one.at > other.at
}
