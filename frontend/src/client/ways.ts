/** The ways to be live without a WebSocket, in a chunk of their own: few pages need them. */
export { EventStream } from "./event-stream"
export { LongPoll } from "./long-poll"
