/** Notifications of the computer, in a chunk of its own: few want them. */

import { Desktop } from "../elements/desktop"
import { DesktopNotifications, provideDesktop } from "../elements/desktop-notifications"

/** Begin for a person, by the topic of theirs. */
export function startDesktop(user: string): void {
  const desktop = new Desktop(user)
  desktop.start()
  provideDesktop(desktop)
  customElements.define("desktop-notifications", DesktopNotifications)
}
