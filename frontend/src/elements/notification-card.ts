import { html, nothing, type TemplateResult } from "lit"

import { nameOf } from "../client/inbox-arrangement"
import { jobOf, safeLink, severityOf, type Notification } from "../client/inbox-messages"
import { numberInWords, severityInWords } from "../client/inbox-words"
import { isFinal } from "../client/protocol"
import { gettext } from "../client/translation"
import * as words from "../client/words"
import { useLive } from "./live"
import type { Acts } from "./notification-acts"
import { ICONS, SEVERITY_ICONS } from "./notification-icons"

/** What a card needs to know of its list. */
export interface CardHost {
  readonly acts: Acts
  /** The name of what has its menu open. */
  readonly menu: string
  toggleMenu(name: string): void
}

/** Draw a notification, or several of one group as one. */
export function drawCard(cards: readonly Notification[], host: CardHost): TemplateResult {
  const [first] = cards as [Notification]
  const { title, body, at } = first
  const name = nameOf(cards)
  const [before, after] = numberInWords(cards)
  const isRead = cards.every(({ read }) => read)
  const severity = severityOf(first)
  const look = `card ${severity} ${isRead ? "read" : "new"}`
  return html`<article
    class=${look}
    part=${look}
    tabindex="-1"
    aria-labelledby="title-${name}"
    @keydown=${closing(name, host)}
  >
    <span class="severity">${SEVERITY_ICONS[severity]}</span>
    <div class="said">
      <h2 part="title" id="title-${name}">
        <span class="unseen">${isRead ? "" : gettext("Unread:")} ${severityInWords(severity)}</span>
        ${before}${drawLink(first.link, title, () => host.acts.visited(first))}${after}
      </h2>
      ${body && cards.length === 1 ? html`<p part="body" class="body">${body}</p>` : nothing}
      ${drawJob(first)}
      <p class="foot">${drawTime(at)} ${cards.length === 1 ? drawActions(first, host) : nothing}</p>
    </div>
    ${drawButtons(cards, isRead, host)} ${host.menu === name ? drawMenu(cards, host) : nothing}
  </article>`
}

function drawTime(at: string): TemplateResult {
  const time = Date.parse(at)
  const exact = new Date(time).toLocaleString(document.documentElement.lang || "en")
  return html`<time part="time" datetime=${at} title=${exact}
    >${words.agoInWords(time, Date.now())}</time
  >`
}

function drawLink(link: unknown, text: string, visited: () => void): TemplateResult | string {
  const address = safeLink(link)
  return address ? html`<a href=${address} rel="noopener" @click=${visited}>${text}</a>` : text
}

function drawActions(card: Notification, { acts }: CardHost): readonly unknown[] {
  return (card.actions ?? [])
    .filter(({ link }) => safeLink(link))
    .slice(0, 3)
    .map(({ label, link }) => drawLink(link, label, () => acts.visited(card)))
}

/** The job that this is about, while it is under way. */
function drawJob(card: Notification): TemplateResult | typeof nothing {
  const id = jobOf(card)
  const job = id ? useLive().jobs.job(id) : undefined
  if (!job || isFinal(job)) return nothing
  void import("./job-progress").catch(() => console.warn("job-progress could not be loaded"))
  return html`<job-progress job=${job.id}></job-progress>`
}

function drawButtons(
  cards: readonly Notification[],
  isRead: boolean,
  host: CardHost,
): TemplateResult {
  const { archived } = cards[0] as Notification
  const { acts, menu } = host
  const name = nameOf(cards)
  const read = isRead ? gettext("Mark as unread") : gettext("Mark as read")
  const archive = archived ? gettext("Back to the inbox") : gettext("Archive")
  return html`<div part="actions" class="buttons">
    <button aria-label=${read} title=${read} @click=${() => acts.toggleRead(cards)}>
      ${isRead ? ICONS.unread : ICONS.read}
    </button>
    <button aria-label=${archive} title=${archive} @click=${() => acts.toggleArchived(cards)}>
      ${archived ? ICONS.unarchive : ICONS.archive}
    </button>
    <button
      aria-label=${gettext("More")}
      title=${gettext("More")}
      aria-expanded=${menu === name}
      aria-controls="menu-${name}"
      @click=${() => host.toggleMenu(name)}
    >
      ${ICONS.more}
    </button>
  </div>`
}

/** Of a group its kind alone is muted: a key is one card's. */
function drawMenu(cards: readonly Notification[], host: CardHost): TemplateResult {
  const [card] = cards as [Notification]
  const name = nameOf(cards)
  const mute = jobOf(card) ? gettext("Mute this job") : gettext("Mute this")
  const choose = (act: () => void) => () => {
    act()
    host.toggleMenu(name)
  }
  const { acts } = host
  return html`<div class="menu" id="menu-${name}">
    ${card.key && cards.length === 1 ? html`<button @click=${choose(() => acts.muteKey(card))}>${mute}</button>` : nothing}
    <button @click=${choose(() => void acts.muteKind(card))}>${gettext("Mute this kind")}</button>
  </div>`
}

function closing(name: string, host: CardHost): (event: KeyboardEvent) => void {
  return (event) => {
    if (event.key !== "Escape" || host.menu !== name) return
    // Not the panel around it as well.
    event.preventDefault()
    event.stopPropagation()
    host.toggleMenu(name)
  }
}
