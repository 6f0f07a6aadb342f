import { html, svg, type TemplateResult } from "lit"

import type { Severity } from "../client/inbox-messages"

const icon = (drawing: TemplateResult): TemplateResult =>
  html`<svg
    aria-hidden="true"
    viewBox="0 0 20 20"
    width="20"
    height="20"
    fill="none"
    stroke="currentcolor"
    stroke-width="1.6"
    stroke-linecap="round"
    stroke-linejoin="round"
  >
    ${drawing}
  </svg>`

/** Each severity has a shape of its own: its colour is seen by some only. */
export const SEVERITY_ICONS: Readonly<Record<Severity, TemplateResult>> = {
  info: icon(svg`<circle cx="10" cy="10" r="7.2"/><path d="M10 9.2v4.3M10 6.4v.2"/>`),
  success: icon(svg`<circle cx="10" cy="10" r="7.2"/><path d="m6.8 10.2 2.2 2.3 4.2-4.8"/>`),
  warning: icon(svg`<path d="M10 2.8 18 16.8H2ZM10 8v4.2M10 14.4v.2"/>`),
  error: icon(
    svg`<path d="M6.8 2.5h6.4l4.3 4.3v6.4l-4.3 4.3H6.8l-4.3-4.3V6.8ZM7.4 7.4l5.2 5.2M12.6 7.4l-5.2 5.2"/>`,
  ),
}

export const ICONS = {
  read: icon(svg`<path d="M3 8.5v7.7h14V8.5M3 8.2l7-5 7 5-7 4.6Z"/>`),
  unread: icon(svg`<path d="M3 4.5h14v11H3Zm0 .4 7 5.6 7-5.6"/>`),
  archive: icon(svg`<path d="M3 3.8h14v3.4H3Zm1.2 3.4v9h11.6v-9M8 10.4h4"/>`),
  unarchive: icon(svg`<path d="M3 9.5v6.7h14V9.5M10 12.6V3.4M6.8 6.4 10 3.2l3.2 3.2"/>`),
  more: icon(svg`<path d="M4.5 10h.1M10 10h.1M15.5 10h.1" stroke-width="2.6"/>`),
} as const
