import type { ReactiveController } from "lit"

import { safeLink, type Notification } from "../client/inbox-messages"
import type { Show } from "../client/inbox-state"
import type { Acts } from "./notification-acts"
import type { BellwireElement } from "./element"
import { commandOf, type Command } from "./notification-keys"
import { useInbox } from "./notification-store"

/** A list of cards that somebody may be reading. */
interface List extends BellwireElement {
  readonly show: Show
  readonly acts: Acts
  readonly groups: readonly (readonly Notification[])[]
  toggleHelp(): void
}

/** While somebody scrolls, what they see is told of this often. */
const SEEN_EVERY_MS = 500

/** Follows who reads an inbox: whether somebody does, what they have seen, where their focus is
 *  and what their keys ask for. */
export class Reader implements ReactiveController {
  #listening: AbortController | undefined
  #watching: IntersectionObserver | undefined
  #isScrolled = false
  #focused = -1
  /** The titles that are on the screen, by half at least. */
  readonly #shown = new WeakSet<Element>()
  /** Asked for once each: a request that fails must not be sent without end. */
  readonly #seen = new Set<string>()
  /** Those of them that are yet to be sent. */
  readonly #unsent: string[] = []
  #sending: unknown

  constructor(private readonly list: List) {
    list.addController(this)
  }

  /** Whether new cards would move something under somebody. */
  get isReading(): boolean {
    return this.#isScrolled || this.list.matches(":focus-within")
  }

  hostConnected(): void {
    this.#listening = new AbortController()
    const { signal } = this.#listening
    const update = () => this.list.requestUpdate()
    this.list.addEventListener("keydown", this.#pressed as EventListener, { signal })
    this.list.addEventListener("focusin", this.#follow, { signal })
    this.list.addEventListener("focusout", this.#leave, { signal })
    document.addEventListener("visibilitychange", update, { signal })
    this.#watching = new IntersectionObserver((entries) => this.#watched(entries), {
      threshold: [0, 0.5],
    })
  }

  hostDisconnected(): void {
    this.#listening?.abort()
    this.#watching?.disconnect()
  }

  hostUpdated(): void {
    for (const watched of this.list.renderRoot.querySelectorAll(".top, .older, h2"))
      this.#watching?.observe(watched)
    this.#keepFocus()
    this.#see()
  }

  toTop(): void {
    this.list.scrollIntoView({ block: "nearest" })
    this.#focused = 0
    this.list.requestUpdate()
    void this.list.updateComplete.then(() => this.#cards()[0]?.focus())
  }

  #watched(entries: readonly IntersectionObserverEntry[]): void {
    for (const { target, isIntersecting, intersectionRatio, boundingClientRect } of entries) {
      if (target.matches("h2")) this.#shown[intersectionRatio < 0.5 ? "delete" : "add"](target)
      else if (target.matches(".top"))
        this.#isScrolled = !isIntersecting && boundingClientRect.width > 0
      else if (isIntersecting) void useInbox().loadOlder(this.list.show)
    }
    if (this.#isScrolled) this.#see()
    else this.list.requestUpdate()
  }

  /** What is on the screen now is seen. */
  #see(): void {
    if (document.hidden) return
    const { groups } = this.list
    this.list.renderRoot.querySelectorAll("h2").forEach((title, place) => {
      if (this.#shown.has(title)) groups[place]?.forEach(this.#meet)
    })
    if (!this.#sending) this.#send()
  }

  readonly #meet = ({ id, at, seen }: Notification): void => {
    // A card that is new again has another time.
    const name = id + at
    if (!seen && !this.#seen.has(name)) this.#unsent.push(id)
    this.#seen.add(name)
  }

  /** At once, and what comes while somebody scrolls together. */
  readonly #send = (): void => {
    const ids = this.#unsent.splice(0)
    this.#sending = ids.length && setTimeout(this.#send, SEEN_EVERY_MS)
    if (ids.length)
      useInbox()
        .mark("seen", ids)
        .catch(() => {})
  }

  readonly #follow = (): void => {
    const at = this.#cards().findIndex((card) => card.contains(this.#active))
    // From "Undo", which goes when it is pressed, the way leads back to where one was.
    if (at >= 0) this.#focused = at
  }

  /** A click elsewhere takes the focus away; so does a card that goes, but that is not meant. */
  readonly #leave = (event: FocusEvent): void => {
    const [from] = event.composedPath()
    setTimeout(() => this.#left(from as Element | undefined))
  }

  #left(from: Element | undefined): void {
    if (from?.isConnected && !this.#active) this.#focused = -1
    this.list.requestUpdate()
  }

  /** A card that goes hands the focus to the one that takes its place. */
  #keepFocus(): void {
    const isLost = this.#focused >= 0 && !this.#active && document.activeElement === document.body
    if (isLost) this.#focus(this.#focused)
  }

  get #active(): Element | null {
    return (this.list.renderRoot as ShadowRoot).activeElement
  }

  readonly #pressed = (event: KeyboardEvent): void => {
    const command = commandOf(event)
    const [target] = event.composedPath() as Element[]
    // Enter is the link's or the button's own, and the tabs have their own arrows.
    const isElsewhere = command === "open" && target?.matches("a, button")
    if (!command || isElsewhere || event.defaultPrevented) return
    event.preventDefault()
    this.#obey(command)
  }

  #obey(command: Command): void {
    const at = this.#cards().findIndex((card) => card.contains(this.#active))
    const cards = this.list.groups[at]
    switch (command) {
      case "help":
        return this.list.toggleHelp()
      case "next":
        return this.#focus(at + 1)
      case "previous":
        return this.#focus(Math.max(0, at - 1))
      case "archive":
        return cards && this.list.acts.toggleArchived(cards)
      case "unread":
        return cards && this.list.acts.toggleRead(cards)
      case "open":
        return cards && this.#open(cards)
    }
  }

  #open([card]: readonly Notification[]): void {
    if (!card) return
    const address = safeLink(card.link)
    this.list.acts.visited(card)
    if (address) location.assign(address)
  }

  #focus(index: number): void {
    const cards = this.#cards()
    cards[Math.min(index, cards.length - 1)]?.focus()
  }

  #cards(): HTMLElement[] {
    return [...this.list.renderRoot.querySelectorAll<HTMLElement>(".card")]
  }
}
