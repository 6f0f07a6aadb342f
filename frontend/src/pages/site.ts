/** The entry for this project's own pages: their style, and what starts a job. */

import "./elements"
import "../styles/site.css"

import { FilePicker } from "../elements/file-picker"
import { JobStarter } from "../elements/job-starter"
import { readPage } from "./page-state"

if (readPage()) {
  customElements.define("file-picker", FilePicker)
  customElements.define("job-starter", JobStarter)
}
