import { PING_DELAY } from "../client/connection"
import { Ladder } from "../client/ladder"
import type { Live } from "../client/live"
import { socketAddress, type Page } from "./page-state"

/** By a WebSocket or, where none gets through, by a stream, or else by asking again and again. */
export function connect(live: Live, { api, socket }: Page): void {
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
