/** The elements that only some pages have, and what fetches each: itself, which defines itself as
 *  it comes, and what it draws or imports that is not on every page. All of it is asked for at
 *  once, since a request that waits for another's answer makes a page late. */

import type { Parts } from "./when-used"

const card = () => import("../elements/job-card")
/** Lit's lists whose members keep their elements. */
const keyed = () => import("lit/directives/repeat.js")

export const PARTS: Parts = {
  "job-card": [card],
  "job-list": [() => import("../elements/job-list"), keyed, card],
  "job-output": [() => import("../elements/job-output"), keyed],
  "job-timeline": [() => import("../elements/job-timeline")],
  "notification-bell": [() => import("../elements/notification-bell")],
  "notification-inbox": [() => import("../elements/notification-inbox"), keyed],
}

/** What shows toasts is fetched with the first of them: on most visits none comes. */
export const TOASTS = [() => import("../elements/toast-region"), keyed]
