/** The SDK in a chunk of its own: a page is drawn before its socket is opened. */
export { Centrifuge } from "centrifuge"
