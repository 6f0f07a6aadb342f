import { css, html, type TemplateResult } from "lit"

import { gettext } from "../client/translation"
import type { Desktop, DesktopState } from "./desktop"
import { BellwireElement } from "./element"
import { buttons, theme } from "./theme"

let shared: Desktop | undefined

/** Give the elements of this page what they switch; to be called before they are defined. */
export function provideDesktop(desktop: Desktop): void {
  shared = desktop
}

/** Switches notifications of this computer on and off; the browser asks on the first press.
 *
 *      <desktop-notifications></desktop-notifications>
 */
export class DesktopNotifications extends BellwireElement {
  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0.25rem 0.75rem;
      }
    `,
  ]

  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = shared?.listen(() => this.requestUpdate())
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  protected override render(): TemplateResult {
    const state = shared?.state ?? "unsupported"
    const isOn = state === "on" || state === "failed"
    const cannot = state === "unsupported" || state === "blocked"
    return html`
      <button
        type="button"
        ?disabled=${cannot}
        aria-pressed=${isOn}
        @click=${isOn ? this.#turnOff : this.#turnOn}
      >
        ${gettext("Notify me on this computer")}
      </button>
      <span class="quiet" role="status">${inWords(state)}</span>
    `
  }

  readonly #turnOn = (): void => void shared?.turnOn()

  readonly #turnOff = (): void => shared?.turnOff()
}

function inWords(state: DesktopState): string {
  switch (state) {
    case "unsupported":
      return gettext("This browser cannot.")
    case "blocked":
      return gettext("The browser blocks it; its settings for this site can allow it.")
    case "failed":
      return gettext("On, but this browser could not show the last one.")
    case "on":
      return gettext("On, while no page of this site is in sight.")
    case "off":
      return gettext("Off")
  }
}
