import { css, html, nothing, type TemplateResult } from "lit"

import { isFinal, type Job } from "../client/protocol"
import * as words from "../client/words"
import { BellwireElement } from "./element"
import { followJobs, useLive } from "./live"
import { theme } from "./theme"

/** Shows how far a job is: a bar, the step, the rate and an estimate of the end.
 *
 *      <job-progress job="0199…">Running</job-progress>
 *
 *  What is inside is shown until the script runs. Parts: `state`, `message`, `figures`, `bar`. */
export class JobProgress extends BellwireElement {
  static override readonly properties = { job: {} }

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
        background: var(--accent);
        transition: inline-size 0.3s ease-out;
      }
      progress::-moz-progress-bar {
        border-radius: 1rem;
        background: var(--accent);
      }
      progress:indeterminate {
        background: linear-gradient(90deg, transparent, var(--accent), transparent) 0 0 / 40% 100%
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
      progress.failed {
        color: var(--bad);
      }
      progress.failed::-webkit-progress-value {
        background: var(--bad);
      }
      progress.cancelled::-webkit-progress-value {
        background: var(--muted);
      }
      @keyframes travel {
        to {
          background-position: 100% 0;
        }
      }
      @media (prefers-reduced-motion: reduce) {
        progress:indeterminate {
          animation: none;
          background: repeating-linear-gradient(
            -60deg,
            var(--accent) 0 0.4rem,
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
  #isUnknown = false

  constructor() {
    super()
    this.job = ""
    followJobs(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    useLive()
      .jobs.watch(this.job)
      .catch(() => {
        this.#isUnknown = true
        this.requestUpdate()
      })
  }

  protected override render(): TemplateResult {
    const job = useLive().jobs.job(this.job)
    if (job) return this.#shown(job)
    return this.#isUnknown
      ? html`<slot></slot>
          <p class="quiet">This job cannot be read.</p>`
      : html`<slot></slot>`
  }

  #shown(job: Job): TemplateResult {
    const part = job.progress ? words.share(job.progress) : undefined
    const label = `${words.kindInWords(job.kind)}: progress`
    const look = job.state === "running" || isFinal(job) ? job.state : "idle"
    const hasBar = job.state !== "succeeded" && (part !== undefined || !isFinal(job))
    return html`
      <div class="top">
        <span class="step"
          ><span part="state" class=${job.state} role="status">${stateOf(job)}</span
          >${stepOf(job)}</span
        >
        <span part="figures" class="quiet figures">${figuresOf(job, part)}</span>
      </div>
      ${hasBar ? html`<progress part="bar" class=${look} aria-label=${label} max="1" value=${part ?? nothing}></progress>` : nothing}
    `
  }
}

function stateOf(job: Job): string {
  if (job.cancel_requested && !isFinal(job)) return "Stopping…"
  return words.standingInWords(job.state, job.progress)
}

function stepOf(job: Job): TemplateResult | typeof nothing {
  const message = job.state === "running" ? job.progress?.message : ""
  return message ? html`<span part="message" class="quiet">, ${message}</span>` : nothing
}

function figuresOf(job: Job, part: number | undefined): string {
  const { current, rate, eta } = job.progress ?? {}
  const isRunning = job.state === "running" && job.progress
  return [
    isRunning ? (part === undefined ? words.count(current ?? 0) : words.percent(part)) : "",
    isRunning && rate ? words.rateInWords(rate, job.kind) : "",
    isRunning && eta != null ? words.etaInWords(eta) : "",
    job.attempt > 1 || job.state === "retrying"
      ? `attempt ${job.attempt} of ${job.max_attempts}`
      : "",
    job.started_at && job.finished_at ? took(job.started_at, job.finished_at) : "",
  ]
    .filter(Boolean)
    .join(" · ")
}

function took(started: string, finished: string): string {
  return `took ${words.durationInWords(Date.parse(finished) - Date.parse(started))}`
}
