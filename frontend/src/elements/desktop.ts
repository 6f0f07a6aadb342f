import type { Arrival } from "../client/live"
import { isLocal, isRecord } from "../client/protocol"
import { Listeners } from "../client/store"

/** `blocked`: the browser was told to refuse; `failed`: it agreed, and then could not. */
export type DesktopState = "unsupported" | "blocked" | "off" | "on" | "failed"

/** Held by every page of the site that is in sight. */
const IN_SIGHT = "bellwire:in-sight"
/** What has the key of an earlier one takes its place, and is new. */
const NEW: readonly unknown[] = ["notification.created", "notification.changed"]
/** As long as the slowest of several pages may take to hear of the same event. */
const LEADS_FOR_MS = 10_000

/** Notifications of the operating system, while no page of the site is in sight. Whether they are
 *  wanted is kept in this browser, for each person. */
export class Desktop {
  #hasFailed = false
  #leave: () => void = () => {}
  readonly #key: string
  readonly #listeners = new Listeners()

  constructor(user: string) {
    this.#key = `bellwire:desktop:${user}`
  }

  get state(): DesktopState {
    if (!("Notification" in globalThis) || !navigator.locks) return "unsupported"
    if (Notification.permission === "denied") return "blocked"
    if (Notification.permission === "default" || !this.#isWanted) return "off"
    return this.#hasFailed ? "failed" : "on"
  }

  /** Have `listener` called when the state changes; answers with how to stop it. */
  listen(listener: () => void): () => void {
    return this.#listeners.add(listener)
  }

  /** Ask for permission; to be called in a click, or browsers refuse. */
  async turnOn(): Promise<void> {
    this.#hasFailed = false
    const permission = await Notification.requestPermission().catch(() => "denied")
    this.#want(permission === "granted")
  }

  turnOff(): void {
    this.#want(false)
  }

  /** Show what comes from now on; answers with how to stop it. */
  start(): () => void {
    const listening = new AbortController()
    const { signal } = listening
    const heard = (event: Event) => void this.#heard((event as CustomEvent<Arrival>).detail)
    addEventListener("bellwire:event", heard, { signal })
    addEventListener("storage", () => this.#listeners.tell(), { signal })
    document.addEventListener("visibilitychange", () => this.#look(), { signal })
    this.#look()
    return () => {
      listening.abort()
      this.#leave()
    }
  }

  get #isWanted(): boolean {
    try {
      return localStorage.getItem(this.#key) === "on"
    } catch {
      return false // storage may be forbidden
    }
  }

  #want(isWanted: boolean): void {
    try {
      if (isWanted) localStorage.setItem(this.#key, "on")
      else localStorage.removeItem(this.#key)
    } catch {
      this.#hasFailed = true
    }
    this.#listeners.tell()
  }

  /** Hold the lock while this page is in sight, so that all others know. */
  #look(): void {
    this.#leave()
    if (document.hidden || !navigator.locks) return
    const left = new Promise<void>((resolve) => (this.#leave = resolve))
    void navigator.locks.request(IN_SIGHT, { mode: "shared" }, () => left)
  }

  async #heard({ place, publication, isReplayed }: Arrival): Promise<void> {
    if (isReplayed || this.state !== "on" || !isRecord(publication)) return
    const { type, notification } = publication
    if (!NEW.includes(type) || !isRecord(notification)) return
    const { held = [] } = await navigator.locks.query()
    if (held.some(({ name }) => name === IN_SIGHT)) return
    const name = `${place.topic}@${place.epoch}:${place.offset}`
    // The first page that hears of it leads; the lock keeps the others out for a while.
    await navigator.locks.request(`bellwire:${name}`, { ifAvailable: true }, async (lock) => {
      if (!lock) return
      this.#show(notification, name)
      await new Promise((resolve) => setTimeout(resolve, LEADS_FOR_MS))
    })
  }

  #show({ title, body, link }: Readonly<Record<string, unknown>>, tag: string): void {
    try {
      const shown = new Notification(String(title), { body: String(body ?? ""), tag })
      shown.onclick = () => {
        window.focus()
        shown.close()
        if (isLocal(link)) location.assign(link)
      }
    } catch {
      this.#hasFailed = true // Chrome on Android shows them from service workers only
      this.#listeners.tell()
    }
  }
}
