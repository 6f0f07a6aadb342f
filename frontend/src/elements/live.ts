import type { ReactiveController, ReactiveControllerHost } from "lit"

import type { Live } from "../client/live"

let shared: Live | undefined

/** Give the elements of this page what they show; to be called before they are defined. */
export function provideLive(live: Live): void {
  shared = live
}

/** Draws its element again whenever what it follows has changed. */
class Follower implements ReactiveController {
  #stop: (() => void) | undefined

  constructor(
    private readonly host: ReactiveControllerHost,
    private readonly source: () => Pick<Live, "listen">,
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = this.source().listen(() => this.host.requestUpdate())
  }

  hostDisconnected(): void {
    this.#stop?.()
  }
}

export function useLive(): Live {
  if (!shared) throw new Error("Call provideLive() before an element is used.")
  return shared
}

/** Have an element drawn again whenever `source` tells of a change. */
export function follow(host: ReactiveControllerHost, source: () => Pick<Live, "listen">): void {
  new Follower(host, source)
}

export function followJobs(host: ReactiveControllerHost): void {
  follow(host, () => useLive().jobs)
}

export function followConnection(host: ReactiveControllerHost): void {
  follow(host, useLive)
}
