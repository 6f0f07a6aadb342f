/** A topic beside the user's own, by a subscription of the SDK and the page's Feed.
 *
 *  No state is kept of it: what cannot be made whole is gone on from at the newest place. */

import { told } from "./journal.mjs"

export class Follower {
  #topic
  #journal
  #feed
  #newest
  #wasHere = false

  constructor(topic, journal, page) {
    this.#topic = topic
    this.#journal = journal
    this.#feed = new page.Feed(
      {},
      {
        eventArrived: (data, place) => journal.write("applied", { ...place, ...told(data, true) }),
        updateArrived: () => {},
        reload: () => Promise.resolve(this.#beginAnew()),
        feedMoved: () => {},
      },
    )
  }

  subscribe(sdk) {
    const subscription = sdk.newSubscription(this.#topic)
    subscription.on("subscribed", (context) => this.#subscribed(context))
    subscription.on("publication", (context) => this.#came(context))
    subscription.subscribe()
  }

  since() {
    return this.#feed.since()
  }

  #subscribed(context) {
    const { recovered, streamPosition } = context
    const asked = this.since()[this.#topic] ?? null
    this.#newest = streamPosition
    this.#journal.write("connected", { topic: this.#topic, ...streamPosition, recovered, asked })
    this.#feed.subscribed(context)
  }

  #came(context) {
    const { data, offset } = context
    if (offset !== undefined) {
      this.#newest = { epoch: this.#newest.epoch, offset }
      this.#journal.write("received", { topic: this.#topic, ...this.#newest, ...told(data) })
    }
    this.#feed.published(context)
  }

  #beginAnew() {
    const place = this.#newest
    if (this.#wasHere) this.#journal.write("reload", { topic: this.#topic, ...place })
    this.#wasHere = true
    return { [this.#topic]: place }
  }
}
