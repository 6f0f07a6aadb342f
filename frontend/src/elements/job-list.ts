import { css, html, nothing, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import { sentenceOf } from "../client/api-error"
import { BellwireElement } from "./element"
import { followJobs, useLive } from "./live"
import { buttons, theme } from "./theme"

/** Shows the jobs of the person who is signed in, newest first, and follows them.
 *
 *      <job-list page="/jobs/">…what is shown until the script runs…</job-list>
 */
export class JobList extends BellwireElement {
  static override readonly properties = { page: {} }

  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: block;
      }
      li {
        padding-block: 1.25rem;
        border-block-start: 1px solid var(--line);
      }
      li:first-child {
        border-block-start: 0;
        padding-block-start: 0;
      }
      .empty {
        padding-block: 1rem;
        color: var(--muted);
        max-width: 40ch;
      }
      .bad {
        color: var(--bad);
      }
    `,
  ]

  /** The address under which each job has its page. */
  declare page: string
  #failure = ""
  #isLoading = false

  constructor() {
    super()
    this.page = ""
    followJobs(this)
  }

  protected override render(): TemplateResult {
    const { jobs, hasOlder } = useLive().jobs
    if (!jobs.length)
      return html`<p class="empty">
        <slot name="empty">Nothing here yet. A job that you start appears here.</slot>
      </p>`
    return html`
      <ol>
        ${repeat(
          jobs,
          ({ id }) => id,
          ({ id }) => html`<li><job-card job=${id} page=${this.page}></job-card></li>`,
        )}
      </ol>
      ${this.#failure ? html`<p class="bad" role="alert">${this.#failure}</p>` : nothing}
      ${hasOlder ? html`<p><button ?disabled=${this.#isLoading} @click=${this.#loadOlder}>${this.#isLoading ? "Reading…" : "Show older jobs"}</button></p>` : nothing}
    `
  }

  readonly #loadOlder = async (): Promise<void> => {
    this.#isLoading = true
    this.requestUpdate()
    this.#failure = await useLive()
      .jobs.loadOlder()
      .then(() => "", sentenceOf)
    this.#isLoading = false
    this.requestUpdate()
  }
}
