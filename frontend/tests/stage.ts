/** What the tests of elements share: a page, and what is seen of it. */

import { settle } from "./cast"

/** Put markup into the page and answer with what is shown, shadow roots and all. */
export async function show(markup: string): Promise<() => Promise<string>> {
  document.body.innerHTML = markup
  const read = async () => {
    for (let turn = 0; turn < 4; turn++) await settle()
    return textOf(document.body)
  }
  await read()
  return read
}

function textOf(node: Node): string {
  const root = node instanceof Element && node.shadowRoot ? node.shadowRoot : node
  const parts = [...root.childNodes].map((child) =>
    child.nodeType === Node.TEXT_NODE
      ? child.textContent
      : child instanceof Element && child.tagName !== "STYLE"
        ? textOf(child)
        : "",
  )
  return parts.join(" ").replace(/\s+/g, " ").trim()
}

export function inside(selector: string, root: Node = document.body): Element | undefined {
  for (const element of (root as ParentNode).querySelectorAll("*")) {
    if (element.matches(selector)) return element
    const found = element.shadowRoot && inside(selector, element.shadowRoot)
    if (found) return found
  }
  return undefined
}
