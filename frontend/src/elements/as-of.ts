import { LitElement, css, html, nothing, type TemplateResult } from "lit"

import { gettext, language } from "../client/translation"
import { followConnection, useLive } from "./live"
import { theme } from "./theme"

/** A break that is shorter is not worth a word. */
const CALM_MS = 5_000

/** Says beside what is shown since when it is not live: nothing, as a rule.
 *
 *      <as-of></as-of>
 */
export class AsOf extends LitElement {
  static override readonly styles = [
    theme,
    css`
      :host {
        color: var(--warn);
        font-size: 0.875rem;
      }
    `,
  ]

  #liveUntil = Date.now()
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor() {
    super()
    followConnection(this)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  protected override render(): TemplateResult {
    return html`<span role="status">${this.#sentence()}</span>`
  }

  #sentence(): string | typeof nothing {
    const { state } = useLive()
    if (state.name === "open") {
      clearTimeout(this.#timer)
      this.#timer = undefined
      return nothing
    }
    if (this.#timer === undefined) {
      this.#liveUntil = "since" in state ? state.since : Date.now()
      this.#timer = setTimeout(() => this.requestUpdate(), CALM_MS)
    }
    if (Date.now() - this.#liveUntil < CALM_MS) return nothing
    const time = new Date(this.#liveUntil).toLocaleTimeString(language(), { timeStyle: "short" })
    return gettext("As of {time}, not live", { time })
  }
}
