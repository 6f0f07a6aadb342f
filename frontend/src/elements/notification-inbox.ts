import { css, html, type TemplateResult } from "lit"

import { gettext } from "../client/translation"
import { BellwireElement } from "./element"
import { theme } from "./theme"

/** Shows a person's notifications, follows them, and lets them be dealt with.
 *
 *      <notification-inbox show="unread">…what is shown until the script runs…</notification-inbox>
 *
 *  `show` is inbox, unread or archived; with `in-address` the page's address says which. The
 *  inbox itself is fetched when the first one is on the page: most pages have a bell alone. */
export class NotificationInbox extends BellwireElement {
  static override readonly properties = {
    show: {},
    preferences: {},
    inAddress: { type: Boolean, attribute: "in-address" },
  }

  static override readonly styles = [
    theme,
    css`
      :host {
        display: block;
      }
      :host(:focus-visible) {
        outline: none;
      }
    `,
  ]

  declare show: string
  declare preferences: string
  declare inAddress: boolean
  #isMissing = false

  constructor() {
    super()
    this.show = "inbox"
    this.preferences = ""
    this.inAddress = false
  }

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#fetch()
  }

  protected override render(): TemplateResult {
    if (this.#isMissing)
      return html`<slot></slot>
        <p role="alert">
          ${gettext("The inbox could not be loaded.")}
          <button @click=${this.#fetch}>${gettext("Try again")}</button>
        </p>`
    // Until it is defined, it shows what is inside.
    return html`<notification-body
      .show=${this.show}
      .preferences=${this.preferences}
      .inAddress=${this.inAddress}
      ><slot></slot
    ></notification-body>`
  }

  readonly #fetch = async (): Promise<void> => {
    const defined = import("./notification-body").then(({ define }) => define())
    this.#isMissing = await defined.then(
      () => false,
      () => true,
    )
    this.requestUpdate()
  }
}
