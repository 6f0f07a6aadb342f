/** One client: the SDK and the page's own code, which tell a journal what they see and do. */

import { createHash } from "node:crypto"

import { require } from "./bundle.mjs"
import { Journal } from "./journal.mjs"

const WebSocket = require("ws")

/** As on a real page, but that a line which comes back is not waited for so long. */
const LONGEST_WAIT_MS = 5_000

export class Observer {
  #spec
  #page
  #journal
  #live
  #sdk
  /** Where the page said that it was, in its last connect command. */
  #asked = {}
  #epochs = new Map()
  /** The update that is being looked at just now. */
  #update
  #isClosed = false

  constructor(spec, folder, page) {
    this.#spec = spec
    this.#page = page
    this.#journal = new Journal(folder, spec.name)
    this.settled = new Promise((resolve) => (this.settle = resolve))
  }

  run() {
    const { user, cookie, urls } = this.#spec
    this.#journal.write("open", {
      user,
      kind: "sdk",
      port: Number(new URL(urls[0]).port),
      session: fingerprint(cookie),
      wall: Date.now() / 1000,
    })
    this.#live = new this.#page.Live(this.#api(), { positions: {} }, (event) => this.#applied(event))
    this.#watchJobs()
    this.#live.listen(() => this.#moved())
    this.#live.connect((since) => this.#dial(since))
    this.#sdk.on("publication", () => (this.#update = undefined))
  }

  /** Write down where it is, and let go. */
  end() {
    if (!this.#isClosed) {
      const jobs = this.#live.jobs.jobs.map(({ id, state }) => [id, state])
      const positions = this.#since()
      this.#journal.write("end", { positions, jobs: Object.fromEntries(jobs) })
    }
    this.#sdk.disconnect()
    this.#journal.close()
  }

  #since = () => ({})

  #dial(since) {
    this.#since = since
    const getData = () => {
      this.#asked = since()
      return Promise.resolve({ since: this.#asked })
    }
    const options = { getData, name: "bellwire", websocket: this.#socketClass() }
    this.#sdk = new this.#page.Centrifuge(this.#spec.urls[0], options)
    // Before the page's own listeners: what came is written down first.
    this.#sdk.on("subscribed", (context) => this.#subscribed(context))
    this.#sdk.on("publication", (context) => this.#came(context))
    this.#sdk.on("disconnected", ({ code, reason }) => code && this.#close(code, reason))
    return this.#sdk
  }

  #subscribed({ channel, recovered, streamPosition }) {
    const { epoch, offset } = streamPosition
    this.#epochs.set(channel, epoch)
    const asked = this.#asked[channel] ?? null
    this.#journal.write("connected", { topic: channel, epoch, offset, recovered, asked })
    this.settle()
  }

  #came({ channel, data, offset }) {
    if (offset === undefined) {
      this.#update = data
      return
    }
    const epoch = this.#epochs.get(channel) ?? ""
    this.#journal.write("received", { topic: channel, epoch, offset, ...told(data) })
  }

  #applied({ place, publication }) {
    this.#journal.write("applied", { ...place, ...told(publication), at: publication.at ?? "" })
  }

  /** Have the journal told of what the list of jobs does. */
  #watchJobs() {
    const { jobs } = this.#live
    const reload = jobs.reload.bind(jobs)
    jobs.reload = async () => {
      const positions = await reload()
      for (const [topic, place] of Object.entries(positions))
        this.#journal.write("reload", { topic, ...place })
      return positions
    }
    jobs.listen(() => {
      if (!this.#update) return
      const { job, n } = this.#update
      const topic = `user:${this.#spec.user}`
      this.#journal.write("update", { topic, job: job.id, attempt: job.attempt, n })
    })
  }

  #moved() {
    const { state } = this.#live
    // The page gave up by itself: the API says that its session is over.
    if (state.name === "closed") this.#close(0, state.reason)
    // A run is short: nobody waits twenty seconds to be back.
    if (state.name === "waiting" && state.until - Date.now() > LONGEST_WAIT_MS)
      setTimeout(() => this.#live.retry(), LONGEST_WAIT_MS * Math.random())
  }

  #close(code, reason) {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#journal.write("closed", { code, reason })
    this.settle()
  }

  #api() {
    const { api, cookie, origin } = this.#spec
    let turn = 0
    const send = (path, init) => {
      const headers = { ...init.headers, Cookie: cookie, Origin: origin }
      return fetch(api[turn++ % api.length] + path, { ...init, headers })
    }
    return new this.#page.Api({ base: "/api", csrf: () => "", fetch: send })
  }

  /** A browser's WebSocket, with the session's cookie, through the address that is next. */
  #socketClass() {
    const { urls, cookie, origin } = this.#spec
    const headers = { Cookie: cookie, Host: new URL(origin).host }
    let turn = 0
    return class extends WebSocket {
      constructor(_, protocols) {
        super(urls[turn++ % urls.length], protocols, { headers, origin, perMessageDeflate: false })
        // Without a listener Node would end; the SDK hears of it by "close".
        this.on("error", () => {})
      }
    }
  }
}

function told({ type, job }) {
  return { type, job: job?.id ?? null }
}

/** Name the session of a Cookie header as the platform's events do. */
function fingerprint(cookie) {
  const key = /(?:^|;\s*)sessionid=([^;]+)/.exec(cookie)?.[1]
  return key ? createHash("sha256").update(key).digest("hex").slice(0, 32) : ""
}
