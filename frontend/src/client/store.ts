/** A part of a page's state. It changes by what the feed brings, and can be read anew whole. */
export interface Store {
  /** An event that was applied, once and in order; one that is not about this part is let pass. */
  eventArrived(publication: unknown): void
  /** An update: it may come late, or twice. */
  updateArrived(publication: unknown): void
  /** Read the state anew, because something was missed. Rejects with a RequestFailed. */
  reload(): Promise<void>
  /** Ask how far things are that only updates tell of, since none come; by nothing if there is
   *  nothing to ask about. Called again and again, so it may fail. */
  look?(): Promise<void>
}

/** Those who are told of each change. */
export class Listeners {
  readonly #all = new Set<() => void>()

  /** Have `listener` called after each change; answers with how to stop it. */
  add(listener: () => void): () => void {
    this.#all.add(listener)
    return () => this.#all.delete(listener)
  }

  tell(): void {
    for (const listener of [...this.#all]) listener()
  }
}
