import { html, type TemplateResult } from "lit"

/** What a cell shows. */
export type Cell = string | TemplateResult

/** A table of figures that scrolls by itself where it is wider than the page; a row's first cell
 *  names it. `heading` is the id of what names the table. */
export function figuresTable(
  heading: string,
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
): TemplateResult {
  return html`<div class="wide" tabindex="0" role="group" aria-labelledby=${heading}>
    <table>
      <thead>
        <tr>
          ${columns.map((column) => html`<th scope="col">${column}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          ([name, ...cells]) =>
            html`<tr>
              <th scope="row">${name}</th>
              ${cells.map((cell) => html`<td>${cell}</td>`)}
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}
