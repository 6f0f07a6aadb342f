import type { ReactiveController, ReactiveControllerHost } from "lit"

import type { Job } from "../client/protocol"
import { useLive } from "./live"

/** Draws an element again whenever the job that it names has changed: that job, and no other. */
export class JobFollower implements ReactiveController {
  #id = ""
  #stop: (() => void) | undefined

  constructor(private readonly host: ReactiveControllerHost & { readonly job: string }) {
    host.addController(this)
  }

  get job(): Job | undefined {
    return useLive().jobs.job(this.host.job)
  }

  hostConnected(): void {
    this.#follow()
  }

  hostUpdate(): void {
    if (this.host.job !== this.#id) this.#follow()
  }

  hostDisconnected(): void {
    this.#stop?.()
  }

  #follow(): void {
    this.#stop?.()
    this.#id = this.host.job
    if (!this.#id) return
    this.#stop = useLive().jobs.follow(this.#id, () => this.host.requestUpdate())
  }
}
