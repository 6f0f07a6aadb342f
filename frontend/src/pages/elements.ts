/** The entry for any page: gives the elements one live connection and fetches them. */

import { Api } from "../client/api"
import { PING_DELAY } from "../client/connection"
import { InboxApi } from "../client/inbox-api"
import { InboxStore } from "../client/inbox-store"
import { Ladder } from "../client/ladder"
import { Live } from "../client/live"
import { addTranslations } from "../client/translation"
import { ConnectionStatus } from "../elements/connection-status"
import { JobProgress } from "../elements/job-progress"
import { provideLive } from "../elements/live"
import { provideInbox } from "../elements/notification-store"
import { csrfToken, readPage, socketAddress, type Page } from "./page-state"
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
  customElements.define("job-progress", JobProgress)
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

/** By a WebSocket or, where none gets through, by a stream, or else by asking again and again. */
function connect(live: Live, { api, socket }: Page): void {
  live.connect((since) => {
    const getData = () => Promise.resolve({ since: since() })
    const options = { getData, name: "bellwire", maxServerPingDelay: PING_DELAY }
    const ways = () => import("../client/ways")
    return new Ladder([
      async () => {
        const { Centrifuge } = await import("../client/transport")
        return new Centrifuge(socketAddress(socket, location.href), options)
      },
      async () => new (await ways()).EventStream({ api, since }).asSdk(),
      async () => new (await ways()).LongPoll({ api, since }).asSdk(),
    ]).asSdk()
  })
}
