import { gettext } from "./translation"

/** What can go wrong in a request, each with a sentence for the person at the screen.
 *
 *  RequestFailed
 *  ├── Refused      the server answered with an error; `code` and `status` say which
 *  │   └── SignedOut  the session is over
 *  └── Unreachable  no answer came; trying again may help
 */
export class RequestFailed extends Error {
  override readonly name: string = "RequestFailed"
}

export class Refused extends RequestFailed {
  override readonly name: string = "Refused"

  constructor(
    readonly status: number,
    readonly code: string,
    sentence: string,
    readonly body: Readonly<Record<string, unknown>> = {},
  ) {
    super(sentence)
  }
}

export class SignedOut extends Refused {
  override readonly name = "SignedOut"

  constructor() {
    super(401, "signed_out", gettext("You are signed out. Log in again to go on."))
  }
}

export class Unreachable extends RequestFailed {
  override readonly name = "Unreachable"

  constructor(
    sentence = gettext("The server cannot be reached. Check the connection and try again."),
  ) {
    super(sentence)
  }
}

/** Turn anything that was thrown into a sentence. */
export function sentenceOf(error: unknown): string {
  if (error instanceof RequestFailed) return error.message
  return gettext("Something went wrong on this page. Reload it and try again.")
}
