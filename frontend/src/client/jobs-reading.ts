/** How much of a list is read anew after a break. */

import type { Api } from "./api"
import type { Filter } from "./jobs-filter"
import type { Job } from "./protocol"

/** As many as the server gives at once. */
export const BIG_PAGE = 100
/** What is older than so many is let go. */
const MAX_REREAD = 1_000

/** Jobs, the newest first, and whether there are older ones. */
export interface Newest {
  readonly jobs: readonly Job[]
  readonly hasOlder: boolean
}

/** Read the newest jobs of a list down to the id `reach`. */
export async function readDownTo(
  reach: string,
  api: Pick<Api, "jobs">,
  filter: Filter,
): Promise<Newest> {
  const found: Job[] = []
  for (;;) {
    const { jobs } = await api.jobs(BIG_PAGE, found.at(-1)?.id, filter)
    found.push(...jobs)
    const hasOlder = jobs.length === BIG_PAGE
    const isEnough = (found.at(-1)?.id ?? "") <= reach || found.length >= MAX_REREAD
    if (!hasOlder || isEnough) return { jobs: found, hasOlder }
  }
}
