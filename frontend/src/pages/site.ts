/** The entry for this project's own pages: their style, and what they have beside the elements. */

import "./elements"
import "../styles/site.css"

import { AsOf } from "../elements/as-of"
import { useInbox } from "../elements/notification-store"
import { followInboxCount, showLine } from "./badge"
import { showLocalTimes } from "./local-time"
import { readPage } from "./page-state"
import { fetchWhenUsed } from "./when-used"

const LOST: readonly unknown[] = ["offline", "closed"]

addEventListener("bellwire:standing", (event) =>
  showLine(LOST.includes((event as CustomEvent).detail)),
)

showLocalTimes(document)

if (readPage()) {
  const told = document.querySelector("notification-bell")?.getAttribute("unseen")
  followInboxCount(useInbox(), Number(told ?? 0))
  customElements.define("as-of", AsOf)
  const home = () => import("./home")
  fetchWhenUsed({ "job-filters": [home], "job-starter": [home] })
}
