import type { InboxPage } from "../client/inbox-state"
import type { PageState } from "../client/live"
import type { Catalogue } from "../client/translation"

/** What `{% bellwire_head %}` wrote into the page: its state, and where the server answers. */
export interface Page extends PageState {
  readonly api: string
  readonly socket: string
  /** What the elements say in the page's language, where that is not English. */
  readonly words?: Catalogue
  /** The newest notifications; without them they are asked for when an inbox is shown. */
  readonly inbox?: InboxPage
  readonly csrf: { readonly cookie: string; readonly token: string }
}

/** Read it; undefined on a page for nobody in particular, such as the one to log in. */
export function readPage(root: Document = document): Page | undefined {
  const text = root.getElementById("bellwire-page")?.textContent
  return text ? (JSON.parse(text) as Page) : undefined
}

/** The token that unsafe requests carry. The cookie comes first: logging in from another tab
 *  has replaced the token that this page was made with. */
export function csrfToken({ csrf }: Page, cookies: string): string {
  const prefix = `${csrf.cookie}=`
  const found = cookies.split("; ").find((cookie) => cookie.startsWith(prefix))
  return found ? decodeURIComponent(found.slice(prefix.length)) : csrf.token
}

/** Where the socket is: beside the page, and as safe as the page. */
export function socketAddress(path: string, page: string): string {
  const address = new URL(path, page)
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:"
  return address.href
}
