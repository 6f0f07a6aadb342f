import { html, type TemplateResult } from "lit"

import { gettext } from "../client/translation"
import { count } from "../client/words"

/** What the bar above a job's output asks for. */
export interface Acts {
  search(query: string): void
  step(by: 1 | -1): void
  level(least: string): void
  times(hasTimes: boolean): void
  follow(isFollowing: boolean): void
}

/** What is searched for, and which of how many lines with it is shown; 0 for none yet. It is
 *  not complete while there are lines that were not read; reading them may be under way. */
export interface Search {
  readonly query: string
  readonly place: number
  readonly count: number
  readonly isComplete: boolean
  readonly isUnderWay: boolean
}

export interface Shown {
  readonly job: string
  readonly hasTimes: boolean
  readonly isFollowing: boolean
}

/** Draw what one does with a job's output: search it, choose from it, follow it, keep it. */
export function outputBar(search: Search, shown: Shown, acts: Acts): TemplateResult {
  return html`<div part="tools" class="bar">
    ${finder(search, acts)}
    <label
      ><span class="unseen">${gettext("Level")}</span>
      <select @change=${(event: Event) => acts.level((event.target as HTMLSelectElement).value)}>
        <option value="debug">${gettext("All lines")}</option>
        <option value="info">${gettext("Info and above")}</option>
        <option value="warning">${gettext("Warnings and errors")}</option>
        <option value="error">${gettext("Errors")}</option>
      </select></label
    >
    ${toggle(gettext("Times"), shown.hasTimes, acts.times)}
    ${toggle(gettext("Follow"), shown.isFollowing, acts.follow)}
    <a href="/api/jobs/${shown.job}/output.txt">${gettext("Download")}</a>
  </div>`
}

function finder(search: Search, acts: Acts): TemplateResult {
  const { query, count: all } = search
  const step = (by: 1 | -1) => (event: Event) => (event.preventDefault(), acts.step(by))
  const back = step(-1)
  const keyed = (event: KeyboardEvent) => event.key === "Enter" && event.shiftKey && back(event)
  return html`<form class="find" role="search" @submit=${step(1)}>
    <input
      type="search"
      .value=${query}
      aria-label=${gettext("Search the output")}
      placeholder=${gettext("Search the output")}
      @input=${(event: Event) => acts.search((event.target as HTMLInputElement).value)}
      @keydown=${keyed}
    />
    <output>${query ? placeOf(search) : ""}</output>
    <button type="button" ?disabled=${!all} aria-label=${gettext("The one before")} @click=${back}>
      ↑
    </button>
    <button ?disabled=${!all} aria-label=${gettext("The next one")}>↓</button>
  </form>`
}

function placeOf({ place, count: all, isComplete, isUnderWay }: Search): string {
  if (all) return gettext("{n} of {m}", { n: count(place), m: count(all) })
  if (isComplete) return gettext("Not found")
  return isUnderWay ? gettext("Searching…") : ""
}

function toggle(name: string, isOn: boolean, turn: (isOn: boolean) => void): TemplateResult {
  const turned = (event: Event) => turn((event.target as HTMLInputElement).checked)
  return html`<label><input type="checkbox" .checked=${isOn} @change=${turned} /> ${name}</label>`
}
