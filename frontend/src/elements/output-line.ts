import { html, nothing, type TemplateResult } from "lit"
import { guard } from "lit/directives/guard.js"
import { repeat } from "lit/directives/repeat.js"

import { STEP, plain, split, type Line } from "../client/output-lines"
import { gettext, language } from "../client/translation"
import { durationInWords } from "../client/words"

/** How the lines are looked at just now. */
export interface Look {
  readonly query: string
  /** The number of the line that the search is at, and of the one that the address names. */
  readonly found: number
  readonly target: number
  readonly hasTimes: boolean
}

const CHUNK = 100

/** Draw lines in chunks, each of them anew only when something in it has changed; `took` is how
 *  long steps took, in milliseconds by their lines' numbers. */
export function outputChunks(
  lines: readonly Line[],
  look: Look,
  took: ReadonlyMap<number, number>,
): unknown {
  return repeat(
    chunked(lines),
    ([key]) => key,
    ([, members]) => {
      const times = members.map(({ n }) => took.get(n))
      const state = [members.length, members[0]?.n, ...Object.values(look), times.join()]
      const isMany = members.length > CHUNK / 2
      return html`<ol class=${isMany ? "many" : ""}>
        ${guard(state, () => members.map((line, place) => outputLine(line, look, times[place])))}
      </ol>`
    },
  )
}

function chunked(lines: readonly Line[]): [number, Line[]][] {
  const chunks = new Map<number, Line[]>()
  for (const line of lines) {
    const key = Math.floor(line.n / CHUNK)
    const chunk = chunks.get(key)
    if (chunk) chunk.push(line)
    else chunks.set(key, [line])
  }
  return [...chunks]
}

function outputLine(line: Line, look: Look, took: number | undefined): TemplateResult {
  const { n, at, level, text } = line
  const marks = [level, n === look.target ? "target" : "", n === look.found ? "found" : ""]
  return html`<li id="L${n}" part="line ${level}" class=${marks.filter(Boolean).join(" ")}>
    <a part="number" href="#L${n}" aria-label=${gettext("Line {n}", { n })}>${n}</a
    >${look.hasTimes ? html`<time datetime=${at}>${timeOf(at)}</time>` : nothing}<span
      class="text"
      dir="auto"
      role=${level === STEP ? "heading" : nothing}
      aria-level=${level === STEP ? 3 : nothing}
      >${textOf(text, look.query)}</span
    >${took === undefined ? nothing : html`<span class="took">${durationInWords(took)}</span>`}
  </li>`
}

function textOf(text: string, query: string): unknown {
  return split(plain(text), query).map((part, place) =>
    place % 2 ? html`<mark>${part}</mark>` : part,
  )
}

function timeOf(at: string): string {
  return new Date(at).toLocaleTimeString(language(), {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
  })
}
