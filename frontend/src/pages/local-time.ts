import { language } from "../client/translation"

/** Write the moments that the server wrote in UTC, `<time class="local" datetime=…>`, as the
 *  reader's own clock has them. One that is no date stays as it is. */
export function showLocalTimes(page: ParentNode): void {
  const format = new Intl.DateTimeFormat(language(), { dateStyle: "long", timeStyle: "medium" })
  for (const time of page.querySelectorAll<HTMLTimeElement>("time.local")) {
    const moment = new Date(time.dateTime)
    if (!Number.isNaN(moment.getTime())) time.textContent = format.format(moment)
  }
}
