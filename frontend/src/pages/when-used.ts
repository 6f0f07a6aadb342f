/** Define an element when the first one is on the page: most pages do without it. Until then, and
 *  where it cannot be loaded, the page shows what the server wrote inside it. */
export function defineWhenUsed(name: string, load: () => Promise<CustomElementConstructor>): void {
  const define = () =>
    load().then(
      (element) => customElements.define(name, element),
      () => console.warn(name, "could not be loaded"),
    )
  if (document.querySelector(name)) return void define()
  const observer = new MutationObserver(() => {
    if (!document.querySelector(name)) return
    observer.disconnect()
    void define()
  })
  observer.observe(document, { childList: true, subtree: true })
}
