import { LitElement } from "lit"

import { addTranslations, type Catalogue } from "../client/translation"

/** What all elements are made of. `labels` translates what they say, for pages whose head does
 *  not: JSON of our English sentences and yours, good for the whole page.
 *
 *      <connection-status labels='{"Live": "Verbunden"}'></connection-status> */
export abstract class BellwireElement extends LitElement {
  override connectedCallback(): void {
    const labels = this.getAttribute("labels")
    if (labels) addTranslations(read(labels))
    super.connectedCallback()
  }
}

/** A mistake in a label must not take the element from the page. */
function read(labels: string): Catalogue {
  try {
    return JSON.parse(labels) as Catalogue
  } catch {
    console.warn("labels is not JSON:", labels)
    return {}
  }
}
