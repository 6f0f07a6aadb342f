/** How long to wait before attempt number `attempt` (from 0), in milliseconds: half a second
 *  and full jitter on top, so that a thousand tabs that lost the server together do not
 *  return together, and at most 20.5 s. */
export function backoff(attempt: number, random: () => number = Math.random): number {
  const ceiling = Math.min(20_000, 500 * 2 ** attempt)
  return Math.round(500 + random() * ceiling)
}
