/** Which key does what in an inbox. Pure. */

import { gettext } from "../client/translation"

export type Command = "next" | "previous" | "open" | "archive" | "unread" | "help"

const COMMANDS: Readonly<Record<string, Command>> = {
  j: "next",
  ArrowDown: "next",
  k: "previous",
  ArrowUp: "previous",
  Enter: "open",
  e: "archive",
  u: "unread",
  "?": "help",
}

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey">

/** What a key asks for; undefined where it is somebody else's. */
export function commandOf({ key, ctrlKey, metaKey, altKey }: Pressed): Command | undefined {
  return ctrlKey || metaKey || altKey ? undefined : COMMANDS[key]
}

/** For the help: keys, and what they do. */
export function keysInWords(): readonly (readonly [keys: readonly string[], does: string])[] {
  return [
    [["j", "↓"], gettext("Next")],
    [["k", "↑"], gettext("Previous")],
    [["Enter"], gettext("Open")],
    [["e"], gettext("Archive, or back to the inbox")],
    [["u"], gettext("Mark as unread, or as read")],
    [["?"], gettext("Show or hide these keys")],
  ]
}
