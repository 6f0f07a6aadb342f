import { html, nothing, type TemplateResult } from "lit"

import { sentenceOf } from "../client/api-error"
import { hits, isSerious, stepDurations, type Line } from "../client/output-lines"
import { TAIL, type OutputStore } from "../client/output-store"
import { isFinal } from "../client/protocol"
import { gettext } from "../client/translation"
import { BellwireElement } from "./element"
import { JobFollower } from "./job-follower"
import { outputBar, type Acts } from "./output-bar"
import { OutputFollower } from "./output-follower"
import { OutputEnd } from "./output-end"
import { outputChunks, type Look } from "./output-line"
import { outputStyle } from "./output-style"
import { buttons, theme } from "./theme"

/** How many more "Show earlier lines" shows. */
const EARLIER = 500

/** Shows what a job says, line by line, and follows it to the end.
 *
 *      <job-output job="0199…">…what is shown until the script runs…</job-output>
 *
 *  With `refresh`, in seconds, it is asked for as often: for a job whose owner somebody else is.
 *
 *  Parts: `tools` above, `lines`, in it each `line`, which is of a part `info`, `warning`, `error` …
 *  by its level, too, and `number`; `end`, which goes there. */
export class JobOutput extends BellwireElement {
  static override readonly properties = { job: {}, refresh: { type: Number } }

  static override readonly styles = [theme, buttons, outputStyle]

  declare job: string
  declare refresh: number
  readonly #followed = new JobFollower(this)
  readonly #output = new OutputFollower(this, (store) => this.#open(store))
  readonly #end = new OutputEnd(this, () => this.#box)
  #look: Look = { query: "", found: 0, target: 0, hasTimes: false }
  #level = "debug"
  /** Of many lines only the last are drawn: those after this one. */
  #from = 0
  #said = ""

  constructor() {
    super()
    this.job = ""
    this.refresh = 0
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener("hashchange", this.#named)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener("hashchange", this.#named)
  }

  protected override render(): TemplateResult {
    const { lines = [], reading } = this.#store ?? {}
    if (!reading?.isDone && !reading?.failure) return html`<slot></slot>`
    if (!lines.length) return html`${this.#nothing()}${this.#failed()}`
    return html`${this.#bar(lines)}
      <div class="frame">
        <div
          part="lines"
          class="lines"
          dir="ltr"
          tabindex="0"
          role="region"
          aria-label=${gettext("Lines of the output")}
          @scroll=${this.#end.scrolled}
          @click=${this.#clicked}
        >
          ${this.#earlier()}${this.#chunks(lines)}
        </div>
        ${
          this.#end.isFollowed
            ? nothing
            : html`<button part="end" class="end" @click=${this.#follow}>
                ${gettext("Jump to the end")}
              </button>`
        }
      </div>
      ${this.#failed()}
      <p class="unseen" role="status">${this.#said}</p>`
  }

  get #store(): OutputStore | undefined {
    return this.#output.store
  }

  /** Go to the end, or to the line that the address names. */
  #open(store: OutputStore): void {
    const target = targetOf(location.hash)
    this.#look = { ...this.#look, query: "", found: 0, target }
    this.#end.follow(!target)
    this.#level = "debug"
    this.#from = 0
    void store
      .open(target || Infinity)
      .then(() => (target && store === this.#store ? this.#show(target) : undefined))
  }

  #bar(lines: readonly Line[]): TemplateResult {
    const { query, hasTimes } = this.#look
    const found = hits(lines, query, this.#level)
    const place = found.findIndex(({ n }) => n === this.#look.found) + 1
    const isComplete = !this.#store?.hasEarlier
    const isUnderWay = !!this.#store?.reading.isUnderWay
    const search = { query, place, count: found.length, isComplete, isUnderWay }
    const shown = { job: this.job, hasTimes, isFollowing: this.#end.isFollowed }
    return outputBar(search, shown, this.#acts)
  }

  #earlier(): TemplateResult | typeof nothing {
    const hasMore = this.#store?.hasEarlier || this.#from > 0
    return hasMore
      ? html`<p class="earlier">
          <button class="plain" @click=${this.#showEarlier}>
            ${gettext("Show earlier lines")}
          </button>
        </p>`
      : nothing
  }

  #chunks(lines: readonly Line[]): unknown {
    if (this.#end.isFollowed) this.#from = Math.max(this.#from, (lines.at(-1)?.n ?? 0) - TAIL)
    const shown = lines.filter((line) => line.n > this.#from && isSerious(line, this.#level))
    const took = stepDurations(lines, this.#followed.job?.finished_at ?? null)
    if (shown.length) return outputChunks(shown, this.#look, took)
    return html`<p class="empty">${gettext("No line of this level here.")}</p>`
  }

  #nothing(): TemplateResult {
    const { job } = this.#followed
    if (this.#store?.reading.failure) return html`<slot></slot>`
    return html`<p class="empty">
      ${job && isFinal(job) ? gettext("This job said nothing.") : gettext("Nothing said yet.")}
    </p>`
  }

  #failed(): TemplateResult | typeof nothing {
    const failure = this.#store?.reading.failure
    return failure
      ? html`<p class="bad" role="alert">
          ${sentenceOf(failure)}
          <button class="plain" @click=${this.#again}>${gettext("Try again")}</button>
        </p>`
      : nothing
  }

  get #box(): HTMLElement | null {
    return this.renderRoot.querySelector(".lines")
  }

  #set(change: Partial<Look>): void {
    this.#look = { ...this.#look, ...change }
    this.requestUpdate()
  }

  readonly #again = async (): Promise<void> => {
    await this.#store?.catchUp()
    this.#readWhatIsSearched()
  }

  readonly #acts: Acts = {
    search: (query) => this.#search(query),
    step: (by) => this.#step(by),
    level: (level) => {
      this.#level = level
      this.requestUpdate()
    },
    times: (hasTimes) => this.#set({ hasTimes }),
    follow: (isFollowed) => this.#end.follow(isFollowed),
  }

  readonly #follow = (): void => {
    this.#end.follow(true)
    this.#box?.focus({ preventScroll: true })
  }

  readonly #showEarlier = async (): Promise<void> => {
    this.#end.follow(false)
    const first = this.#store?.lines[0]?.n ?? 1
    this.#from = Math.max(0, Math.max(this.#from, first - 1) - EARLIER)
    if (this.#from < first - 1) await this.#store?.loadEarlier(this.#from + 1)
    this.requestUpdate()
  }

  #search(query: string): void {
    this.#set({ query, found: 0 })
    this.#readWhatIsSearched()
  }

  /** All of it is searched, so all of it is read. */
  #readWhatIsSearched(): void {
    if (this.#look.query) void this.#store?.loadEarlier(1)
  }

  #step(by: number): void {
    const found = hits(this.#store?.lines ?? [], this.#look.query, this.#level)
    const place = found.findIndex(({ n }) => n === this.#look.found)
    const line = found.at(place < 0 && by < 0 ? -1 : (place + by) % found.length)
    if (!line) return
    this.#set({ found: line.n })
    void this.#show(line.n)
  }

  readonly #named = (): void => {
    const target = targetOf(location.hash)
    this.#set({ target })
    if (target) void this.#show(target)
  }

  /** A line's number is its address: it goes to the clipboard, too. */
  readonly #clicked = async (event: Event): Promise<void> => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("li > a")
    if (!link) return
    await navigator.clipboard?.writeText(link.href).catch(() => {})
    this.#said = gettext("The line’s address was copied.")
    this.requestUpdate()
  }

  async #show(n: number): Promise<void> {
    this.#end.follow(false)
    this.#from = Math.min(this.#from, n - 1)
    this.requestUpdate()
    await this.updateComplete
    this.renderRoot.querySelector(`#L${n}`)?.scrollIntoView({ block: "center" })
  }
}

function targetOf(hash: string): number {
  return Number(/^#L(\d{1,7})$/.exec(hash)?.[1] ?? 0)
}

customElements.define("job-output", JobOutput)
