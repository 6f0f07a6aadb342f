/** What an inbox's parts and severities are called. */

import type { Severity } from "./inbox-messages"
import type { Show } from "./inbox-state"
import { gettext } from "./translation"

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
