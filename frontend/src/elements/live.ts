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
    private readonly source: (live: Live) => Pick<Live, "listen">,
  ) {
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = this.source(useLive()).listen(() => this.host.requestUpdate())
  }

  hostDisconnected(): void {
    this.#stop?.()
  }
}

export function useLive(): Live {
  if (!shared) throw new Error("Call provideLive() before an element is used.")
  return shared
}

export function followJobs(host: ReactiveControllerHost): void {
  new Follower(host, (live) => live.jobs)
}

export function followConnection(host: ReactiveControllerHost): void {
  new Follower(host, (live) => live)
}
