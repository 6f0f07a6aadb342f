/** What an inbox's parts and severities are called. */

import type { Notification, Severity } from "./inbox-messages"
import type { Show } from "./inbox-state"
import { gettext, ngettext } from "./translation"
import { count } from "./words"

/** Said before a title; empty for the plainest. */
export function severityInWords(severity: Severity): string {
  switch (severity) {
    case "info":
      return ""
    case "success":
      return gettext("Success:")
    case "warning":
      return gettext("Warning:")
    case "error":
      return gettext("Error:")
  }
}

/** What is said before and after the newest title of these; its title is said to be that of all
 *  only where it is. */
export function numberInWords(
  cards: readonly Pick<Notification, "title">[],
): readonly [before: string, after: string] {
  const others = cards.length - 1
  if (others < 1) return ["", ""]
  if (cards.every(({ title }) => title === cards[0]?.title)) return [`${count(others + 1)} × `, ""]
  return ["", ` ${ngettext("and {n} more", "and {n} more", others)}`]
}

export function showInWords(show: Show): string {
  switch (show) {
    case "inbox":
      return gettext("Inbox")
    case "unread":
      return gettext("Unread")
    case "archived":
      return gettext("Archived")
  }
}
