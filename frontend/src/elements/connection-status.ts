import { css, html, nothing, type TemplateResult } from "lit"

import type { FeedState } from "../client/feed"
import { BellwireElement } from "./element"
import { followConnection, useLive } from "./live"
import { buttons, theme } from "./theme"

/** Says whether this page is live, and when it tries again if it is not.
 *
 *      <connection-status></connection-status>
 */
export class ConnectionStatus extends BellwireElement {
  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: inline-flex;
        align-items: center;
        gap: 0.5rem;
        white-space: nowrap;
      }
      .dot {
        flex: none;
        width: 0.5rem;
        height: 0.5rem;
        border-radius: 50%;
        background: var(--muted);
      }
      .open {
        background: var(--good);
      }
      .waiting,
      .reloading {
        background: var(--warn);
      }
      .closed,
      .offline {
        background: var(--bad);
      }
    `,
  ]

  #clock: ReturnType<typeof setInterval> | undefined
  #listening: AbortController | undefined

  constructor() {
    super()
    followConnection(this)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    this.#listening = new AbortController()
    const { signal } = this.#listening
    addEventListener("online", () => this.#retry(), { signal })
    addEventListener("offline", () => this.requestUpdate(), { signal })
    document.addEventListener("visibilitychange", () => document.hidden || useLive().retry(), {
      signal,
    })
    this.#clock = setInterval(() => useLive().state.name === "waiting" && this.requestUpdate(), 500)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#listening?.abort()
    clearInterval(this.#clock)
  }

  protected override render(): TemplateResult {
    const state = useLive().state
    const isOffline = state.name === "waiting" && !navigator.onLine
    // The seconds are for the eye: read out, they would not let anybody finish a sentence.
    return html`
      <span class="dot ${isOffline ? "offline" : state.name}"></span>
      <span role="status">${isOffline ? "Offline" : inWords(state)}</span>
      ${
        state.name === "waiting" && !isOffline
          ? html`<span class="quiet figures" aria-hidden="true"
                >in ${secondsUntil(state.until)} s</span
              >
              <button class="plain" @click=${this.#retry}>Try now</button>`
          : nothing
      }
    `
  }

  readonly #retry = (): void => {
    useLive().retry()
    this.requestUpdate()
  }
}

function inWords(state: FeedState): string | TemplateResult {
  switch (state.name) {
    case "connecting":
      return "Connecting…"
    case "open":
      return "Live"
    case "reloading":
      return "Catching up…"
    case "waiting":
      return "Reconnecting"
    case "closed":
      return html`Not live: ${state.reason}. <a href="">Reload the page</a>`
  }
}

function secondsUntil(time: number): number {
  return Math.max(1, Math.ceil((time - Date.now()) / 1000))
}
