/** Says in a page's title, in its icon and on its app's badge how many notifications are unseen.
 *
 *  The icon's link names its variants: `<link rel="icon" href="…" data-new="…" data-off="…">`. */

import type { InboxStore } from "../client/inbox-store"

const MOST = 99

let unseen = 0
let isOff = false

/** Show what an inbox counts from now on; `n` until it has been told. */
export function followInboxCount(inbox: Pick<InboxStore, "counts" | "listen">, n: number): void {
  const show = () => showBadge(inbox.counts?.unseen ?? n)
  inbox.listen(show)
  show()
}

/** Show that `n` notifications are unseen; nothing for 0. */
export function showBadge(n: number): void {
  unseen = n
  const count = n > MOST ? `${MOST}+` : String(n)
  document.title = (n ? `(${count}) ` : "") + document.title.replace(/^\(\d+\+?\) ?/, "")
  showIcon()
  const done = n ? navigator.setAppBadge?.(n) : navigator.clearAppBadge?.()
  done?.catch(() => {}) // a badge is an ornament: the count is in the page
}

/** Show whether this page has lost its line. */
export function showLine(isLost: boolean): void {
  isOff = isLost
  showIcon()
}

function showIcon(): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]")
  if (!link) return
  const { dataset } = link
  dataset["plain"] ??= link.getAttribute("href") ?? ""
  const wanted = (isOff && dataset["off"]) || (unseen && dataset["new"]) || dataset["plain"]
  // Some browsers fetch an icon anew whenever it is set.
  if (wanted && link.getAttribute("href") !== wanted) link.setAttribute("href", wanted)
}
