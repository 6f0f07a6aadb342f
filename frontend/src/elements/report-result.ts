import { LitElement, css, html, nothing, svg, type TemplateResult } from "lit"

import { isRecord } from "../client/protocol"
import { gettext, ngettext } from "../client/translation"
import * as words from "../client/words"
import { fileLink } from "./file-link"
import { theme } from "./theme"
import type { Column, Report } from "./results"

const CHART_WIDTH = 120
const CHART_HEIGHT = 32

/** Shows a report on a table: one row per column, with a small chart of its values. */
export class ReportResult extends LitElement {
  static override readonly properties = { result: { attribute: false } }

  static override readonly styles = [
    theme,
    css`
      :host {
        display: grid;
        gap: 0.75rem;
        container-type: inline-size;
      }
      .scroll {
        overflow-x: auto;
      }
      table {
        width: 100%;
        border-collapse: collapse;
        font-size: 0.875rem;
        font-variant-numeric: tabular-nums;
      }
      th,
      td {
        padding: 0.5rem 1rem 0.5rem 0;
        text-align: start;
        vertical-align: top;
        border-block-end: 1px solid var(--line);
      }
      thead th {
        color: var(--muted);
        font-weight: 500;
        white-space: nowrap;
      }
      tbody th {
        font-weight: 600;
        max-width: 24ch;
        overflow-wrap: anywhere;
      }
      th small {
        display: block;
        font-weight: 400;
        color: var(--muted);
      }
      .number {
        text-align: end;
        white-space: nowrap;
      }
      th:last-child,
      td:last-child {
        padding-inline: 0.75rem 0;
        width: 9rem;
      }
      svg {
        display: block;
        width: 7.5rem;
        height: 2rem;
        fill: var(--accent);
      }
      .range {
        display: flex;
        justify-content: space-between;
        width: 7.5rem;
        font-size: 0.75rem;
        color: var(--muted);
      }
      .top {
        display: grid;
        gap: 0.15rem;
        font-size: 0.8125rem;
      }
      .top li {
        display: flex;
        justify-content: space-between;
        gap: 0.75rem;
      }
      .top span:first-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
        max-width: 12ch;
      }
      .links {
        display: flex;
        flex-wrap: wrap;
        gap: 0.25rem 1.25rem;
      }
      @container (max-width: 38rem) {
        thead {
          display: none;
        }
        tr {
          display: flex;
          flex-wrap: wrap;
          justify-content: space-between;
          gap: 0.5rem 1rem;
          padding-block: 0.75rem;
          border-block-end: 1px solid var(--line);
        }
        tbody th,
        td.number,
        td:last-child {
          padding: 0;
          border: 0;
          text-align: start;
        }
        tbody th {
          flex: 1 1 calc(100% - 8.5rem);
          max-width: none;
        }
        td:last-child {
          flex: none;
          width: 7.5rem;
        }
        td.number {
          order: 1;
        }
        td.none {
          display: none;
        }
        td.number::before {
          content: attr(data-name);
          display: block;
          font-size: 0.75rem;
          color: var(--muted);
        }
      }
    `,
  ]

  declare result: Report | undefined

  protected override render(): TemplateResult | typeof nothing {
    if (!this.result) return nothing
    const { rows, columns, csv, page } = this.result
    const extent = gettext("{rows}, {columns}.", {
      rows: ngettext("{n} row", "{n} rows", rows),
      columns: ngettext("{n} column", "{n} columns", columns.length),
    })
    return html`
      <p>${extent}</p>
      <div class="scroll" tabindex="0" role="region" aria-label=${gettext("Columns of the table")}>
        <table>
          <thead>
            <tr>
              <th scope="col">${gettext("Column")}</th>
              <th scope="col" class="number">${gettext("Values")}</th>
              <th scope="col" class="number">${gettext("Mean")}</th>
              <th scope="col" class="number">${gettext("Median")}</th>
              <th scope="col" class="number">${gettext("Std. dev.")}</th>
              <th scope="col">${gettext("Distribution")}</th>
            </tr>
          </thead>
          <tbody>
            ${columns.map(columnRow)}
          </tbody>
        </table>
      </div>
      <p class="links">
        ${fileLink(page, gettext("Report as a page"))}
        ${fileLink(csv, gettext("Statistics as CSV"))}
      </p>
    `
  }
}

function columnRow(column: Column): TemplateResult {
  return html`
    <tr>
      <th scope="row">${column.name}<small>${column.type}</small></th>
      <td class="number" data-name=${gettext("Values")}>
        ${words.count(column.count)}
        <div class="quiet">
          ${column.missing ? gettext("{n} missing", { n: words.count(column.missing) }) : gettext("{n} distinct", { n: words.count(column.distinct) })}
        </div>
      </td>
      ${statistic(gettext("Mean"), column.mean)} ${statistic(gettext("Median"), column.median)}
      ${statistic(gettext("Std. dev."), column.stddev)}
      <td>${column.histogram?.length ? histogram(column) : top(column)}</td>
    </tr>
  `
}

function statistic(name: string, value: number | null | undefined): TemplateResult {
  return html`<td class="number ${value == null ? "none" : ""}" data-name=${name}>
    ${figure(value)}
  </td>`
}

function figure(value: unknown): string | TemplateResult {
  if (typeof value === "number") return words.measure(value)
  return value == null ? html`<span class="quiet">–</span>` : String(value)
}

function histogram(column: Column): TemplateResult {
  const bins = column.histogram ?? []
  const highest = Math.max(1, ...bins.map((bin) => bin.count))
  const width = CHART_WIDTH / bins.length
  const bars = bins.map((bin, index) => {
    const height = (bin.count / highest) * CHART_HEIGHT
    return svg`<rect x=${index * width} y=${CHART_HEIGHT - height} width=${Math.max(1, width - 1)} height=${height}>
      <title>${gettext("{least} to {most}: {n}", { least: words.measure(bin.from), most: words.measure(bin.to), n: words.count(bin.count) })}</title>
    </rect>`
  })
  return html`
    <svg
      viewBox="0 0 ${CHART_WIDTH} ${CHART_HEIGHT}"
      preserveAspectRatio="none"
      role="img"
      aria-label=${gettext("Histogram of {column}", { column: column.name })}
    >
      ${bars}
    </svg>
    <div class="range"><span>${figure(column.min)}</span><span>${figure(column.max)}</span></div>
  `
}

function top(column: Column): TemplateResult | typeof nothing {
  if (!column.top?.length) return nothing
  const rows = column.top.slice(0, 3).filter(isRecord)
  return html`<ul class="top">
    ${rows.map(({ value, count }) => html`<li><span title=${String(value)}>${String(value)}</span><span class="quiet">${words.count(Number(count))}</span></li>`)}
  </ul>`
}
