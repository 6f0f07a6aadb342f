import { html, type TemplateResult } from "lit"

import type { Hearing } from "../client/operations-store"
import { gettext } from "../client/translation"
import { clock } from "./operations-figures"
import { OperationsPart, useOperations } from "./operations-part"

const SENTENCES: Readonly<Record<Hearing, (time: string) => string>> = {
  live: () => gettext("The last ten minutes, live"),
  "not yet": (time) => gettext("As of {time}", { time }),
  lost: (time) => gettext("As of {time}, not live", { time }),
  "not allowed": (time) => gettext("As of {time}: these figures are for staff only now.", { time }),
  "not this way": (time) =>
    gettext("As of {time}: live figures do not come through this network. Reload for new ones.", {
      time,
    }),
}

/** Says whether what the page shows is live, and of when it is where it is not. */
export class OperationsStanding extends OperationsPart {
  protected override render(): TemplateResult {
    const { hearing, asOf } = useOperations()
    const isCalm = hearing === "live" || hearing === "not yet"
    const sentence = SENTENCES[hearing](clock(asOf))
    return html`<p role="status" class=${isCalm ? "quiet" : "stale"}>${sentence}</p>`
  }
}
