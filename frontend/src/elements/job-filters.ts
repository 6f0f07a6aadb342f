import { EVERYTHING, addressOf, readFilter, type Filter } from "../client/jobs-filter"
import { useLive } from "./live"

const TYPING_MS = 300

/** Has the tabs and the form inside it choose what the page's list shows, without a new page. The
 *  address goes along, so that it can be kept, shared, and gone back from.
 *
 *      <job-filters><nav><a href="?state=failed" data-state="failed">…</nav><form>…</job-filters>
 */
export class JobFilters extends HTMLElement {
  #typing: ReturnType<typeof setTimeout> | undefined
  #ended = new AbortController()

  connectedCallback(): void {
    this.#ended = new AbortController()
    const { signal } = this.#ended
    this.addEventListener("click", this.#clicked, { signal })
    this.addEventListener("submit", this.#submitted, { signal })
    this.addEventListener("change", () => this.#go(this.#written()), { signal })
    this.addEventListener("input", this.#typed, { signal })
    addEventListener("popstate", () => this.#show(readFilter(location.search)), { signal })
  }

  disconnectedCallback(): void {
    this.#ended.abort()
    clearTimeout(this.#typing)
  }

  readonly #clicked = (event: MouseEvent): void => {
    const tab = (event.target as Element).closest<HTMLElement>("[data-state]")
    if (!tab || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    this.#go({ ...this.#written(), state: tab.dataset["state"] ?? "" })
  }

  readonly #submitted = (event: Event): void => {
    event.preventDefault()
    this.#go(this.#written())
  }

  /** Words are looked for as they are written; each pause is not a step to go back to. */
  readonly #typed = (event: Event): void => {
    if ((event.target as HTMLInputElement).name !== "q") return
    clearTimeout(this.#typing)
    this.#typing = setTimeout(() => this.#go(this.#written(), "replaceState"), TYPING_MS)
  }

  #go(filter: Filter, how: "pushState" | "replaceState" = "pushState"): void {
    clearTimeout(this.#typing)
    if (addressOf(filter) === addressOf(readFilter(location.search))) return
    history[how](null, "", addressOf(filter) || location.pathname)
    this.#show(filter)
  }

  #show(filter: Filter): void {
    for (const name of ["kind", "q", "since"] as const) {
      const field = this.#field(name)
      if (field && field.value !== filter[name]) field.value = filter[name]
    }
    for (const tab of this.querySelectorAll<HTMLAnchorElement>("[data-state]")) {
      const state = tab.dataset["state"] ?? ""
      tab.href = addressOf({ ...filter, state }) || "?"
      if (state === filter.state) tab.setAttribute("aria-current", "true")
      else tab.removeAttribute("aria-current")
    }
    void useLive().jobs.choose(filter)
  }

  /** What the form says now, and the tab that the address names. */
  #written(): Filter {
    const { state } = readFilter(location.search)
    const [kind = "", q = "", since = ""] = (["kind", "q", "since"] as const).map(
      (name) => this.#field(name)?.value.trim() ?? "",
    )
    return { ...EVERYTHING, state, kind, q, since }
  }

  #field(name: string): HTMLInputElement | HTMLSelectElement | null {
    return this.querySelector(`[name=${name}]`)
  }
}

customElements.define("job-filters", JobFilters)
