/** What travels of notifications, as the server writes it. What is not known here is let pass. */

import { isRecord } from "./protocol"

export type Severity = "info" | "success" | "warning" | "error"

export interface Action {
  readonly label: string
  readonly link: string
}

/** An event kept for one person. `group` is of those that are shown as one, `key` of what it is
 *  about (`job:<id>`); both may be empty. */
export interface Notification {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly body: string
  readonly severity: Severity
  readonly link: string
  readonly actions: readonly Action[]
  readonly group: string
  readonly key: string
  readonly at: string
  readonly seen: boolean
  readonly read: boolean
  readonly archived: boolean
}

/** How many a person has, as of one event or one answer. */
export interface Counts {
  readonly unseen: number
  readonly unread: number
}

export type Mark = "seen" | "read" | "unread" | "archived" | "unarchived"

export interface Marked {
  readonly type: "marked"
  readonly as: Mark
  readonly ids: readonly string[] | "all"
}

export type InboxEvent = { readonly counts: Counts } & (
  | { readonly type: "arrived"; readonly notification: Notification }
  | { readonly type: "deleted"; readonly ids: readonly string[] }
  | Marked
)

const SEVERITIES: ReadonlySet<unknown> = new Set<Severity>(["info", "success", "warning", "error"])
const MARKS: ReadonlySet<unknown> = new Set<Mark>([
  "seen",
  "read",
  "unread",
  "archived",
  "unarchived",
])

/** Read a publication that has an offset; undefined if it tells of anything else. */
export function readInboxEvent(publication: unknown): InboxEvent | undefined {
  if (!isRecord(publication) || !isCounts(publication["counts"])) return undefined
  const { type, counts, notification, as, all } = publication
  const ids = all === true ? "all" : publication["ids"]
  switch (type) {
    case "notification.created":
    case "notification.changed":
      return isNotification(notification) ? { type: "arrived", notification, counts } : undefined
    case "notification.marked":
      return isMark(as) && (ids === "all" || isTexts(ids))
        ? { type: "marked", as, ids, counts }
        : undefined
    case "notification.deleted":
      return isTexts(ids) ? { type: "deleted", ids, counts } : undefined
    default:
      return undefined
  }
}

/** The address of a notification or an action, if it leads to a path of this site or to http(s);
 *  else undefined: whoever made the notification must not run a script here. */
export function safeLink(address: unknown): string | undefined {
  if (typeof address !== "string" || /[\u0000-\u0020\\]/.test(address)) return undefined
  return /^(\/(?!\/)|https?:\/\/[^/])/i.test(address) ? address : undefined
}

/** A severity of a later release is shown as the plainest. */
export function severityOf({ severity }: { readonly severity: unknown }): Severity {
  return SEVERITIES.has(severity) ? (severity as Severity) : "info"
}

/** The job that a notification is about, if it is about one. */
export function jobOf({ key }: Notification): string | undefined {
  return /^job:(.+)$/.exec(key)?.[1]
}

function isNotification(value: unknown): value is Notification {
  return (
    isRecord(value) &&
    ["id", "title", "at"].every((name) => typeof value[name] === "string") &&
    ["seen", "read", "archived"].every((name) => typeof value[name] === "boolean")
  )
}

function isCounts(value: unknown): value is Counts {
  return (
    isRecord(value) && typeof value["unseen"] === "number" && typeof value["unread"] === "number"
  )
}

function isMark(value: unknown): value is Mark {
  return MARKS.has(value)
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string")
}
