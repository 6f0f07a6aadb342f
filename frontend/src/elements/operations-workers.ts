import { html, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import type { RunningJob } from "../client/operations-reports"
import { asWorker, workers, type Teller } from "../client/operations-state"
import { gettext, ngettext } from "../client/translation"
import { called, figure, seconds } from "./operations-figures"
import { OperationsPart } from "./operations-part"

/** Each worker, and what it runs now. */
export class OperationsWorkers extends OperationsPart {
  protected override render(): TemplateResult {
    const all = workers(this.state)
    if (all.length === 0)
      return html`<p class="empty">${gettext("No worker has told of itself.")}</p>`
    const name = (teller: Teller) => asWorker(teller).worker
    return html`<div class="processes">${repeat(all, name, (each) => this.#worker(each))}</div>`
  }

  #worker(teller: Teller): TemplateResult {
    const { worker, queues, children, running = [], running_count } = asWorker(teller)
    const { settled_per_minute } = asWorker(teller)
    const more = running_count - running.length
    return html`<article class="process">
      <h3>${worker}${this.silent(teller)}</h3>
      <p class="quiet">
        ${queues.join(", ")} · ${ngettext("{n} child", "{n} children", children)} ·
        ${gettext("{n} per minute", { n: figure(settled_per_minute) })}
      </p>
      ${
        running.length === 0
          ? html`<p class="quiet">${gettext("Runs nothing now.")}</p>`
          : html`<ul>
              ${repeat(
                running,
                ({ job }) => job,
                (each) => line(each, called(this.state, each.kind)),
              )}
              ${more > 0 ? html`<li>${ngettext("{n} more", "{n} more", more)}</li>` : ""}
            </ul>`
      }
    </article>`
  }
}

function line({ job, seconds: taken }: RunningJob, name: string): TemplateResult {
  return html`<li>
    <a href="/jobs/${job}/">${name}</a> <span class="quiet">${seconds(taken)}</span>
  </li>`
}
