/** The results of the jobs that come with the platform, as the API gives them, and which
 *  element shows which. A kind that is not known here is shown as it is. */

import { html, type TemplateResult } from "lit"

import { isRecord, type FileLink } from "../client/protocol"
import { ImagesResult } from "./images-result"
import { MailResult } from "./mail-result"
import { ReportResult } from "./report-result"

customElements.define("images-result", ImagesResult)
customElements.define("mail-result", MailResult)
customElements.define("report-result", ReportResult)

export interface Bin {
  readonly from: number
  readonly to: number
  readonly count: number
}

export interface Column {
  readonly name: string
  readonly type: string
  readonly count: number
  readonly missing: number
  readonly distinct: number
  readonly min?: unknown
  readonly max?: unknown
  readonly mean?: number | null
  readonly stddev?: number | null
  readonly median?: number | null
  readonly histogram?: readonly Bin[]
  readonly top?: readonly { readonly value: unknown; readonly count: number }[]
}

export interface Report {
  readonly rows: number
  readonly columns: readonly Column[]
  readonly csv?: FileLink
  readonly page?: FileLink
}

export interface Photo {
  readonly name: string
  readonly width?: number
  readonly height?: number
  readonly thumbnail?: FileLink | null
  readonly webp?: readonly { readonly width: number; readonly link: FileLink }[]
  readonly error?: string
}

export interface Images {
  readonly photos: readonly Photo[]
}

export interface Mailing {
  readonly sent: number
  readonly perhaps_sent: readonly string[]
  readonly refused: readonly { readonly recipient: string; readonly reason: string }[]
  readonly skipped: number
}

/** Draw a job's result. */
export function resultView(kind: string, result: unknown): TemplateResult {
  if (isReport(result) && kind === "reports")
    return html`<report-result .result=${result}></report-result>`
  if (isImages(result) && kind === "images")
    return html`<images-result .result=${result}></images-result>`
  if (isMailing(result) && kind === "mail")
    return html`<mail-result .result=${result}></mail-result>`
  return html`<pre part="result" tabindex="0">${JSON.stringify(result, null, 2)}</pre>`
}

function isReport(result: unknown): result is Report {
  return isRecord(result) && typeof result["rows"] === "number" && Array.isArray(result["columns"])
}

function isImages(result: unknown): result is Images {
  return isRecord(result) && Array.isArray(result["photos"])
}

function isMailing(result: unknown): result is Mailing {
  const lists = isRecord(result) && [result["perhaps_sent"], result["refused"]]
  return Array.isArray(lists) && lists.every(Array.isArray)
}
