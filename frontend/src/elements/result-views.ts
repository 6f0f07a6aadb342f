import type { TemplateResult } from "lit"

let views: typeof import("./results") | undefined

/** Fetch what draws results: a page that only waits does without it. */
export async function loadResultViews(): Promise<void> {
  views ??= await import("./results")
}

/** Draw a job's result; undefined until the views are there. */
export function drawResult(kind: string, result: unknown): TemplateResult | undefined {
  return views?.resultView(kind, result)
}
