/** Codes for which a shared topic is not heard. */
export const NOT_ALLOWED = 103
/** This way to be live carries a person's own events only. */
export const NOT_THIS_WAY = -1

/** What a line tells of a topic, in the SDK's own words. */
export interface SharedEvents {
  readonly subscribed: object
  readonly publication: { readonly data: unknown }
  readonly unsubscribed: { readonly code: number }
}

type Event = keyof SharedEvents
type Handler = (context: never) => void

/** What the SDK's subscription and ours have in common. */
export interface Shared {
  on(event: "subscribed", handler: (context: SharedEvents["subscribed"]) => void): unknown
  on(event: "publication", handler: (context: SharedEvents["publication"]) => void): unknown
  on(event: "unsubscribed", handler: (context: SharedEvents["unsubscribed"]) => void): unknown
  subscribe(): void
}

/** A topic that a page hears beside its own, by any way. It speaks as the SDK's subscription. */
export class SharedTopic implements Shared {
  readonly #handlers: [Event, Handler][] = []

  constructor(readonly subscribe: () => void) {}

  on<Name extends Event>(event: Name, handler: (context: SharedEvents[Name]) => void): this {
    this.#handlers.push([event, handler])
    return this
  }

  tell<Name extends Event>(event: Name, context: SharedEvents[Name]): void {
    for (const [name, handler] of this.#handlers) if (name === event) handler(context as never)
  }
}
