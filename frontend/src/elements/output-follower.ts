import type { ReactiveController, ReactiveControllerHost } from "lit"

import { OutputStore } from "../client/output-store"
import { useLive } from "./live"

type Host = ReactiveControllerHost & {
  readonly job: string
  readonly refresh: number
  readonly isConnected: boolean
}

/** Holds what the job says that an element names, while the element is on the page, and draws the
 *  element again whenever there is more. With another job it begins anew. */
export class OutputFollower implements ReactiveController {
  #store: OutputStore | undefined
  #stop: (() => void)[] = []

  /** `begun` is to open the store of each job. */
  constructor(
    private readonly host: Host,
    private readonly begun: (store: OutputStore) => void,
  ) {
    host.addController(this)
  }

  get store(): OutputStore | undefined {
    return this.#store
  }

  hostConnected(): void {
    this.#begin()
  }

  hostUpdate(): void {
    if (this.host.isConnected && this.host.job !== (this.#store?.job ?? "")) this.#begin()
  }

  hostDisconnected(): void {
    for (const stop of this.#stop) stop()
    this.#stop = []
  }

  #begin(): void {
    this.hostDisconnected()
    const { job, refresh } = this.host
    const live = useLive()
    const isRunning = () => live.jobs.job(job)?.state === "running"
    const store = (this.#store = job ? new OutputStore(live.api, job, isRunning) : undefined)
    if (!store) return
    const timer = refresh ? setInterval(() => void store.catchUp(), refresh * 1000) : undefined
    this.#stop = [
      live.attach(store),
      store.listen(() => this.host.requestUpdate()),
      () => clearInterval(timer),
    ]
    this.begun(store)
  }
}
