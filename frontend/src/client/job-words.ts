/** What is said of a job, in the page's language. */

import type { Job } from "./protocol"
import { gettext } from "./translation"
import { kindInWords } from "./words"

/** What a job is called: by its own name, which is in the site's language, else by its kind. */
export function titleOf({ name, kind }: Pick<Job, "name" | "kind">): string {
  return name ? gettext(name) : kindInWords(kind)
}

/** When a job that waits may start, as an estimate in seconds; "" where nobody can tell. */
export function waitInWords(seconds: number | null | undefined): string {
  if (seconds == null) return ""
  if (seconds < 10) return gettext("starts in a moment")
  if (seconds < 55) return gettext("starts in about {n} s", { n: Math.ceil(seconds / 10) * 10 })
  if (seconds < 90) return gettext("starts in about a minute")
  if (seconds < 5_400) return gettext("starts in about {n} min", { n: Math.round(seconds / 60) })
  return gettext("starts in about {n} h", { n: Math.round(seconds / 3_600) })
}
