/** What a page of this project runs: the SDK and our client code, without any element. */

export { Centrifuge } from "centrifuge"
export { Api } from "../../../frontend/src/client/api"
export { Feed } from "../../../frontend/src/client/feed"
export { Ladder } from "../../../frontend/src/client/ladder"
export { Live } from "../../../frontend/src/client/live"
