/** One client: the SDK and the page's own code, which tell a journal what they see and do. */

import { createHash } from "node:crypto"

import { fetchOf, socketClass } from "./browser.mjs"
import { Follower } from "./follower.mjs"
import { Journal, told } from "./journal.mjs"

/** A run is short: of the page's own waits, none is longer, and none is shorter than its least. */
const LEAST_WAIT_MS = 500
const LONGEST_WAIT_MS = 5_000

export class Observer {
  #spec
  #page
  #journal
  #live
  #sdk
  #followers
  /** What the last connect command asked to recover from. */
  #asked = {}
  #epochs = new Map()
  #shortened
  #isClosed = false
  #since = () => ({})

  constructor(spec, folder, page) {
    this.#spec = spec
    this.#page = page
    this.#journal = new Journal(folder, spec.name)
    this.#followers = (spec.topics ?? []).map((topic) => new Follower(topic, this.#journal, page))
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
    const options = { base: "/api", csrf: () => "", fetch: fetchOf(this.#spec) }
    const api = new this.#page.Api(options)
    this.#live = new this.#page.Live(api, { positions: {}, jobs: [] }, (event) => this.#applied(event))
    this.#watchJobs()
    this.#live.listen(() => this.#moved())
    this.#live.connect((since) => this.#dial(since))
  }

  /** Write down where it is, and let go. */
  end() {
    clearTimeout(this.#shortened)
    const { jobs: store } = this.#live
    const jobs = store.list.newerThan("").map((id) => [id, store.job(id).state])
    const positions = Object.assign(this.#since(), ...this.#followers.map((one) => one.since()))
    this.#journal.write("end", { positions, jobs: Object.fromEntries(jobs) })
    this.#sdk.disconnect()
    this.#journal.close()
  }

  #dial(since) {
    this.#since = since
    const getData = () => Promise.resolve({ since: since() })
    const websocket = socketClass(this.#spec, (message) => this.#said(message))
    const options = { getData, name: "bellwire", websocket }
    this.#sdk = new this.#page.Centrifuge(this.#spec.urls[0], options)
    // Before the page's own listeners: what came is written down first.
    this.#sdk.on("subscribed", (context) => this.#subscribed(context))
    this.#sdk.on("publication", (context) => this.#came(context))
    this.#sdk.on("disconnected", ({ code, reason }) => code && this.#close(code, reason))
    for (const follower of this.#followers) follower.subscribe(this.#sdk)
    // A page's own patience with a handshake that nobody answers; it knows no other way here.
    return new this.#page.Ladder([() => Promise.resolve(this.#sdk)]).asSdk()
  }

  /** What the SDK kept counts before what the page says: as the server has it. */
  #said(message) {
    const { connect } = JSON.parse(message.split("\n", 1)[0])
    if (!connect) return
    const kept = Object.entries(connect.subs ?? {}).filter(([, { recover }]) => recover)
    const places = kept.map(([topic, { epoch = "", offset = 0 }]) => [topic, { epoch, offset }])
    this.#asked = { ...connect.data?.since, ...Object.fromEntries(places) }
  }

  #subscribed({ channel, recovered, streamPosition }) {
    const { epoch, offset } = streamPosition
    this.#epochs.set(channel, epoch)
    const asked = this.#asked[channel] ?? null
    this.#journal.write("connected", { topic: channel, epoch, offset, recovered, asked })
    this.settle()
  }

  #came({ channel, data, offset }) {
    if (offset === undefined) return
    const epoch = this.#epochs.get(channel) ?? ""
    this.#journal.write("received", { topic: channel, epoch, offset, ...told(data) })
  }

  #applied({ place, publication }) {
    this.#journal.write("applied", { ...place, ...told(publication, true) })
  }

  /** Have the journal told of what the list of jobs does; it is read after the positions. */
  #watchJobs() {
    const { api, jobs } = this.#live
    const [positions, reload] = [api.positions.bind(api), jobs.reload.bind(jobs)]
    let places = {}
    api.positions = async () => (places = await positions())
    jobs.reload = async () => {
      await reload()
      for (const [topic, place] of Object.entries(places))
        this.#journal.write("reload", { topic, ...place })
    }
    const updated = jobs.updateArrived.bind(jobs)
    jobs.updateArrived = (publication) => {
      const { job, n } = publication
      const before = jobs.job(job?.id)
      updated(publication)
      if (jobs.job(job?.id) === before) return
      const topic = `user:${this.#spec.user}`
      this.#journal.write("update", { topic, job: job.id, attempt: job.attempt, n })
    }
  }

  #moved() {
    const { state } = this.#live
    clearTimeout(this.#shortened)
    // The page gave up by itself: the API says that its session is over.
    if (state.name === "closed") this.#close(0, state.reason)
    if (state.name === "waiting" && state.until - Date.now() > LONGEST_WAIT_MS) {
      const wait = LEAST_WAIT_MS + (LONGEST_WAIT_MS - LEAST_WAIT_MS) * Math.random()
      this.#shortened = setTimeout(() => this.#live.retry(), wait)
    }
  }

  #close(code, reason) {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#journal.write("closed", { code, reason })
    this.settle()
  }
}

/** Name the session of a Cookie header as the platform's events do. */
function fingerprint(cookie) {
  const key = /(?:^|;\s*)sessionid=([^;]+)/.exec(cookie)?.[1]
  return key ? createHash("sha256").update(key).digest("hex").slice(0, 32) : ""
}
