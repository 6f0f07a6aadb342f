import { html, type TemplateResult } from "lit"

import type { Severity } from "../client/inbox-messages"

const icon = (path: string): TemplateResult =>
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
    <path d=${path} />
  </svg>`

/** Each severity has a shape of its own: its colour is seen by some only. */
export const SEVERITY_ICONS: Readonly<Record<Severity, TemplateResult>> = {
  info: icon("M10 2.8a7.2 7.2 0 1 0 .01 0ZM10 9.2v4.3M10 6.4v.2"),
  success: icon("M10 2.8a7.2 7.2 0 1 0 .01 0ZM6.8 10.2l2.2 2.3 4.2-4.8"),
  warning: icon("M10 2.8 18 16.8H2ZM10 8v4.2M10 14.4v.2"),
  error: icon(
    "M6.8 2.5h6.4l4.3 4.3v6.4l-4.3 4.3H6.8l-4.3-4.3V6.8ZM7.4 7.4l5.2 5.2M12.6 7.4l-5.2 5.2",
  ),
}

export const ICONS = {
  read: icon("M3 8.5v7.7h14V8.5M3 8.2l7-5 7 5-7 4.6Z"),
  unread: icon("M3 4.5h14v11H3Zm0 .4 7 5.6 7-5.6"),
  archive: icon("M3 3.8h14v3.4H3Zm1.2 3.4v9h11.6v-9M8 10.4h4"),
  unarchive: icon("M3 9.5v6.7h14V9.5M10 12.6V3.4M6.8 6.4 10 3.2l3.2 3.2"),
  more: icon(
    ["4 10", "9.5 10", "15 10"].map((at) => `M${at}a.5.5 0 1 0 1 0 .5.5 0 1 0-1 0`).join(""),
  ),
} as const
