import { html, nothing, type PropertyValues, type TemplateResult } from "lit"
import { repeat } from "lit/directives/repeat.js"

import { fresh, grouped, held, nameOf, type Arranged } from "../client/inbox-arrangement"
import type { Notification } from "../client/inbox-messages"
import type { Show } from "../client/inbox-state"
import { gettext, language, ngettext } from "../client/translation"
import { BellwireElement } from "./element"
import { followConnection, followJobs, useLive } from "./live"
import { Acts } from "./notification-acts"
import { drawCard, type CardHost } from "./notification-card"
import { keysInWords } from "./notification-keys"
import { Reader } from "./notification-reader"
import { followInbox, useInbox } from "./notification-store"
import { inboxStyle } from "./notification-style"
import { drawTabs, SHOWS } from "./notification-tabs"
import { buttons, theme } from "./theme"

/** Shows a person's notifications, follows them, and lets them be dealt with.
 *
 *      <notification-inbox show="unread">…what is shown until the script runs…</notification-inbox>
 *
 *  `show` is inbox, unread or archived; with `in-address` the page's address says which.
 *  Parts: `bar`, `tab` (one is `current`), `card` (also `new` or `read`, and `info`, `success`,
 *  `warning` or `error`), `title`, `body`, `time`, `actions`. */
export class NotificationInbox extends BellwireElement implements CardHost {
  static override readonly properties = {
    show: {},
    inAddress: { type: Boolean, attribute: "in-address" },
  }
  static override readonly styles = [theme, buttons, inboxStyle]

  declare show: Show
  declare inAddress: boolean
  readonly acts = new Acts(this)
  menu = ""
  isHelpOpen = false
  readonly #reader = new Reader(this)
  #arranged: Arranged = fresh([])
  /** What is unfolded: a group is if one of its cards is named. */
  readonly #unfolded = new Set<string>()
  /** Since when it has not been live. */
  #asOf: number | undefined

  constructor() {
    super()
    this.show = "inbox"
    this.inAddress = false
    followInbox(this)
    followJobs(this)
    followConnection(this)
  }

  /** The cards as they are drawn, groups as one. */
  get groups(): readonly (readonly Notification[])[] {
    return grouped(this.#arranged.cards).flatMap((group) =>
      group.length > 1 && this.#isUnfolded(group)
        ? [group, ...group.map((card) => [card])]
        : [group],
    )
  }

  toggleMenu(name: string): void {
    this.menu = this.menu === name ? "" : name
    this.requestUpdate()
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!SHOWS.includes(this.show)) this.show = "inbox"
    const inbox = useInbox()
    if (!inbox.isRead(this.show) && !inbox.isReading(this.show) && !inbox.failure(this.show))
      void inbox.open(this.show)
    const cards = inbox.cards(this.show)
    const isReading = !changed.has("show") && this.#reader.isReading
    this.#arranged = isReading ? held(cards, this.#arranged.order) : fresh(cards)
    const { state } = useLive()
    if (state.name === "open") this.#asOf = undefined
    else this.#asOf ??= "since" in state ? state.since : Date.now()
  }

  protected override render(): TemplateResult {
    const { waiting } = this.#arranged
    return html`
      <div part="bar" class="bar">
        ${drawTabs(this.show, this.#choose)}
        <div class="acts">${this.#drawActs()}</div>
      </div>
      ${this.isHelpOpen ? drawKeys() : nothing} ${this.#drawStale()}
      <div id="panel" role="tabpanel" aria-labelledby="tab-${this.show}">
        <div class="top"></div>
        ${waiting ? html`<button class="pill" @click=${this.#letIn}>${ngettext("{n} new", "{n} new", waiting)}</button>` : nothing}
        ${this.#drawList()} ${this.#drawFailure()} ${this.#drawOlder()}
      </div>
      <div class="done" role="status">${this.#drawDone()}</div>
    `
  }

  #drawActs(): TemplateResult {
    const isIdle = !useInbox().counts?.unread
    return html`
      <button class="plain" ?disabled=${isIdle} @click=${() => this.acts.readAll()}>
        ${gettext("Mark all read")}
      </button>
      <button class="plain" @click=${() => this.acts.archiveRead()}>
        ${gettext("Archive all read")}
      </button>
      <button
        class="plain"
        aria-label=${gettext("Keys")}
        aria-expanded=${this.isHelpOpen}
        @click=${() => this.toggleHelp()}
      >
        ?
      </button>
    `
  }

  toggleHelp(): void {
    this.isHelpOpen = !this.isHelpOpen
    this.requestUpdate()
  }

  #drawStale(): TemplateResult | typeof nothing {
    const { name } = useLive().state
    if (name !== "waiting" && name !== "closed") return nothing
    const time = new Intl.DateTimeFormat(language(), { timeStyle: "short" }).format(this.#asOf)
    return html`<p class="stale" role="status">${gettext("Offline: as of {time}", { time })}</p>`
  }

  #drawList(): TemplateResult {
    const inbox = useInbox()
    const groups = this.groups
    if (groups.length)
      return html`<ol>
        ${repeat(groups, nameOf, (cards) => this.#drawItem(cards))}
      </ol>`
    if (inbox.failure(this.show)) return html``
    if (inbox.isRead(this.show)) return html`<p class="empty">${emptyInWords(this.show)}</p>`
    return html`<p class="unseen" role="status">${gettext("Reading…")}</p>
      ${[1, 2, 3].map(() => html`<div class="bone"></div>`)}`
  }

  #drawItem(cards: readonly Notification[]): TemplateResult {
    const [isGroup, isOpen] = [cards.length > 1, this.#isUnfolded(cards)]
    const unfold = () => this.#fold(cards, isOpen)
    return html`<li class=${isOpen && !isGroup ? "inner" : ""}>
      ${drawCard(cards, this)}
      ${isGroup ? html`<button class="plain" aria-expanded=${isOpen} @click=${unfold}>${isOpen ? gettext("Show as one") : gettext("Show each")}</button>` : nothing}
    </li>`
  }

  #isUnfolded(cards: readonly Notification[]): boolean {
    return cards.some(({ id }) => this.#unfolded.has(id))
  }

  #fold(cards: readonly Notification[], isOpen: boolean): void {
    for (const { id } of cards) this.#unfolded[isOpen ? "delete" : "add"](id)
    this.requestUpdate()
  }

  #drawFailure(): TemplateResult | typeof nothing {
    const failure = useInbox().failure(this.show)
    if (!failure) return nothing
    const again = () => void useInbox().retry(this.show)
    return html`<p class="bad" role="alert">
      ${failure} <button class="plain" @click=${again}>${gettext("Try again")}</button>
    </p>`
  }

  #drawOlder(): TemplateResult | typeof nothing {
    const inbox = useInbox()
    if (!inbox.hasOlder(this.show)) return nothing
    const isReading = inbox.isReading(this.show)
    return html`<p class="older">
      <button ?disabled=${isReading} @click=${() => void inbox.loadOlder(this.show)}>
        ${isReading ? gettext("Reading…") : gettext("Show older")}
      </button>
    </p>`
  }

  #drawDone(): TemplateResult | typeof nothing {
    const { done, failure, undo } = this.acts
    if (failure) return html`<p class="bad">${failure}</p>`
    if (!done) return nothing
    return html`<p>
      ${done.sentence}
      ${done.undo ? html`<button class="plain" @click=${undo}>${gettext("Undo")}</button>` : nothing}
    </p>`
  }

  readonly #choose = (show: Show): void => {
    this.show = show
    this.menu = ""
    if (!this.inAddress) return
    const address = new URL(location.href)
    address.search = show === "inbox" ? "" : `?show=${show}`
    history.replaceState(history.state, "", address)
  }

  readonly #letIn = (): void => {
    this.#arranged = fresh(useInbox().cards(this.show))
    this.#reader.toTop()
  }
}

function emptyInWords(show: Show): string {
  if (show === "archived") return gettext("Nothing is archived.")
  return show === "unread" ? gettext("You have read everything.") : gettext("Nothing here yet.")
}

function drawKeys(): TemplateResult {
  return html`<dl class="keys" aria-label=${gettext("Keys")}>
    ${keysInWords().map(
      ([keys, does]) =>
        html`<dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt>
          <dd>${does}</dd>`,
    )}
  </dl>`
}

customElements.define("notification-inbox", NotificationInbox)
