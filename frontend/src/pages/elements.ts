/** The entry for any page: gives the elements one live connection and fetches them. */

import { Api } from "../client/api"
import { InboxApi } from "../client/inbox-api"
import { InboxStore } from "../client/inbox-store"
import { Live } from "../client/live"
import { addTranslations } from "../client/translation"
import { ConnectionStatus } from "../elements/connection-status"
import { provideLive } from "../elements/live"
import { provideInbox } from "../elements/notification-store"
import { connect } from "./connect"
import { csrfToken, readPage, type Page } from "./page-state"
import { PARTS, TOASTS } from "./parts"
import { passToasts } from "./toasts"
import { keepAwake } from "./wake"
import { fetchWhenUsed } from "./when-used"

const page = readPage()
if (page) {
  addTranslations(page.words ?? {})
  const api = new Api({ base: page.api, csrf: () => csrfToken(page, document.cookie) })
  const live = new Live(api, page, (detail) =>
    dispatchEvent(new CustomEvent("bellwire:event", { detail })),
  )
  provideLive(live)
  keepInbox(live, new InboxApi(api), page)
  customElements.define("connection-status", ConnectionStatus)
  fetchWhenUsed(PARTS)
  passToasts(TOASTS)
  keepAwake(live)
  connect(live, page)
  import("./desktop").then(
    ({ startDesktop }) => startDesktop(Object.keys(page.positions).join()),
    () => console.warn("desktop.ts could not be loaded"),
  )
}

function keepInbox(live: Live, api: InboxApi, page: Page): void {
  const inbox = new InboxStore(api)
  if (page.inbox) inbox.begin(page.inbox)
  live.attach(inbox)
  provideInbox(inbox, api)
}
