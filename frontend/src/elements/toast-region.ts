import { css, html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import { safeLink, severityOf } from "../client/inbox-messages"
import { severityInWords } from "../client/inbox-words"
import { isRecord } from "../client/protocol"
import { MAX_SHOWN, announced, closed, queued, type Toast } from "../client/toast-queue"
import { gettext } from "../client/translation"
import { BellwireElement } from "./element"
import { theme } from "./theme"

/** What comes within this time is told of together. */
const GATHERED_MS = 250
const SHOWN_MS = 6_000
const ANNOUNCED_EVERY_MS = 2_000

/** Shows notifications for a moment as they arrive, while the page is on the screen; and what
 *  the page's own script has to say:
 *
 *      <toast-region></toast-region>
 *      dispatchEvent(new CustomEvent("bellwire:toast", {detail: {title: "Saved", severity: "success"}}))
 *
 *  Parts: `toast` (also `info`, `success`, `warning` or `error`), `title`, `body`, `close`. */
export class ToastRegion extends BellwireElement {
  static override readonly styles = [
    theme,
    css`
      :host {
        position: fixed;
        inset: auto 1rem 1rem auto;
        inset-inline: auto 1rem;
        z-index: 10;
        display: grid;
        gap: 0.5rem;
        width: min(22rem, 100vw - 2rem);
      }
      .toast {
        display: flex;
        gap: 0.75rem;
        padding: 0.75rem 0.5rem 0.75rem 0.9rem;
        border: 1px solid var(--line);
        border-inline-start: 0.25rem solid var(--tone, var(--muted));
        border-radius: var(--radius);
        background: var(--surface);
        box-shadow: 0 0.75rem 2rem -0.75rem rgb(0 0 0 / 40%);
        animation: rise 0.2s ease-out;
      }
      .success {
        --tone: var(--good);
      }
      .warning {
        --tone: var(--warn);
      }
      .error {
        --tone: var(--bad);
      }
      .said {
        flex: 1;
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .said p {
        display: -webkit-box;
        overflow: hidden;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 2;
        line-clamp: 2;
      }
      b {
        font-weight: 600;
      }
      i {
        font-style: normal;
        font-weight: 600;
        color: var(--tone);
      }
      button {
        flex: none;
        width: 2.25rem;
        height: 2.25rem;
        margin-block-start: -0.3rem;
        border: 0;
        border-radius: var(--radius);
        color: var(--muted);
        background: none;
        font: inherit;
        font-size: 1.25rem;
        line-height: 1;
        cursor: pointer;
      }
      @keyframes rise {
        from {
          opacity: 0;
          transform: translateY(0.5rem);
        }
      }
      @media (prefers-reduced-motion: reduce) {
        .toast {
          animation: none;
        }
      }
      @media (pointer: coarse) {
        button {
          width: 2.75rem;
          height: 2.75rem;
        }
      }
    `,
  ]

  #queue: readonly Toast[] = []
  #came: Toast[] = []
  #unsaid: Toast[] = []
  #sentence = ""
  #count = 0
  #gathering: ReturnType<typeof setTimeout> | undefined
  #saying: ReturnType<typeof setTimeout> | undefined
  readonly #closing = new Map<number, ReturnType<typeof setTimeout>>()

  constructor() {
    super()
    for (const event of ["pointerenter", "focusin"]) this.addEventListener(event, this.#hold)
    for (const event of ["pointerleave", "focusout"]) this.addEventListener(event, this.#left)
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    clearTimeout(this.#gathering)
    clearTimeout(this.#saying)
    this.#gathering = this.#saying = undefined
    this.#hold()
  }

  /** Show what is told, if it has a title; a toast that nobody can see is none. */
  add(detail: unknown): void {
    if (document.hidden || !isRecord(detail) || typeof detail["title"] !== "string") return
    const { title, body, link } = detail
    const [id, severity] = [++this.#count, severityOf({ severity: detail["severity"] })]
    this.#came.push({ id, title, severity, body: textOf(body), link: textOf(link) })
    this.#gathering ??= setTimeout(() => this.#show(), GATHERED_MS)
  }

  protected override render(): TemplateResult {
    return html`
      ${repeat(
        this.#queue.slice(0, MAX_SHOWN),
        ({ id }) => id,
        (toast) => this.#drawToast(toast),
      )}
      <div class="unseen" role="status">${this.#sentence}</div>
    `
  }

  protected override updated(): void {
    if (!this.matches(":hover, :focus-within")) this.#release()
  }

  #drawToast({ id, title, body, severity, link }: Toast): TemplateResult {
    const address = safeLink(link)
    return html`<div part="toast ${severity}" class="toast ${severity}">
      <div class="said">
        ${severity === "info" ? nothing : html`<i>${severityInWords(severity)}</i>`}
        <b part="title"
          >${address ? html`<a href=${address} rel="noopener">${title}</a>` : title}</b
        >
        ${body ? html`<p part="body" class="quiet">${body}</p>` : nothing}
      </div>
      <button part="close" aria-label=${gettext("Close")} @click=${() => this.#close(id)}>×</button>
    </div>`
  }

  #show(): void {
    this.#gathering = undefined
    this.#queue = queued(this.#queue, this.#came)
    this.#unsaid.push(...this.#came)
    this.#came = []
    this.requestUpdate()
    if (!this.#saying) this.#say()
  }

  /** Read out what came since the last time, in one sentence: who listens must be able to follow. */
  #say(): void {
    this.#sentence = this.#unsaid.length ? announced(this.#unsaid) : ""
    this.#saying = this.#unsaid.length
      ? setTimeout(() => this.#say(), ANNOUNCED_EVERY_MS)
      : undefined
    this.#unsaid = []
    this.requestUpdate()
  }

  #close(id: number): void {
    clearTimeout(this.#closing.get(id))
    this.#closing.delete(id)
    this.#queue = closed(this.#queue, id)
    this.requestUpdate()
  }

  readonly #left = (): void => this.requestUpdate()

  readonly #hold = (): void => {
    for (const timer of this.#closing.values()) clearTimeout(timer)
    this.#closing.clear()
  }

  /** Let what is shown go in time; an error stays until somebody has closed it. */
  #release(): void {
    for (const { id, severity } of this.#queue.slice(0, MAX_SHOWN))
      if (severity !== "error" && !this.#closing.has(id))
        this.#closing.set(
          id,
          setTimeout(() => this.#close(id), SHOWN_MS),
        )
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : ""
}

customElements.define("toast-region", ToastRegion)
