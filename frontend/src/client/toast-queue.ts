/** Which toasts are shown, and what is read out of them. Pure. */

import type { Severity } from "./inbox-messages"
import { ngettext } from "./translation"

export interface Toast {
  readonly id: number
  readonly title: string
  readonly body: string
  readonly severity: Severity
  readonly link: string
}

export const MAX_SHOWN = 3
/** As many as may wait; the oldest that wait are left out before a new one is. */
const MAX_WAITING = 20

/** Put what came together into the queue. More than are shown at once become one. */
export function queued(queue: readonly Toast[], came: readonly Toast[]): readonly Toast[] {
  const first = came[0]
  const more = first && came.length > MAX_SHOWN ? [{ ...first, ...summary(came) }] : came
  const next = [...queue, ...more]
  return [...next.slice(0, MAX_SHOWN), ...next.slice(MAX_SHOWN).slice(-MAX_WAITING)]
}

export function closed(queue: readonly Toast[], id: number): readonly Toast[] {
  return queue.filter((toast) => toast.id !== id)
}

/** One sentence for all that came since the last one was read out. */
export function announced(came: readonly Toast[]): string {
  const [first] = came
  return came.length === 1 && first ? first.title : manyInWords(came.length)
}

function summary(came: readonly Toast[]): Partial<Toast> {
  const isBad = came.some(({ severity }) => severity === "error")
  const severity = isBad ? ("error" as const) : ("info" as const)
  return { title: manyInWords(came.length), body: "", severity, link: "" }
}

function manyInWords(n: number): string {
  return ngettext("{n} new notification", "{n} new notifications", n)
}
