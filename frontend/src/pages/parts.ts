/** The elements that only some pages have, and what fetches each: itself, which defines itself as
 *  it comes, and what it draws or imports that is not on every page. All of it is asked for at
 *  once, since a request that waits for another's answer makes a page late. */

import type { Parts } from "./when-used"

const bar = () => import("../elements/job-progress")
const card = () => import("../elements/job-card")

export const PARTS: Parts = {
  "job-card": [card, bar],
  "job-list": [() => import("../elements/job-list"), card, bar],
  "job-output": [() => import("../elements/job-output")],
  "job-progress": [bar],
  "job-timeline": [() => import("../elements/job-timeline")],
  "notification-bell": [() => import("../elements/notification-bell")],
  "notification-inbox": [() => import("../elements/notification-inbox")],
}

/** What shows toasts is fetched with the first of them: on most visits none comes. */
export const TOASTS = () => import("../elements/toast-region")
