import { css, html, nothing, type TemplateResult } from "lit"

import { titleOf, waitInWords } from "../client/job-words"
import { isFinal, type Job } from "../client/protocol"
import { gettext } from "../client/translation"
import * as words from "../client/words"
import { BellwireElement } from "./element"
import { JobFollower } from "./job-follower"
import { useLive } from "./live"
import { theme } from "./theme"

/** Shows how far a job is: a bar, the step, the rate and an estimate of the end.
 *
 *      <job-progress job="0199…">Running</job-progress>
 *
 *  What is inside is shown until the script runs. With `quiet` nothing is read out when the job
 *  moves: the list around it does that. Parts: `state`, `message`, `figures`, and `bar`, which
 *  is drawn in its text's colour. */
export class JobProgress extends BellwireElement {
  static override readonly properties = { job: {}, quiet: { type: Boolean } }

  static override readonly styles = [
    theme,
    css`
      :host {
        display: block;
      }
      .top {
        display: flex;
        flex-wrap: wrap;
        justify-content: space-between;
        gap: 0.1rem 1rem;
        line-height: 1.4;
      }
      .over {
        justify-content: start;
      }
      .step {
        overflow-wrap: anywhere;
      }
      .succeeded,
      .failed {
        font-weight: 600;
        color: var(--good);
      }
      .failed {
        color: var(--bad);
      }
      progress {
        display: block;
        width: 100%;
        height: 0.375rem;
        margin-block: 0.4rem;
        appearance: none;
        border: 0;
        border-radius: 1rem;
        overflow: hidden;
        color: var(--accent);
        background: var(--line);
      }
      progress::-webkit-progress-bar {
        background: none;
      }
      progress::-webkit-progress-value {
        border-radius: 1rem;
        background: currentcolor;
        transition: inline-size 0.3s ease-out;
      }
      progress::-moz-progress-bar {
        border-radius: 1rem;
        background: currentcolor;
      }
      progress:indeterminate {
        background: linear-gradient(90deg, transparent, currentcolor, transparent) 0 0 / 40% 100%
          no-repeat var(--line);
        animation: travel 1.6s ease-in-out infinite alternate;
      }
      progress:indeterminate::-moz-progress-bar {
        background: none;
      }
      progress.idle:indeterminate {
        animation: none;
        background: var(--line);
      }
      progress.cancelled {
        color: var(--muted);
      }
      @keyframes travel {
        to {
          background-position: 100% 0;
        }
      }
      /* Backgrounds are the system's then, and all the same. */
      @media (forced-colors: active) {
        progress {
          --line: Canvas;
          border: 1px solid;
          color: Highlight !important;
          forced-color-adjust: none;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        progress:indeterminate {
          animation: none;
          background: repeating-linear-gradient(
            -60deg,
            currentcolor 0 0.4rem,
            var(--line) 0.4rem 0.8rem
          );
        }
        progress::-webkit-progress-value {
          transition: none;
        }
      }
    `,
  ]

  /** The job's id. */
  declare job: string
  declare quiet: boolean
  readonly #followed = new JobFollower(this)
  /** The job that could not be read. */
  #unknown: string | undefined

  constructor() {
    super()
    this.job = ""
    this.quiet = false
  }

  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { job } = this
    if (!job || !changed.has("job")) return
    useLive()
      .jobs.need(job)
      .catch(() => {
        this.#unknown = job
        this.requestUpdate()
      })
  }

  protected override render(): TemplateResult {
    const { job } = this.#followed
    if (job) return this.#shown(job)
    return this.job === this.#unknown
      ? html`<slot></slot>
          <p class="quiet">${gettext("This job cannot be read.")}</p>`
      : html`<slot></slot>`
  }

  #shown(job: Job): TemplateResult {
    const part = job.progress ? words.share(job.progress) : undefined
    const label = gettext("{job}: progress", { job: titleOf(job) })
    const look = job.state === "running" || isFinal(job) ? job.state : "idle"
    const hasBar = job.state !== "succeeded" && (part !== undefined || !isFinal(job))
    return html`
      <div class="top ${hasBar && !isFinal(job) ? "" : "over"}">
        <span class="step"
          ><span part="state" class=${job.state} role=${this.quiet ? nothing : "status"}
            >${stateOf(job)}</span
          >${stepOf(job)}</span
        >
        <span part="figures" class="quiet figures">${figuresOf(job, part)}</span>
      </div>
      ${hasBar ? html`<progress part="bar" class=${look} aria-label=${label} max="1" value=${part ?? nothing}></progress>` : nothing}
    `
  }
}

function stateOf(job: Job): string {
  if (job.cancel_requested && !isFinal(job)) return gettext("Stopping…")
  return words.standingInWords(job.state, job.progress)
}

function stepOf(job: Job): TemplateResult | typeof nothing {
  const message = job.state === "running" ? job.progress?.message : ""
  return message ? html`<span part="message" class="quiet">, ${message}</span>` : nothing
}

function figuresOf(job: Job, part: number | undefined): string {
  return [...runningFigures(job, part), ...figuresOfLife(job)].filter(Boolean).join(" · ")
}

function runningFigures({ state, kind, progress }: Job, part: number | undefined): string[] {
  if (state !== "running" || !progress) return []
  const { current, rate, eta } = progress
  return [
    part === undefined ? words.count(current) : words.percent(part),
    rate ? words.rateInWords(rate, kind) : "",
    eta == null ? "" : words.etaInWords(eta),
  ]
}

function figuresOfLife(job: Job): string[] {
  const { state, attempt, max_attempts: most, started_at: started, finished_at: finished } = job
  const values = { attempt, most }
  const duration = started && finished ? Date.parse(finished) - Date.parse(started) : undefined
  return [
    state === "queued" ? waitInWords(job.expected_wait) : "",
    attempt > 1 || state === "retrying" ? gettext("attempt {attempt} of {most}", values) : "",
    duration === undefined
      ? ""
      : gettext("took {duration}", { duration: words.durationInWords(duration) }),
  ]
}

customElements.define("job-progress", JobProgress)
