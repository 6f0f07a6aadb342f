import { LitElement, css, html, nothing, type TemplateResult } from "lit"

import { gettext } from "../client/translation"
import * as words from "../client/words"
import type { Mailing } from "./results"
import { theme } from "./theme"

/** Shows what became of a mailing: how many were sent, and who needs a second look. */
export class MailResult extends LitElement {
  static override readonly properties = { result: { attribute: false } }

  static override readonly styles = [
    theme,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
      }
      dl {
        display: flex;
        flex-wrap: wrap;
        gap: 0.5rem 2rem;
      }
      dl div {
        display: flex;
        flex-direction: column-reverse;
      }
      dt {
        color: var(--muted);
        font-size: 0.8125rem;
      }
      dd {
        font-size: 1.5rem;
        line-height: 1.2;
        font-variant-numeric: tabular-nums;
      }
      summary {
        cursor: pointer;
        padding-block: 0.25rem;
      }
      li {
        padding-block: 0.2rem;
        overflow-wrap: anywhere;
        font-size: 0.875rem;
      }
    `,
  ]

  declare result: Mailing | undefined

  protected override render(): TemplateResult | typeof nothing {
    if (!this.result) return nothing
    const { sent, refused, skipped } = this.result
    const perhaps = this.result.perhaps_sent
    return html`
      <dl>
        ${figure(gettext("sent"), sent)}
        ${perhaps.length ? figure(gettext("perhaps sent"), perhaps.length) : nothing}
        ${refused.length ? figure(gettext("refused"), refused.length) : nothing}
        ${skipped ? figure(gettext("had it already"), skipped) : nothing}
      </dl>
      ${list(
        gettext("Perhaps sent: the worker stopped in between. Ask them before you send again."),
        perhaps.map((recipient) => html`${recipient}`),
      )}
      ${list(
        gettext("Refused"),
        refused.map(
          ({ recipient, reason }) => html`${recipient} <span class="quiet">${reason}</span>`,
        ),
      )}
    `
  }
}

function figure(label: string, value: number): TemplateResult {
  return html`<div>
    <dt>${label}</dt>
    <dd>${words.count(value)}</dd>
  </div>`
}

function list(title: string, lines: readonly TemplateResult[]): TemplateResult | typeof nothing {
  if (!lines.length) return nothing
  return html`<details open>
    <summary>${title}</summary>
    <ul>
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </details>`
}
