import { html, nothing, type TemplateResult } from "lit"

import { sentenceOf } from "../client/api-error"
import { hits, isSerious, stepDurations, type Line } from "../client/output-lines"
import { OutputStore, TAIL } from "../client/output-store"
import { isFinal } from "../client/protocol"
import { gettext } from "../client/translation"
import { BellwireElement } from "./element"
import { JobFollower } from "./job-follower"
import { useLive } from "./live"
import { outputBar, type Acts } from "./output-bar"
import { outputChunks, type Look } from "./output-line"
import { outputStyle } from "./output-style"
import { buttons, theme } from "./theme"

/** How many more "Show earlier lines" shows. */
const EARLIER = 500
/** How near the end still counts as the end. */
const AT_END_PIXELS = 24

/** Shows what a job says, line by line, and follows it to the end.
 *
 *      <job-output job="0199…">…what is shown until the script runs…</job-output>
 *
 *  With `refresh`, in seconds, it is asked for as often: for a job whose owner somebody else is. */
export class JobOutput extends BellwireElement {
  static override readonly properties = { job: {}, refresh: { type: Number } }

  static override readonly styles = [theme, buttons, outputStyle]

  declare job: string
  declare refresh: number
  readonly #followed = new JobFollower(this)
  #store: OutputStore | undefined
  #stop: (() => void)[] = []
  #look: Look = { query: "", found: 0, target: targetOf(location.hash), hasTimes: false }
  #level = "debug"
  #isFollowing = !this.#look.target
  /** Of many lines only the last are drawn: those after this one. */
  #from = 0
  #lastTop = 0
  #said = ""

  constructor() {
    super()
    this.job = ""
    this.refresh = 0
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const live = useLive()
    const store = (this.#store = new OutputStore(live.api, this.job, this.#isRunning))
    addEventListener("hashchange", this.#named)
    const timer = this.refresh ? setInterval(this.#again, this.refresh * 1000) : undefined
    this.#stop = [
      live.attach(store),
      store.listen(() => this.requestUpdate()),
      () => removeEventListener("hashchange", this.#named),
      () => clearInterval(timer),
    ]
    const { target } = this.#look
    void store.open(target || Infinity).then(() => (target ? this.#show(target) : undefined))
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    for (const stop of this.#stop) stop()
  }

  protected override render(): TemplateResult {
    const { lines = [], reading } = this.#store ?? {}
    if (!reading?.isDone && !reading?.failure) return html`<slot></slot>`
    if (!lines.length) return html`${this.#nothing()}${this.#failed()}`
    return html`${this.#bar(lines)}
      <div class="frame">
        <div
          class="lines"
          dir="ltr"
          tabindex="0"
          role="region"
          aria-label=${gettext("Lines of the output")}
          @scroll=${this.#scrolled}
          @click=${this.#clicked}
        >
          ${this.#earlier()}${this.#chunks(lines)}
        </div>
        ${
          this.#isFollowing
            ? nothing
            : html`<button class="end" @click=${this.#follow}>
                ${gettext("Jump to the end")}
              </button>`
        }
      </div>
      ${this.#failed()}
      <p class="unseen" role="status">${this.#said}</p>`
  }

  protected override updated(): void {
    const box = this.#box
    if (box && this.#isFollowing) box.scrollTop = box.scrollHeight
  }

  #bar(lines: readonly Line[]): TemplateResult {
    const { query, hasTimes } = this.#look
    const found = hits(lines, query, this.#level)
    const place = found.findIndex(({ n }) => n === this.#look.found) + 1
    const search = { query, place, count: found.length }
    return outputBar(
      search,
      { job: this.job, hasTimes, isFollowing: this.#isFollowing },
      this.#acts,
    )
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
    if (this.#isFollowing) this.#from = Math.max(this.#from, (lines.at(-1)?.n ?? 0) - TAIL)
    const shown = lines.filter((line) => line.n > this.#from && isSerious(line, this.#level))
    const took = stepDurations(lines, this.#followed.job?.finished_at ?? null)
    return outputChunks(shown, this.#look, took)
  }

  readonly #isRunning = (): boolean => this.#followed.job?.state === "running"

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

  readonly #again = (): void => void this.#store?.catchUp()

  readonly #acts: Acts = {
    search: (query) => this.#search(query),
    step: (by) => this.#step(by),
    level: (level) => {
      this.#level = level
      this.requestUpdate()
    },
    times: (hasTimes) => this.#set({ hasTimes }),
    follow: (isFollowing) => this.#followIf(isFollowing),
  }

  /** Who scrolls up wants to read; who comes back to the end, to follow. */
  readonly #scrolled = (event: Event): void => {
    const { scrollTop, scrollHeight, clientHeight } = event.target as HTMLElement
    const isAtEnd = scrollHeight - scrollTop - clientHeight < AT_END_PIXELS
    const isUp = scrollTop < this.#lastTop
    this.#lastTop = scrollTop
    if (isAtEnd) this.#followIf(true)
    else if (isUp) this.#followIf(false)
  }

  readonly #follow = (): void => {
    this.#followIf(true)
    this.#box?.focus({ preventScroll: true })
  }

  #followIf(isFollowing: boolean): void {
    if (isFollowing === this.#isFollowing) return
    this.#isFollowing = isFollowing
    this.requestUpdate()
  }

  readonly #showEarlier = async (): Promise<void> => {
    this.#isFollowing = false
    const first = this.#store?.lines[0]?.n ?? 1
    this.#from = Math.max(0, Math.max(this.#from, first - 1) - EARLIER)
    if (this.#from < first - 1) await this.#store?.loadEarlier(this.#from + 1)
    this.requestUpdate()
  }

  /** All of it is searched, so all of it is read. */
  #search(query: string): void {
    this.#set({ query, found: 0 })
    if (this.#store?.hasEarlier) void this.#store.loadEarlier(1)
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
    this.#isFollowing = false
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
