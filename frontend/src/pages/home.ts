/** What only the page with the list has beside it, in a chunk of its own. */

import "../elements/job-filters"
import "../elements/job-starter"
