/** The parts that are lists: what failed, and what is to run when. */

import { html, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import type { Failure, Schedule } from "../client/operations-reports"
import { gettext } from "../client/translation"
import { called, clock, moment } from "./operations-figures"
import { OperationsPart } from "./operations-part"

const NEXT_SHOWN = 3

/** The newest failures of the last hour. */
export class OperationsFailures extends OperationsPart {
  protected override render(): TemplateResult {
    const { failures } = this.state
    if (failures.length === 0) return html`<p class="empty">${gettext("None.")}</p>`
    return html`<ul>
      ${repeat(
        failures,
        ({ job }) => job,
        (each) => failed(each, called(this.state, each.kind)),
      )}
    </ul>`
  }
}

function failed({ job, error, at }: Failure, name: string): TemplateResult {
  return html`<li>
    <a href="/jobs/${job}/">${name}</a>
    <time datetime=${at}>${clock(Date.parse(at))}</time>
    <p>${error}</p>
  </li>`
}

/** What runs by itself, and when next. */
export class OperationsSchedules extends OperationsPart {
  protected override render(): TemplateResult {
    const { schedules } = this.state
    if (schedules.length === 0)
      return html`<p class="empty">${gettext("Nothing is scheduled.")}</p>`
    return html`<ul>
      ${repeat(
        schedules,
        ({ name }) => name,
        (each) => scheduled(each, called(this.state, each.kind)),
      )}
    </ul>`
  }
}

function scheduled({ name, when, enabled, next, problem }: Schedule, job: string): TemplateResult {
  const off = enabled ? "" : gettext("switched off")
  const about = [job, when, off].filter(Boolean).join(" · ")
  return html`<li>
    <strong>${name}</strong> <span class="quiet">${about}</span>
    ${problem ? html`<p class="bad">${problem}</p>` : coming(next)}
  </li>`
}

/** Those that are over are left out: the list is only read when the page comes back. */
function coming(next: Schedule["next"]): TemplateResult | string {
  const times = next.filter((each) => each !== null).map(Date.parse)
  const ahead = times.filter((time) => time > Date.now()).slice(0, NEXT_SHOWN)
  return ahead.length === 0
    ? ""
    : html`<p>
        ${gettext("Next: {times}", { times: ahead.map((time) => moment(time)).join(" · ") })}
      </p>`
}
