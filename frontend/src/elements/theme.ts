import { css } from "lit"

/** What all elements share. A page themes them by the `--bw-…` properties; without any they
 *  take the system's colours and the page's own font. Mixed with the colour of text, a colour is
 *  dark on light and light on dark, as the page's `color-scheme` has it: those of tokens.css, and
 *  4.5:1 at least on what is sunken. Unlike light-dark() it is known wherever elements run. */
export const theme = css`
  :host {
    --ink: var(--bw-ink, CanvasText);
    --muted: var(--bw-muted, color-mix(in srgb, CanvasText 65%, Canvas));
    --line: var(--bw-line, color-mix(in srgb, CanvasText 18%, Canvas));
    --surface: var(--bw-surface, Canvas);
    --sunken: var(--bw-sunken, color-mix(in srgb, CanvasText 5%, Canvas));
    --accent: var(--bw-accent, color-mix(in srgb, #219686 70%, CanvasText));
    --on-accent: var(--bw-on-accent, Canvas);
    --good: var(--bw-good, color-mix(in srgb, #2bb381 70%, CanvasText));
    --warn: var(--bw-warn, color-mix(in srgb, #cc8611 70%, CanvasText));
    --bad: var(--bw-bad, color-mix(in srgb, #f34736 70%, CanvasText));
    --radius: var(--bw-radius, 0.5rem);
    box-sizing: border-box;
    color: var(--ink);
    font: inherit;
  }
  :host([hidden]),
  [hidden] {
    display: none !important;
  }
  *,
  ::before,
  ::after {
    box-sizing: inherit;
  }
  h2,
  h3,
  p,
  dl,
  dd,
  ul,
  ol,
  figure {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.2em;
    text-decoration-thickness: 0.06em;
  }
  :focus-visible {
    outline: 2px solid var(--accent);
    outline-offset: 2px;
    border-radius: 0.25rem;
  }
  .quiet {
    color: var(--muted);
  }
  .figures {
    font-variant-numeric: tabular-nums;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
`

export const buttons = css`
  button {
    font: inherit;
    font-weight: 600;
    min-height: 2.5rem;
    padding: 0.4rem 1rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    color: var(--ink);
    background: var(--surface);
    cursor: pointer;
  }
  button:hover:not(:disabled) {
    border-color: var(--muted);
  }
  button:disabled {
    cursor: default;
    color: var(--muted);
  }
  button.main {
    border-color: transparent;
    color: var(--on-accent);
    background: var(--accent);
  }
  button.main:hover:not(:disabled) {
    background: color-mix(in srgb, var(--accent) 88%, var(--ink));
  }
  button.main:disabled {
    color: var(--muted);
    background: var(--sunken);
    border-color: var(--line);
  }
  button.plain {
    min-height: 0;
    padding: 0.15rem 0;
    border: 0;
    background: none;
    color: var(--accent);
    font-weight: inherit;
    text-decoration: underline;
    text-decoration-thickness: 0.06em;
    text-underline-offset: 0.2em;
  }
  button.plain:disabled {
    color: var(--muted);
    text-decoration: none;
  }
  @media (pointer: coarse) {
    button.plain {
      min-height: 2.75rem;
    }
  }
`
