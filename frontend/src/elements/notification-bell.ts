import { css, html, nothing, type TemplateResult } from "lit"

import { gettext, ngettext } from "../client/translation"
import { BellwireElement } from "./element"
import { followInbox, useInbox } from "./notification-store"
import { buttons, theme } from "./theme"

/** A bell that says how many notifications one has not seen, and opens the inbox under it.
 *
 *      <notification-bell page="/inbox/" preferences="/inbox/preferences/" unseen="3">
 *        <a href="/inbox/">Notifications (3 new)</a>
 *      </notification-bell>
 *
 *  What is inside is shown until the script runs. `unseen` is the count until the server tells
 *  another; without it the server is asked. Parts: `button`, `badge`, `panel`, and the inbox's. */
export class NotificationBell extends BellwireElement {
  static override readonly properties = {
    page: {},
    preferences: {},
    unseen: { type: Number },
  }

  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: inline-block;
      }
      .bell {
        position: relative;
        display: grid;
        place-items: center;
        width: 2.75rem;
        height: 2.75rem;
        padding: 0;
        border: 0;
        border-radius: 50%;
        color: inherit;
        background: none;
        cursor: pointer;
      }
      .bell:hover,
      .bell[aria-expanded="true"] {
        background: var(--sunken);
      }
      .badge {
        position: absolute;
        inset-block-start: 0.15rem;
        inset-inline-start: 1.35rem;
        min-width: 1.2rem;
        padding-inline: 0.3rem;
        border-radius: 1rem;
        color: var(--on-accent);
        background: var(--accent);
        font-size: 0.75rem;
        font-weight: 700;
        line-height: 1.2rem;
        font-variant-numeric: tabular-nums;
      }
      [popover] {
        inset: var(--top, 4rem) var(--right, 0.5rem) auto auto;
        width: min(27rem, 100vw - 1rem);
        max-height: min(38rem, 100dvh - var(--top, 4rem) - 0.5rem);
        margin: 0;
        padding: 0;
        overflow: auto;
        overscroll-behavior: contain;
        border: 1px solid var(--line);
        border-radius: calc(var(--radius) * 1.5);
        color: var(--ink);
        background: var(--surface);
        box-shadow: 0 1rem 3rem -1rem rgb(0 0 0 / 35%);
      }
      notification-inbox,
      [role="alert"] {
        display: block;
        padding: 0.75rem 1rem;
      }
      .foot {
        display: flex;
        justify-content: space-between;
        gap: 1rem;
        padding: 0 1rem 0.9rem;
      }
    `,
  ]

  /** The address of the page with the whole inbox, and of the one with what one wants to hear. */
  declare page: string
  declare preferences: string
  declare unseen: number | undefined
  #isOpen = false
  #isMissing = false

  constructor() {
    super()
    this.page = this.preferences = ""
    followInbox(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.unseen === undefined) void useInbox().open("inbox")
    addEventListener("resize", this.#resized)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener("resize", this.#resized)
  }

  protected override render(): TemplateResult {
    const n = useInbox().counts?.unseen ?? this.unseen ?? 0
    const name = gettext("Notifications")
    const label = n ? ngettext("Notifications, {n} new", "Notifications, {n} new", n) : name
    return html`
      <button
        class="bell"
        part="button"
        popovertarget="panel"
        aria-label=${label}
        aria-expanded=${this.#isOpen}
      >
        ${BELL}
        ${n ? html`<span part="badge" class="badge" aria-hidden="true">${n > 99 ? "99+" : n}</span>` : nothing}
      </button>
      <div
        id="panel"
        part="panel"
        popover
        role="dialog"
        aria-label=${name}
        @beforetoggle=${this.#toggles}
        @toggle=${this.#toggled}
      >
        ${this.#isOpen ? this.#panel() : nothing}
      </div>
    `
  }

  #panel(): TemplateResult {
    const { page, preferences } = this
    return html` ${this.#isMissing ? this.#missing() : html`<notification-inbox tabindex="-1" exportparts=${PARTS}></notification-inbox>`}
      <div class="foot">
        ${page ? html`<a href=${page}>${gettext("All notifications")}</a>` : nothing}
        ${preferences ? html`<a href=${preferences}>${gettext("Preferences")}</a>` : nothing}
      </div>`
  }

  #missing(): TemplateResult {
    return html`<p role="alert">
      ${gettext("The inbox could not be loaded.")}
      <button class="plain" @click=${this.#again}>${gettext("Try again")}</button>
    </p>`
  }

  /** The inbox comes when it is opened: most visits do without. */
  readonly #fetch = async (): Promise<void> => {
    this.#isMissing = await import("./notification-inbox").then(
      () => false,
      () => true,
    )
    this.requestUpdate()
  }

  readonly #again = async (): Promise<void> => {
    await this.#fetch()
    await this.updateComplete
    this.#focus("notification-inbox")
  }

  readonly #toggles = ({ newState }: ToggleEvent): void => {
    if (newState !== "open") return
    this.#place()
    void this.#fetch()
  }

  /** A phone may be turned while the panel is open. */
  readonly #resized = (): void => {
    if (this.#isOpen) this.#place()
  }

  /** Under the button, its edges in line; on a narrow screen as far in as it fits. */
  #place(): void {
    const { bottom, left, right } = this.getBoundingClientRect()
    const isRightToLeft = getComputedStyle(this).direction === "rtl"
    const width = Math.min(27 * 16, innerWidth - 16)
    const start = isRightToLeft ? left : right - width
    const fitting = Math.max(8, Math.min(start, innerWidth - width - 8))
    this.style.setProperty("--top", `${Math.round(bottom) + 6}px`)
    this.style.setProperty(
      "--right",
      `${Math.round(document.documentElement.clientWidth - fitting - width)}px`,
    )
  }

  readonly #toggled = async ({ newState }: ToggleEvent): Promise<void> => {
    const hadFocus = this.matches(":focus-within")
    this.#isOpen = newState === "open"
    this.requestUpdate()
    await this.updateComplete
    if (this.#isOpen) this.#focus("notification-inbox")
    else if (hadFocus) this.#focus(".bell")
  }

  /** What had the focus is gone. */
  #focus(next: string): void {
    this.renderRoot.querySelector<HTMLElement>(next)?.focus()
  }
}

const PARTS = "bar,tab,current,card,new,read,info,success,warning,error,title,body,time,actions"

const BELL = html`<svg
  aria-hidden="true"
  viewBox="0 0 24 24"
  width="24"
  height="24"
  fill="none"
  stroke="currentcolor"
  stroke-width="1.7"
  stroke-linecap="round"
  stroke-linejoin="round"
>
  <path d="M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15ZM10 20.5a2.2 2.2 0 0 0 4 0M12 5V3.5" />
</svg>`

customElements.define("notification-bell", NotificationBell)
