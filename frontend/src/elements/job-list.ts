import { html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import { sentenceOf } from "../client/api-error"
import { addressOf } from "../client/jobs-filter"
import type { Block } from "../client/jobs-roll"
import type { JobsStore } from "../client/jobs-store"
import { gettext, ngettext } from "../client/translation"
import { Announcer } from "./announcer"
import { BellwireElement } from "./element"
import "./job-block"
import { listStyle } from "./list-style"
import { followJobs, useLive } from "./live"
import { buttons, theme } from "./theme"

/** How far the list's top may be above the screen's while one is still at the top. */
const AT_TOP_PIXELS = 48
/** How many blocks are drawn before it is known which ones are in sight. */
const DRAWN_AT_ONCE = 2
/** How long a job that is no longer wanted stays where it is, at least. */
const LEAVING_MS = 5_000

/** Shows the jobs of the person who is signed in, newest first, and follows them.
 *
 *      <job-list page="/jobs/">…what is shown until the script runs…</job-list>
 *
 *  Which of them it shows is the page's store's filter. What comes while somebody reads further
 *  down is held back until they ask for it.
 *
 *  Parts: `pill`, which brings what is held back; `empty`, `older`; each `card`, and its parts. */
export class JobList extends BellwireElement {
  static override readonly properties = { page: {} }

  static override readonly styles = [theme, buttons, listStyle]

  /** The address under which each job has its page. */
  declare page: string
  readonly #announcer = new Announcer(this)
  #end: IntersectionObserver | undefined
  #calm: ReturnType<typeof setInterval> | undefined

  constructor() {
    super()
    this.page = ""
    followJobs(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#end = new IntersectionObserver(this.#nearEnd, { rootMargin: "800px" })
    this.#calm = setInterval(this.#settle, LEAVING_MS)
    addEventListener("scroll", this.#look, { passive: true })
    this.addEventListener("focusin", this.#look)
    this.addEventListener("focusout", this.#look)
    void this.#jobs.open()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#end?.disconnect()
    clearInterval(this.#calm)
    removeEventListener("scroll", this.#look)
  }

  protected override render(): TemplateResult {
    const { list, reading } = this.#jobs
    return html`
      ${list.held ? this.#pill(list.held) : nothing}
      <div class="list" tabindex="-1" aria-busy=${reading.isUnderWay}>
        ${repeat(
          list.blocks,
          ({ key }) => key,
          (block, place) => this.#block(block, place),
        )}
      </div>
      ${this.#foot()}
      <p class="unseen" role="status">${this.#announcer.said}</p>
    `
  }

  protected override updated(): void {
    const more = this.renderRoot.querySelector(".more")
    this.#end?.disconnect()
    if (more) this.#end?.observe(more)
  }

  get #jobs(): JobsStore {
    return useLive().jobs
  }

  #pill(count: number): TemplateResult {
    return html`<div class="pill">
      <button part="pill" class="main" @click=${this.#showHeld}>
        ${ngettext("{n} new job", "{n} new jobs", count)}
      </button>
    </div>`
  }

  #block({ ids }: Block, place: number): TemplateResult {
    return place < DRAWN_AT_ONCE
      ? html`<job-block .isDrawn=${true} .ids=${ids} page=${this.page}></job-block>`
      : html`<job-block .ids=${ids} page=${this.page}></job-block>`
  }

  #foot(): TemplateResult | typeof nothing {
    const { list, reading } = this.#jobs
    if (reading.failure)
      return html`<p class="bad" role="alert">
        ${sentenceOf(reading.failure)}
        <button class="plain" @click=${this.#more}>${gettext("Try again")}</button>
      </p>`
    if (reading.isUnderWay) return skeletons(list.size ? 1 : 3)
    if (!list.size) return this.#nothing()
    if (!list.hasOlder) return nothing
    return html`<p class="more">
      <button part="older" @click=${this.#more}>${gettext("Show older jobs")}</button>
    </p>`
  }

  #nothing(): TemplateResult {
    if (addressOf(this.#jobs.list.filter))
      return html`<p part="empty">
        ${gettext("No job of yours is like this.")} <a href="?">${gettext("Show all jobs")}</a>
      </p>`
    return html`<p part="empty">
      <slot name="empty">${gettext("Nothing here yet. A job that you start appears here.")}</slot>
    </p>`
  }

  readonly #more = (): void => void this.#jobs.loadOlder()

  readonly #nearEnd = (entries: IntersectionObserverEntry[]): void => {
    if (entries.some(({ isIntersecting }) => isIntersecting)) this.#more()
  }

  /** Hold new ones back while somebody reads further down, or is at work inside the list. */
  readonly #look = (): void => {
    const isDown = this.getBoundingClientRect().top < -AT_TOP_PIXELS
    const used = this.shadowRoot?.activeElement
    this.#jobs.hold(isDown || (!!used && !used.matches(".list, .pill button")))
  }

  readonly #showHeld = (): void => {
    this.#jobs.hold(false)
    const list = this.renderRoot.querySelector<HTMLElement>(".list")
    list?.focus({ preventScroll: true })
    list?.scrollIntoView()
  }

  readonly #settle = (): void => {
    if (!this.matches(":hover, :focus-within")) this.#jobs.settle()
  }
}

function skeletons(count: number): TemplateResult {
  const lines = html`<div class="skeleton"><span></span><span></span></div>`
  return html`<div aria-hidden="true">${Array.from({ length: count }, () => lines)}</div>`
}

customElements.define("job-list", JobList)
