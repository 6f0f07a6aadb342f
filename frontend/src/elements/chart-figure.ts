import { LitElement, html, nothing, svg, type PropertyValues, type TemplateResult } from "lit"

import { extent, type Line } from "../client/operations-series"
import { gettext } from "../client/translation"
import type { Plot } from "./chart-plot"
import { NONE, clock } from "./operations-figures"

/** Values of the table are so many points apart: a minute. */
const ROW_POINTS = 30
const SCHEME = matchMedia("(prefers-color-scheme: dark), (forced-colors: active)")
const CALM = matchMedia("(prefers-reduced-motion: reduce)")
/** A drawing that moves each second is motion; who wants less of it is shown it so often. */
const CALM_MS = 10_000

/** Lines over ten minutes: drawn, in a sentence for those who do not see them, and as a table. */
export class ChartFigure extends LitElement {
  static override readonly properties = {
    heading: {},
    times: { attribute: false },
    lines: { attribute: false },
    format: { attribute: false },
    isTable: { state: true },
  }

  declare heading: string
  declare times: readonly number[]
  declare lines: readonly Line[]
  declare format: (value: number) => string
  declare private isTable: boolean
  #plot: Plot | undefined
  #module: typeof import("./chart-plot") | undefined
  #drawn = ""
  #drawnAt = 0
  readonly #recolour = () => this.#plot?.redraw()

  constructor() {
    super()
    this.heading = ""
    this.times = []
    this.lines = []
    this.format = String
    this.isTable = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    SCHEME.addEventListener("change", this.#recolour)
    void this.#load()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    SCHEME.removeEventListener("change", this.#recolour)
    this.#plot?.destroy()
    this.#plot = undefined
  }

  protected override createRenderRoot(): HTMLElement {
    return this
  }

  protected override render(): TemplateResult {
    return html`<figure>
      <figcaption>
        <span>${this.heading}</span>
        <ul class="legend">
          ${this.lines.map((line, index) => this.#key(line, index))}
        </ul>
      </figcaption>
      <div class="plot" role="img" aria-label=${this.#sentence()}></div>
      <details @toggle=${this.#toggled}>
        <summary>${gettext("Show as a table")}</summary>
        ${this.isTable ? this.#table() : nothing}
      </details>
    </figure>`
  }

  protected override updated(_changed: PropertyValues): void {
    this.#draw()
  }

  #key({ name, values }: Line, index: number): TemplateResult {
    const now = values.at(-1) ?? null
    return html`<li>
      <svg class="key key-${index + 1}" viewBox="0 0 24 4" aria-hidden="true">
        ${svg`<line x1="0" y1="2" x2="24" y2="2" />`}
      </svg>
      ${name} <b>${now === null ? NONE : this.format(now)}</b>
    </li>`
  }

  #sentence(): string {
    const said = this.lines.map(({ name, values }) => {
      const found = extent(values)
      if (!found) return gettext("{name}: no values yet", { name })
      const now = found.now === null ? NONE : this.format(found.now)
      const [least, most] = [this.format(found.least), this.format(found.most)]
      return gettext("{name}: {now} now, from {least} to {most}", { name, now, least, most })
    })
    const lines = said.join("; ")
    return gettext("{heading}, the last ten minutes. {lines}", { heading: this.heading, lines })
  }

  #table(): TemplateResult {
    const rows = this.times
      .map((time, slot) => [time, slot] as const)
      .filter(([, slot]) => (this.times.length - 1 - slot) % ROW_POINTS === 0)
      .reverse()
    const cell = (value: number | null | undefined) =>
      html`<td>${value === null || value === undefined ? NONE : this.format(value)}</td>`
    return html`<div class="wide" tabindex="0" role="group" aria-label=${this.heading}>
      <table>
        <thead>
          <tr>
            <th scope="col">${gettext("Time")}</th>
            ${this.lines.map(({ name }) => html`<th scope="col">${name}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            ([time, slot]) =>
              html`<tr>
                <th scope="row">${clock(time * 1000)}</th>
                ${this.lines.map(({ values }) => cell(values[slot]))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
  }

  #toggled(event: Event): void {
    this.isTable = (event.target as HTMLDetailsElement).open
  }

  /** Without it there are still the figures and the tables. */
  async #load(): Promise<void> {
    this.#module = await import("./chart-plot").catch(() => undefined)
    if (!this.#module) console.warn("chart-plot.ts could not be loaded")
    this.#draw()
  }

  #draw(): void {
    const frame = this.querySelector<HTMLElement>(".plot")
    if (!this.#module || !frame || !this.isConnected || this.lines.length === 0) return
    const names = this.lines.map(({ name }) => name).join("\n")
    const now = Date.now()
    if (this.#plot && names === this.#drawn) {
      if (CALM.matches && now - this.#drawnAt < CALM_MS) return
      this.#plot.draw(this.times, this.lines)
    } else {
      this.#plot?.destroy()
      this.#plot = new this.#module.Plot(frame, this.times, this.lines, this.format)
      this.#drawn = names
    }
    this.#drawnAt = now
  }
}
