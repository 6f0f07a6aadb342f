import type { TemplateResult } from "lit"

type Draw = (kind: string, result: unknown) => TemplateResult

let draw: Draw | undefined

/** Fetch what draws results: a page that only waits does without it. */
export async function loadResultViews(): Promise<void> {
  draw ??= (await import("./results")).resultView
}

/** Draw a job's result; undefined until the views are there. */
export function drawResult(kind: string, result: unknown): TemplateResult | undefined {
  return draw?.(kind, result)
}
