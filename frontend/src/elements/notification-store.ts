import type { ReactiveControllerHost } from "lit"

import type { InboxApi } from "../client/inbox-api"
import type { InboxStore } from "../client/inbox-store"
import { follow } from "./live"

let shared: { readonly inbox: InboxStore; readonly api: InboxApi } | undefined

/** Give the elements of this page the notifications they show; to be called before they are
 *  defined. */
export function provideInbox(inbox: InboxStore, api: InboxApi): void {
  shared = { inbox, api }
}

export function useInbox(): InboxStore {
  return provided().inbox
}

/** For what is asked of the server and shown nowhere on this page. */
export function useInboxApi(): InboxApi {
  return provided().api
}

export function followInbox(host: ReactiveControllerHost): void {
  follow(host, useInbox)
}

function provided(): NonNullable<typeof shared> {
  if (!shared) throw new Error("Call provideInbox() before an element is used.")
  return shared
}
