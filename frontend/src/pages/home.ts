/** What only the page with the list has beside it, in a chunk of its own. */

import { JobFilters } from "../elements/job-filters"
import "../elements/job-starter"

customElements.define("job-filters", JobFilters)
