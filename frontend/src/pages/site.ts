/** The entry for this project's own pages: their style, and what starts a job. */

import "./elements"
import "../styles/site.css"

import { AsOf } from "../elements/as-of"
import { FilePicker } from "../elements/file-picker"
import { JobFilters } from "../elements/job-filters"
import { JobStarter } from "../elements/job-starter"
import { useInbox } from "../elements/notification-store"
import { followInboxCount, showLine } from "./badge"
import { readPage } from "./page-state"

const LOST: readonly unknown[] = ["offline", "closed"]

addEventListener("bellwire:standing", (event) =>
  showLine(LOST.includes((event as CustomEvent).detail)),
)

if (readPage()) {
  const told = document.querySelector("notification-bell")?.getAttribute("unseen")
  followInboxCount(useInbox(), Number(told ?? 0))
  customElements.define("file-picker", FilePicker)
  customElements.define("job-starter", JobStarter)
  customElements.define("job-filters", JobFilters)
  customElements.define("as-of", AsOf)
}
