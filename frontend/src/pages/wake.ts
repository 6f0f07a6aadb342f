import type { Live } from "../client/live"

/** How often the clock is looked at, and what it must leap by to mean that the machine slept. */
const TICK = 5_000
const LEAP = 20_000

/** Have a page be live again as soon as it can be: when the machine wakes, when its network is
 *  back, when somebody looks. What was alive is asked first, since a line that died in its sleep
 *  says nothing. Answers with how to stop it. */
export function keepAwake(live: Pick<Live, "doubt" | "retry">): () => void {
  const listening = new AbortController()
  const { signal } = listening
  let last = Date.now()
  const look = () => {
    const now = Date.now()
    if (now - last > LEAP) live.doubt(last)
    last = now
  }
  // A browser slows the timers of a page that nobody sees: there a leap means nothing.
  const clock = setInterval(() => document.hidden || look(), TICK)
  const shown = () => {
    if (document.hidden) return
    const isLate = Date.now() - last > LEAP
    last = Date.now()
    if (isLate) live.doubt(last)
    else live.retry()
  }
  addEventListener("online", () => live.retry(), { signal })
  document.addEventListener("visibilitychange", shown, { signal })
  return () => {
    listening.abort()
    clearInterval(clock)
  }
}
