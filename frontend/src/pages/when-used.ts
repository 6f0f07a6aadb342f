import { backoff } from "../client/backoff"

/** Asks for a module. */
export type Part = () => Promise<unknown>

/** By an element's name, all that it is made of. */
export type Parts = Readonly<Record<string, readonly Part[]>>

/** Fetch an element's parts when the first one is on the page: most pages have few of them. Until
 *  then, and where they cannot be loaded, the page shows what the server wrote inside it. */
export function fetchWhenUsed(parts: Parts): void {
  const waiting = new Map(Object.entries(parts))
  const look = () => {
    for (const [name, needed] of waiting)
      if (document.querySelector(name)) {
        waiting.delete(name)
        for (const part of needed) void fetchPart(name, part)
      }
    if (!waiting.size) observer.disconnect()
  }
  const observer = new MutationObserver(look)
  observer.observe(document, { childList: true, subtree: true })
  look()
}

/** Ask for a part until it is there, ever more rarely. */
async function fetchPart(name: string, part: Part, attempt = 0): Promise<void> {
  try {
    await part()
  } catch {
    console.warn(name, "could not be loaded")
    setTimeout(() => fetchPart(name, part, attempt + 1), backoff(attempt))
  }
}
