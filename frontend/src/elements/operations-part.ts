import { LitElement, html, nothing, type TemplateResult } from "lit"

import type { Operations, Teller } from "../client/operations-state"
import { silence } from "../client/operations-state"
import type { OperationsStore } from "../client/operations-store"
import { gettext } from "../client/translation"
import { durationInWords } from "../client/words"
import { follow } from "./live"

let shared: OperationsStore | undefined

/** Give the parts what they show; to be called before they are defined. */
export function provideOperations(store: OperationsStore): void {
  shared = store
}

export function useOperations(): OperationsStore {
  if (!shared) throw new Error("Call provideOperations() before a part is used.")
  return shared
}

/** A part of the page of operations. It has no shadow root: what the server wrote into it has the
 *  same look, and is replaced by what is told. */
export abstract class OperationsPart extends LitElement {
  constructor() {
    super()
    follow(this, useOperations)
  }

  protected get state(): Operations {
    return useOperations().state
  }

  protected override createRenderRoot(): HTMLElement {
    this.replaceChildren()
    return this
  }

  protected silent(teller: Teller): TemplateResult | typeof nothing {
    const quiet = silence(teller, useOperations().asOf)
    if (!quiet) return nothing
    const time = durationInWords(Math.floor(quiet / 1000) * 1000)
    return html` <strong class="silent">${gettext("silent for {time}", { time })}</strong>`
  }
}
