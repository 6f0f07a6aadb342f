import { readInboxEvent } from "../client/inbox-messages"
import type { Arrival } from "../client/live"
import type { ToastRegion } from "../elements/toast-region"
import type { Part } from "./when-used"

/** Hand notifications to the page's toasts as they arrive, and what the page's own script has to
 *  say. What shows them is fetched with the first one. */
export function passToasts(part: Part): void {
  const pass = async (detail: unknown) => {
    const region = document.querySelector<ToastRegion>("toast-region")
    if (!region || !detail) return
    await part().then(
      () => region.add(detail),
      () => console.warn("toast-region could not be loaded"),
    )
  }
  addEventListener("bellwire:event", (event) => void pass(arrived(event)))
  addEventListener("bellwire:toast", (event) => void pass((event as CustomEvent).detail))
}

/** What a live event brought, if it is a notification that is new. */
function arrived({ detail }: CustomEventInit<Arrival>): unknown {
  const event = readInboxEvent(detail?.publication)
  return event?.type === "arrived" && !event.notification.seen ? event.notification : undefined
}
