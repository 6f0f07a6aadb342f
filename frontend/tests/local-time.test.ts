// @vitest-environment happy-dom
import { expect, test } from "vitest"

import { showLocalTimes } from "../src/pages/local-time"

function shown(markup: string): string | null {
  document.body.innerHTML = markup
  showLocalTimes(document)
  return document.body.textContent
}

test("a moment of the server's is shown as the reader's clock has it", () => {
  const local = new Date("2026-11-21T16:48:02Z")
  const said = shown(`<time class="local" datetime="2026-11-21T16:48:02+00:00">16:48 UTC</time>`)

  expect(said).toContain(local.toLocaleTimeString("en", { timeStyle: "medium" }))
  expect(said).not.toContain("UTC")
})

test.each([
  ["no date", `<time class="local" datetime="soon">soon</time>`],
  ["not asked for", `<time datetime="2026-11-21T16:48:02Z">soon</time>`],
])("what is %s stays as it is", (_, markup) => {
  expect(shown(markup)).toBe("soon")
})
