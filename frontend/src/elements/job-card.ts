import { html, nothing, type TemplateResult } from "lit"

import { sentenceOf } from "../client/api-error"
import { titleOf } from "../client/job-words"
import { isFinal, lacksResult, type Job } from "../client/protocol"
import { gettext, language } from "../client/translation"
import { agoInWords } from "../client/words"
import { cardStyle } from "./card-style"
import { BellwireElement } from "./element"
import { JobFollower } from "./job-follower"
import "./job-progress"
import { useLive } from "./live"
import { drawResult, loadResultViews } from "./result-views"
import { buttons, theme } from "./theme"

/** How often “2 minutes ago” is looked at. */
const CLOCK_SECONDS = 30

/** Shows one job: what it is, how far it is, how it ended, and what one may do about it.
 *
 *      <job-card job="0199…" page="/jobs/" ></job-card>
 *
 *  With `page`, its name leads there; with `bare`, the page around it has named it already, and
 *  its end is read out. What else may be done with a job that has ended is offered in the slot
 *  `actions`. With `refresh`, in seconds, one that has not ended is read as often: its wait is an
 *  estimate, and of a job of somebody else's no event comes here.
 *
 *  Parts: `title`, `error`, `result`, `actions`, and those of its `job-progress`. */
export class JobCard extends BellwireElement {
  static override readonly properties = {
    job: {},
    page: {},
    bare: { type: Boolean },
    refresh: { type: Number },
  }

  static override readonly styles = [theme, buttons, cardStyle]

  /** The job's id. */
  declare job: string
  declare page: string
  declare bare: boolean
  declare refresh: number
  /** Whether its result is shown; decided when the job is first seen. */
  isOpen: boolean | undefined
  readonly #followed = new JobFollower(this)
  #failure = ""
  #isAsking = false
  #repeatedAs = ""
  #clock: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.job = this.page = ""
    this.bare = false
    this.refresh = 0
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#clock = setInterval(this.#tick, (this.refresh || CLOCK_SECONDS) * 1000)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearInterval(this.#clock)
  }

  readonly #tick = (): void => {
    const { job } = this.#followed
    this.requestUpdate()
    // What is only repeated may fail silently: the next one follows.
    if (this.refresh && job && !isFinal(job))
      useLive()
        .jobs.fetch(job.id)
        .catch(() => {})
  }

  /** A job that is live when it is first seen stays open, so that its result appears. */
  protected override willUpdate(changed: Map<PropertyKey, unknown>): void {
    const { job } = this.#followed
    if (changed.has("job")) {
      this.#failure = this.#repeatedAs = ""
      this.#isAsking = false
      // At first it is what the list around it remembers.
      if (changed.get("job")) this.isOpen = undefined
      if (this.job && !job) this.#again()
    }
    if (!job) return
    this.isOpen ??= this.bare || !isFinal(job)
    if (this.isOpen && !this.#failure && !this.#isAsking && !isShowable(job)) this.#again()
  }

  protected override updated(): void {
    this.toggleAttribute("leaving", !this.bare && useLive().jobs.list.isLeaving(this.job))
  }

  protected override render(): TemplateResult {
    const { job } = this.#followed
    if (!job) return html`<slot></slot>${this.#failureLine()}`
    return html`
      <article aria-label=${titleOf(job)}>
        ${this.bare ? nothing : this.#header(job)}
        <div class="row">
          <job-progress
            job=${job.id}
            ?quiet=${!this.bare}
            exportparts="state, message, figures, bar"
          ></job-progress>
          ${this.bare ? nothing : this.#actions(job)}
        </div>
        ${this.#error(job)} ${this.#result(job)} ${this.#failureLine()}
        ${this.bare ? this.#actions(job) : nothing}
      </article>
    `
  }

  #header(job: Job): TemplateResult {
    const name = titleOf(job)
    const time = Date.parse(job.queued_at)
    return html`<header>
      <h3 part="title">${this.page ? html`<a href="${this.page}${job.id}/">${name}</a>` : name}</h3>
      <time datetime=${job.queued_at} title=${new Date(time).toLocaleString(language())}
        >${agoInWords(time, Date.now())}</time
      >
    </header>`
  }

  #error(job: Job): TemplateResult | typeof nothing {
    if (!job.error) return nothing
    return html`<p part="error" class="bad error ${this.bare ? "whole" : ""}">${job.error}</p>
      ${
        this.bare && job.state === "failed"
          ? html`<p class="quiet">
              ${gettext("Nothing more happens by itself. You can repeat the job, as it was or with changes.")}
            </p>`
          : nothing
      }`
  }

  #result(job: Job): TemplateResult | typeof nothing {
    if (job.state !== "succeeded" || !this.isOpen) return nothing
    if (isShowable(job))
      return html`<div part="result" class="result">${drawResult(job.kind, job.result)}</div>`
    return this.#failure ? nothing : html`<p class="quiet">${gettext("Fetching the result…")}</p>`
  }

  #failureLine(): TemplateResult | typeof nothing {
    return this.#failure
      ? html`<p class="bad" role="alert">
          ${this.#failure}
          <button class="plain" @click=${this.#again}>${gettext("Try again")}</button>
        </p>`
      : nothing
  }

  #actions(job: Job): TemplateResult | typeof nothing {
    if (!isFinal(job)) {
      const isStopping = job.cancel_requested || this.#isAsking
      return html`<p part="actions">
        <button class="plain" ?disabled=${isStopping} @click=${this.#cancel}>
          ${isStopping ? gettext("Stopping…") : gettext("Stop this job")}
        </button>
      </p>`
    }
    return html`<p part="actions">
      ${job.state === "succeeded" && !this.bare ? this.#resultButton() : nothing}
      <button class="plain" ?disabled=${this.#isAsking} @click=${this.#repeat}>
        ${gettext("Repeat")}
      </button>
      <slot name="actions"></slot>
      ${this.#repeatedAs ? this.#repeated(this.#repeatedAs) : nothing}
    </p>`
  }

  #resultButton(): TemplateResult {
    return html`<button class="plain" aria-expanded=${this.isOpen ?? false} @click=${this.#toggle}>
      ${this.isOpen ? gettext("Hide the result") : gettext("Show the result")}
    </button>`
  }

  #repeated(id: string): TemplateResult {
    const said = gettext("Queued once more")
    return html`<span class="quiet" role="status"
      >${this.page ? html`<a href="${this.page}${id}/">${said}</a>` : said}</span
    >`
  }

  readonly #cancel = (): void => void this.#attempt(() => useLive().jobs.cancel(this.job))

  readonly #repeat = (): void =>
    void this.#attempt(async () => {
      const { job } = this
      const { id } = await useLive().jobs.repeat(job)
      if (job === this.job) this.#repeatedAs = id
    })

  readonly #toggle = (): void => {
    this.isOpen = !this.isOpen
    this.requestUpdate()
  }

  readonly #again = (): void => void this.#attempt(() => this.#read())

  async #read(): Promise<void> {
    const { job } = this.#followed
    if (!job || lacksResult(job)) await useLive().jobs.fetch(this.job)
    if (job?.state === "succeeded") await loadResultViews()
  }

  async #attempt(ask: () => Promise<void>): Promise<void> {
    const { job } = this
    this.#failure = ""
    this.#isAsking = true
    this.requestUpdate()
    const failure = await ask().then(() => "", sentenceOf)
    // The card may have gone on to another job meanwhile.
    if (job !== this.job) return
    this.#failure = failure
    this.#isAsking = false
    this.requestUpdate()
  }
}

/** Whether all that an open card shows of this job is here. */
function isShowable(job: Job): boolean {
  return (
    job.state !== "succeeded" ||
    (!lacksResult(job) && drawResult(job.kind, job.result) !== undefined)
  )
}

customElements.define("job-card", JobCard)
