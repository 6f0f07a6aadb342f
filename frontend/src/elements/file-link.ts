import { html, nothing, type TemplateResult } from "lit"

import { isLocal, type FileLink } from "../client/protocol"
import { bytes } from "../client/words"

/** Draw a link to a file with its size. Only addresses of this site become links. */
export function fileLink(
  file: FileLink | null | undefined,
  label: string,
): TemplateResult | typeof nothing {
  if (!file || !isLocal(file.url)) return nothing
  return html`<span
    ><a href=${file.url} download=${file.name}>${label}</a>
    <span class="quiet figures">${bytes(file.size)}</span></span
  >`
}
