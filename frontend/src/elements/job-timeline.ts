import { css, html, nothing, type TemplateResult } from "lit"

import { sentenceOf } from "../client/api-error"
import { isRecord, type Job } from "../client/protocol"
import { gettext, language } from "../client/translation"
import { durationInWords } from "../client/words"
import { BellwireElement } from "./element"
import { JobFollower } from "./job-follower"
import { useLive } from "./live"
import { buttons, theme } from "./theme"

/** Something that happened to a job; `worker` and `traceback` are null but for staff. */
interface Step {
  readonly at: string
  readonly name: string
  readonly by: string
  readonly attempt: number
  readonly error: string
  readonly worker: string | null
  readonly traceback: string | null
}

const STEPS: Readonly<Record<string, () => string>> = {
  queued: () => gettext("Queued"),
  started: () => gettext("Started"),
  retrying: () => gettext("To be tried again"),
  cancel_requested: () => gettext("Asked to stop"),
  succeeded: () => gettext("Done"),
  failed: () => gettext("Failed"),
  cancelled: () => gettext("Cancelled"),
}

/** Shows what happened to a job: when, by whom, in which attempt, how long after the last.
 *
 *      <job-timeline job="0199…">…what is shown until the script runs…</job-timeline>
 *
 *  Parts: `step`, and in it `name`, `time`, `about`, `error`. */
export class JobTimeline extends BellwireElement {
  static override readonly properties = { job: {} }

  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: block;
        font-size: 0.9375rem;
      }
      li {
        display: grid;
        grid-template-columns: 1fr auto;
        gap: 0 0.75rem;
        position: relative;
        padding-block-end: 0.9rem;
        padding-inline-start: 1.4rem;
        line-height: 1.45;
      }
      li::before {
        content: "";
        position: absolute;
        inset-block-start: 0.4rem;
        inset-inline-start: 0;
        width: 0.6rem;
        height: 0.6rem;
        border: 2px solid var(--muted);
        border-radius: 50%;
      }
      li:not(:last-child)::after {
        content: "";
        position: absolute;
        inset-block: 1.2rem -0.2rem;
        inset-inline-start: 0.3rem;
        margin-inline-start: -0.5px;
        border-inline-start: 1px solid var(--line);
      }
      .succeeded::before {
        border-color: var(--good);
        background: var(--good);
      }
      .failed::before {
        border-color: var(--bad);
        background: var(--bad);
      }
      .retrying::before,
      .cancel_requested::before {
        border-color: var(--warn);
      }
      time {
        color: var(--muted);
        font-size: 0.8125rem;
        font-variant-numeric: tabular-nums;
        white-space: nowrap;
      }
      [part="name"] {
        font-weight: 600;
      }
      .bad,
      .quiet,
      details {
        grid-column: 1 / -1;
        font-size: 0.875rem;
        overflow-wrap: anywhere;
      }
      .bad {
        color: var(--bad);
      }
      pre {
        overflow: auto;
        max-height: 16rem;
        margin: 0.25rem 0 0;
        padding: 0.5rem;
        font-size: 0.75rem;
        background: var(--sunken);
        border-radius: var(--radius);
      }
    `,
  ]

  declare job: string
  readonly #followed = new JobFollower(this)
  #steps: readonly Step[] | undefined
  #failure = ""
  #readFor = ""

  constructor() {
    super()
    this.job = ""
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has("job")) {
      this.#steps = undefined
      this.#failure = ""
    }
    const moment = momentOf(this.job, this.#followed.job)
    if (moment === this.#readFor) return
    this.#readFor = moment
    if (this.job) void this.#read()
  }

  protected override render(): TemplateResult {
    const steps = this.#steps
    return html`
      ${
        steps
          ? html`<ol>
              ${steps.map((step, place) => stepLine(step, steps[place - 1]))}
            </ol>`
          : html`<slot></slot>`
      }
      ${
        this.#failure
          ? html`<p class="bad" role="alert">
              ${this.#failure}
              <button class="plain" @click=${this.#read}>${gettext("Try again")}</button>
            </p>`
          : nothing
      }
    `
  }

  readonly #read = async (): Promise<void> => {
    const path = `/jobs/${encodeURIComponent(this.job)}/timeline`
    const moment = this.#readFor
    try {
      const { steps } = await useLive().api.ask<{ steps: unknown }>("GET", path)
      // Answers may overtake each other: one to an earlier moment may lack the last step.
      if (moment !== this.#readFor) return
      if (Array.isArray(steps)) this.#steps = steps.filter(isStep)
      this.#failure = ""
    } catch (error) {
      if (moment !== this.#readFor) return
      this.#failure = sentenceOf(error)
    }
    this.requestUpdate()
  }
}

/** The timeline grows with this, and with nothing else. */
function momentOf(id: string, job: Job | undefined): string {
  return [id, job?.state, job?.attempt, job?.cancel_requested].join()
}

function stepLine(step: Step, last: Step | undefined): TemplateResult {
  const after = last ? Date.parse(step.at) - Date.parse(last.at) : undefined
  const said = [
    step.worker || step.by,
    step.attempt > 1 ? gettext("attempt {attempt}", { attempt: step.attempt }) : "",
    after === undefined ? "" : gettext("after {duration}", { duration: durationInWords(after) }),
  ]
  return html`<li part="step" class=${step.name}>
    <span part="name">${STEPS[step.name]?.() ?? step.name}</span>
    <time part="time" datetime=${step.at} title=${new Date(step.at).toLocaleString(language())}
      >${timeOf(step.at)}</time
    >
    <span part="about" class="quiet">${said.filter(Boolean).join(", ")}</span>
    ${step.error ? html`<p part="error" class="bad">${step.error}</p>` : nothing}
    ${
      step.traceback
        ? html`<details>
            <summary>${gettext("Traceback")}</summary>
            <pre dir="ltr" tabindex="0">${step.traceback}</pre>
          </details>`
        : nothing
    }
  </li>`
}

function timeOf(at: string): string {
  return new Date(at).toLocaleTimeString(language())
}

function isStep(value: unknown): value is Step {
  return isRecord(value) && typeof value["at"] === "string" && typeof value["name"] === "string"
}

customElements.define("job-timeline", JobTimeline)
