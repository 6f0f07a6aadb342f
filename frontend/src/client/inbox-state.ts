/** What this page knows of a person's notifications, and how each message changes it. Pure: old
 *  state + message = new state. The counts are only ever what an event or an answer said, so a
 *  badge cannot drift. */

import type { Counts, InboxEvent, Mark, Marked, Notification } from "./inbox-messages"

/** The parts of an inbox. Each is read in pages of its own. */
export type Show = "inbox" | "unread" | "archived"

/** One answer of the API: a page of a part, the newest first. */
export interface InboxPage {
  readonly notifications: readonly Notification[]
  readonly hasOlder: boolean
  readonly counts: Counts
}

/** The oldest that a part was read to, or that it was read to its end. */
type Reach = Place | "end"
type Place = Pick<Notification, "at" | "id">

export interface InboxState {
  readonly known: ReadonlyMap<string, Notification>
  readonly reach: Readonly<Partial<Record<Show, Reach>>>
  readonly counts: Counts | undefined
  /** Something not known here has come into a part that was read: the list has a hole. */
  readonly hasHole: boolean
}

export const NOTHING: InboxState = {
  known: new Map(),
  reach: {},
  counts: undefined,
  hasHole: false,
}

/** More than this are not kept: a page may stay open for weeks. */
const MAX_KNOWN = 1_000
const KEPT = 500

const FLAGS: Readonly<Record<Mark, Partial<Notification>>> = {
  seen: { seen: true },
  read: { seen: true, read: true },
  unread: { read: false },
  archived: { archived: true },
  unarchived: { archived: false },
}

/** Into which parts a mark may bring what was not in them. */
const ENTERS: Readonly<Record<Mark, readonly Show[]>> = {
  seen: [],
  read: [],
  unread: ["unread"],
  archived: ["archived"],
  unarchived: ["inbox", "unread"],
}

/** What a part shows of what is known, the newest first. */
export function cards({ known, reach }: InboxState, show: Show): Notification[] {
  const to = reach[show]
  return [...known.values()]
    .filter((card) => to && isIn(show, card) && (to === "end" || !isNewer(to, card)))
    .sort((one, other) => (isNewer(one, other) ? -1 : 1))
}

export function hasOlder({ reach }: InboxState, show: Show): boolean {
  return reach[show] !== undefined && reach[show] !== "end"
}

/** Parts were read from their beginnings; nothing that was known before counts. */
export function listed(pages: Partial<Readonly<Record<Show, InboxPage>>>): InboxState {
  let state = NOTHING
  for (const [show, page] of Object.entries(pages)) state = extended(state, show as Show, page)
  return state
}

/** One more page of a part was read; its newest follows on what is known of that part. */
export function extended(state: InboxState, show: Show, page: InboxPage): InboxState {
  const last = page.notifications.at(-1)
  const to = page.hasOlder && last ? { at: last.at, id: last.id } : "end"
  return {
    ...state,
    known: withAll(state.known, page.notifications),
    reach: { ...state.reach, [show]: to },
    counts: page.counts,
  }
}

/** An event came; the feed has seen to its order. One that an answer had already in it does no
 *  harm: those that follow it come, too. */
export function happened(state: InboxState, event: InboxEvent): InboxState {
  const { counts } = event
  switch (event.type) {
    case "arrived":
      return trimmed({ ...state, counts, known: withAll(state.known, [event.notification]) })
    case "deleted":
      return { ...state, counts, known: without(state.known, event.ids) }
    case "marked": {
      const hasHole = state.hasHole || leavesHole(state, event)
      return { ...state, counts, hasHole, known: marked(state.known, event) }
    }
  }
}

/** The notifications as they are once they are marked. */
export function marked(
  known: InboxState["known"],
  { as, ids }: Pick<Marked, "as" | "ids">,
): InboxState["known"] {
  const next = new Map(known)
  for (const id of ids === "all" ? known.keys() : ids) {
    const card = known.get(id)
    if (card && changes(card, as)) next.set(id, { ...card, ...FLAGS[as] })
  }
  return next
}

/** Whether a mark would make a difference. */
export function changes(card: Notification, as: Mark): boolean {
  const flags = Object.entries(FLAGS[as]) as [keyof Notification, unknown][]
  return flags.some(([flag, value]) => card[flag] !== value)
}

function isIn(show: Show, { archived, read }: Notification): boolean {
  if (show === "archived") return archived
  return !archived && (show === "inbox" || !read)
}

function isNewer(one: Place, other: Place): boolean {
  return one.at === other.at ? one.id > other.id : one.at > other.at
}

function leavesHole({ known, reach }: InboxState, { as, ids }: Marked): boolean {
  // Of "all" nobody can say: the parts may have been read at different moments.
  const isKnown = ids !== "all" && ids.every((id) => known.has(id))
  return !isKnown && ENTERS[as].some((show) => reach[show])
}

function withAll(
  known: InboxState["known"],
  more: readonly Notification[],
): ReadonlyMap<string, Notification> {
  return new Map([...known, ...more.map((card) => [card.id, card] as const)])
}

function without(known: InboxState["known"], ids: readonly string[]): InboxState["known"] {
  const gone = new Set(ids)
  return new Map([...known].filter(([id]) => !gone.has(id)))
}

/** Forget the oldest, and that anything was read that far. */
function trimmed(state: InboxState): InboxState {
  if (state.known.size <= MAX_KNOWN) return state
  const kept = [...state.known.values()]
    .sort((one, other) => (isNewer(one, other) ? -1 : 1))
    .slice(0, KEPT)
  const last = kept.at(-1) as Notification
  const reach = Object.entries(state.reach).map(([show, to]) => [
    show,
    to === "end" || isNewer(last, to) ? { at: last.at, id: last.id } : to,
  ])
  return { ...state, known: withAll(new Map(), kept), reach: Object.fromEntries(reach) }
}
