/** The entry for this project's own pages: their style, and what starts a job. */

import "./elements"
import "../styles/site.css"

import { FilePicker } from "../elements/file-picker"
import { JobStarter } from "../elements/job-starter"
import { showLine } from "./badge"
import { readPage } from "./page-state"

const LOST: readonly unknown[] = ["offline", "closed"]

addEventListener("bellwire:standing", (event) =>
  showLine(LOST.includes((event as CustomEvent).detail)),
)

if (readPage()) {
  customElements.define("file-picker", FilePicker)
  customElements.define("job-starter", JobStarter)
}
