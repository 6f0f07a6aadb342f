import { html, type TemplateResult } from "lit"

import type { Show } from "../client/inbox-state"
import { showInWords } from "../client/inbox-words"
import { gettext } from "../client/translation"

export const SHOWS: readonly Show[] = ["inbox", "unread", "archived"]

/** Draw the tabs; the arrows go from one to the next, as they do in a tab list. */
export function drawTabs(current: Show, choose: (show: Show) => void): TemplateResult {
  const turn = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const isRightToLeft = getComputedStyle(event.currentTarget as Element).direction === "rtl"
    const at = SHOWS.indexOf(current) + (isRightToLeft ? -step : step)
    const next = SHOWS.at(at % SHOWS.length) as Show
    choose(next)
    const list = event.currentTarget as HTMLElement
    list.querySelector<HTMLElement>(`#tab-${next}`)?.focus()
  }
  return html`<div role="tablist" aria-label=${gettext("Notifications")} @keydown=${turn}>
    ${SHOWS.map(
      (show) =>
        html`<button
          part="tab ${show === current ? "current" : ""}"
          role="tab"
          id="tab-${show}"
          aria-selected=${show === current}
          aria-controls="panel"
          tabindex=${show === current ? 0 : -1}
          @click=${() => choose(show)}
        >
          ${showInWords(show)}
        </button>`,
    )}
  </div>`
}
