/** What a browser does for a page: sockets and requests that carry the session's cookie.
 *
 *  The addresses may be a proxy's, but the server is to see the origin's name: it compares a
 *  request's Host with its Origin. */

import { request } from "node:http"

import { require } from "./bundle.mjs"

const WebSocket = require("ws")

/** A server that is gone does not answer a closing; a browser does not wait for long either. */
const CLOSE_MS = 2_000

/** A WebSocket class for the SDK: each socket goes to the address that is next. `said` is told
 *  of every message before it is sent. */
export function socketClass({ urls, cookie, origin }, said) {
  const headers = { Cookie: cookie, Host: new URL(origin).host }
  const options = { headers, origin, perMessageDeflate: false, closeTimeout: CLOSE_MS }
  const next = inTurn(urls)
  return class extends WebSocket {
    constructor(_, protocols) {
      super(next(), protocols, options)
      // Without a listener Node would end; the SDK hears of it by "close".
      this.on("error", () => {})
    }

    send(data, ...rest) {
      said(data)
      super.send(data, ...rest)
    }
  }
}

/** A `fetch` for the page's Api; Node's own lets nobody say the Host. It stays with an address for
 *  as long as that one answers. */
export function fetchOf({ api, cookie, origin }) {
  const next = inTurn(api)
  let address = next()
  return async (path, { method, signal, headers }) => {
    const sent = { ...headers, Cookie: cookie, Origin: origin, Host: new URL(origin).host }
    try {
      const answer = await opened(request(address + path, { method, signal, headers: sent }))
      return new Response(await whole(answer), { status: answer.statusCode })
    } catch (error) {
      address = next()
      throw error
    }
  }
}

function opened(sending) {
  return new Promise((resolve, reject) => {
    sending.on("response", resolve).on("error", reject).end()
  })
}

/** The whole body; rejects where the line is cut before its end. */
async function whole(answer) {
  const parts = []
  for await (const part of answer) parts.push(part)
  return Buffer.concat(parts)
}

function inTurn(addresses) {
  let turn = 0
  return () => addresses[turn++ % addresses.length]
}
