import { LitElement, html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import type { JobCard } from "./job-card"

/** How far from the screen a block is drawn, and how high a job is taken to be before it was. */
const MARGIN = "700px"
const JOB_PIXELS = 104

/** Some neighbours in a job-list, drawn while they are near the screen. Away from it they keep the
 *  room that they took, so that nothing moves and the scrollbar tells the truth.
 *
 *  It has no shadow root: the list's styles are its own. */
export class JobBlock extends LitElement {
  static override readonly properties = { ids: { attribute: false }, page: {} }

  declare ids: readonly string[]
  declare page: string
  #isDrawn = false
  /** Whether each result was open when its card was last drawn. */
  #opened = new Map<string, boolean | undefined>()

  constructor() {
    super()
    this.ids = []
    this.page = ""
  }

  /** Whether its jobs are drawn; to be set before it is on the page for those that are in sight. */
  get isDrawn(): boolean {
    return this.#isDrawn
  }

  set isDrawn(isDrawn: boolean) {
    if (isDrawn === this.#isDrawn) return
    if (!isDrawn) this.#remember()
    this.#isDrawn = isDrawn
    this.requestUpdate()
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (!this.#isDrawn) this.#keep(this.ids.length * JOB_PIXELS)
    observer.observe(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    observer.unobserve(this)
    near.delete(this)
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.#isDrawn) return nothing
    const card = (id: string) =>
      html`<li>
        <job-card
          part="card"
          exportparts="title, error, result, actions, state, message, figures, bar"
          job=${id}
          page=${this.page}
          .isOpen=${this.#opened.get(id)}
        ></job-card>
      </li>`
    return html`<ul>
      ${repeat(this.ids, (id) => id, card)}
    </ul>`
  }

  protected override updated(): void {
    if (this.#isDrawn) this.style.blockSize = ""
  }

  /** Keep its room, and what somebody has opened in it. */
  #remember(): void {
    this.#keep(this.getBoundingClientRect().height)
    const cards = this.querySelectorAll<JobCard>("job-card")
    this.#opened = new Map(Array.from(cards, ({ job, isOpen }) => [job, isOpen]))
  }

  #keep(height: number): void {
    this.style.blockSize = `${height}px`
  }
}

/** Blocks that are to be drawn, and how far they were from the screen's middle. */
const near = new Map<JobBlock, number>()

const observer = new IntersectionObserver(moved, { rootMargin: MARGIN })

function moved(entries: IntersectionObserverEntry[]): void {
  for (const { target, isIntersecting, boundingClientRect: box } of entries) {
    const block = target as JobBlock
    near.delete(block)
    // What is being used is not taken away, however far it was scrolled.
    if (!isIntersecting) block.isDrawn &&= block.matches(":focus-within")
    else if (!block.isDrawn) near.set(block, Math.abs(box.top + box.bottom - innerHeight))
  }
  if (near.size) requestAnimationFrame(drawNearest)
}

/** One in a frame: a jump to another part of the list must not stop the page. */
function drawNearest(): void {
  const [nearest] = [...near].sort(([, one], [, other]) => one - other)
  if (!nearest) return
  near.delete(nearest[0])
  nearest[0].isDrawn = true
  if (near.size) requestAnimationFrame(drawNearest)
}

customElements.define("job-block", JobBlock)
