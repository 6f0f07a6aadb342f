import { css, html, nothing, type TemplateResult } from "lit"

import type { Cause, Way } from "../client/connection"
import { Teller, type Standing } from "../client/standing"
import { gettext, language } from "../client/translation"
import { BellwireElement } from "./element"
import { useLive } from "./live"
import { buttons, theme } from "./theme"

/** Says whether this page is live, and when it tries again if it is not.
 *
 *      <connection-status login="/login/"></connection-status>
 *
 *  With `login`, whoever is signed out is led there, and back. Each change is told by the event
 *  `bellwire:standing`, whose detail is the name of the standing. Parts: `dot`, `text`, `wait`,
 *  `action` (the button and the links). */
export class ConnectionStatus extends BellwireElement {
  static override readonly properties = { login: {} }

  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: inline-flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 0 0.5rem;
      }
      .dot {
        flex: none;
        width: 0.5rem;
        height: 0.5rem;
        border-radius: 50%;
        background: var(--muted);
        forced-color-adjust: none;
      }
      .live {
        background: var(--good);
      }
      .reconnecting,
      .reloading {
        background: var(--warn);
      }
      .closed,
      .offline {
        background: var(--bad);
      }
    `,
  ]

  declare login: string
  /** Whether time alone changes nothing of what is said. */
  #isCalm = false
  #told = ""
  #teller: Teller | undefined
  #clock: ReturnType<typeof setInterval> | undefined
  #stop: (() => void) | undefined
  #listening: AbortController | undefined

  constructor() {
    super()
    this.login = ""
  }

  override connectedCallback(): void {
    super.connectedCallback()
    const live = useLive()
    this.#teller = new Teller(live.state, Date.now())
    this.#stop = live.listen(() => this.#moved())
    this.#listening = new AbortController()
    const { signal } = this.#listening
    for (const event of ["online", "offline"])
      addEventListener(event, () => this.requestUpdate(), { signal })
    this.#clock = setInterval(() => this.#isCalm || this.requestUpdate(), 500)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
    this.#listening?.abort()
    clearInterval(this.#clock)
  }

  protected override render(): TemplateResult {
    const standing = this.#standing()
    this.#tell(standing.name)
    this.#isCalm =
      standing.name === "live" && !standing.hasReloaded && useLive().state.name === "open"
    const until = "until" in standing ? standing.until : undefined
    return html`
      <span part="dot" class="dot ${standing.name}"></span>
      <span part="text" role="status">${inWords(standing)}</span>
      ${standing.name === "closed" ? this.#wayBack(standing.cause) : nothing}
      ${until === undefined ? nothing : this.#waiting(until)}
    `
  }

  #tell(detail: Standing["name"]): void {
    if (detail === this.#told) return
    this.#told = detail
    this.dispatchEvent(new CustomEvent("bellwire:standing", { detail, bubbles: true }))
  }

  /** The seconds are for the eye: read out, they would not let anybody finish a sentence. */
  #waiting(until: number): TemplateResult {
    return html`<span part="wait" class="quiet figures" aria-hidden="true"
        >${gettext("in {n} s", { n: secondsUntil(until) })}</span
      >
      <button part="action" class="plain" @click=${this.#retry}>${gettext("Try now")}</button>`
  }

  #wayBack(cause: Cause): TemplateResult {
    if (cause !== "signed out" || !this.login)
      return html`<a part="action" href="">${gettext("Reload the page")}</a>`
    const here = encodeURIComponent(location.pathname + location.search)
    return html`<a part="action" href="${this.login}?next=${here}">${gettext("Sign in again")}</a>`
  }

  #standing(): Standing {
    return this.#teller?.standing(Date.now(), navigator.onLine) ?? { name: "connecting" }
  }

  #moved(): void {
    this.#teller?.moved(useLive().state, Date.now())
    this.requestUpdate()
  }

  readonly #retry = (): void => useLive().retry()
}

function inWords(standing: Standing): string {
  switch (standing.name) {
    case "connecting":
      return gettext("Connecting…")
    case "live":
      return standing.hasReloaded ? gettext("Reloaded: too much was missed") : liveBy(standing.way)
    case "reloading":
      return gettext("Catching up…")
    case "reconnecting":
      return gettext("Reconnecting")
    case "offline":
      return gettext("Offline since {time}", { time: clock(standing.since) })
    case "closed":
      return gettext("Not live: {reason}.", { reason: reasonOf(standing.cause) })
  }
}

function liveBy(way: Way): string {
  switch (way) {
    case "websocket":
      return gettext("Live")
    case "sse":
      return gettext("Live (by a stream)")
    case "poll":
      return gettext("Live (by polling)")
  }
}

function reasonOf(cause: Cause): string {
  switch (cause) {
    case "signed out":
      return gettext("you are signed out")
    case "too many":
      return gettext("too many of your pages are open")
    case "refused":
      return gettext("the server refused")
  }
}

function clock(time: number): string {
  return new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(time)
}

function secondsUntil(time: number): number {
  return Math.max(1, Math.ceil((time - Date.now()) / 1000))
}
