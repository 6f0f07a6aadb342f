import { css } from "lit"

/** How an inbox looks: its bar, its list, its cards. */
export const inboxStyle = css`
  :host {
    display: block;
    container-type: inline-size;
  }
  :host(:focus-visible) {
    outline: none;
  }
  .bar,
  .acts,
  [role="tablist"],
  .foot {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.25rem 1rem;
  }
  .bar {
    justify-content: space-between;
    padding-block-end: 0.5rem;
  }
  [role="tab"] {
    min-height: 2.25rem;
    padding: 0.25rem 0;
    border: 0;
    border-block-end: 2px solid transparent;
    border-radius: 0;
    color: var(--muted);
    background: none;
  }
  [role="tab"][aria-selected="true"] {
    color: var(--ink);
    border-block-end-color: var(--accent);
  }
  .acts button,
  .foot,
  .stale,
  .done {
    font-size: 0.875rem;
  }
  .stale {
    color: var(--warn);
  }
  .bad {
    color: var(--bad);
  }
  .pill {
    position: sticky;
    inset-block-start: 0.5rem;
    z-index: 1;
    display: block;
    min-height: 2.25rem;
    margin: 0.5rem auto;
    border-color: transparent;
    border-radius: 2rem;
    color: var(--on-accent);
    background: var(--accent);
  }
  .card {
    position: relative;
    display: grid;
    grid-template-columns: 1.25rem minmax(0, 1fr) auto;
    gap: 0 0.75rem;
    padding-block: 0.8rem;
    border-block-start: 1px solid var(--line);
  }
  .inner .card,
  .card + .plain {
    margin-inline-start: 2rem;
  }
  .card + .plain {
    margin-block-end: 0.8rem;
  }
  .severity {
    color: var(--muted);
    line-height: 1;
    padding-block-start: 0.15rem;
  }
  .success .severity {
    color: var(--good);
  }
  .warning .severity {
    color: var(--warn);
  }
  .error .severity {
    color: var(--bad);
  }
  h2 {
    font-size: 1rem;
    font-weight: 450;
    line-height: 1.4;
    overflow-wrap: anywhere;
  }
  h2 a {
    color: inherit;
    text-decoration-color: var(--line);
  }
  h2 a:hover {
    text-decoration-color: currentcolor;
  }
  .new h2 {
    font-weight: 650;
  }
  .new h2::after {
    content: "";
    display: inline-block;
    width: 0.5rem;
    height: 0.5rem;
    margin-inline-start: 0.5rem;
    border: 0.25rem solid var(--accent);
    border-radius: 50%;
    vertical-align: 0.1em;
  }
  .body {
    color: var(--muted);
    overflow-wrap: anywhere;
    white-space: pre-line;
  }
  .foot {
    padding-block-start: 0.2rem;
  }
  time {
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  job-progress {
    padding-block: 0.4rem 0.2rem;
    font-size: 0.9375rem;
  }
  .buttons {
    display: flex;
    align-items: start;
  }
  .buttons button {
    display: grid;
    place-items: center;
    width: 2rem;
    min-height: 2rem;
    padding: 0;
    border: 0;
    color: var(--muted);
    background: none;
  }
  .buttons button:hover {
    color: var(--ink);
  }
  .menu {
    grid-column: 2 / -1;
    display: flex;
    flex-wrap: wrap;
    justify-content: end;
    gap: 0.4rem;
    padding-block-start: 0.4rem;
  }
  .menu button {
    min-height: 2rem;
    padding-block: 0.15rem;
    font-size: 0.875rem;
  }
  .empty {
    padding-block: 1.5rem;
    color: var(--muted);
  }
  .bone {
    height: 3.4rem;
    margin-block: 0.8rem;
    border-radius: var(--radius);
    background: var(--sunken);
    animation: breathe 1.4s ease-in-out infinite alternate;
  }
  .keys {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 0.35rem 1rem;
    padding: 0.75rem;
    border-radius: var(--radius);
    background: var(--sunken);
    font-size: 0.875rem;
  }
  kbd {
    padding: 0.1rem 0.4rem;
    border: 1px solid var(--line);
    border-radius: 0.25rem;
    font: inherit;
    background: var(--surface);
  }
  .older {
    padding-block-start: 0.75rem;
  }
  .done {
    position: sticky;
    inset-block-end: 0;
    z-index: 1;
  }
  .done p {
    display: flex;
    justify-content: space-between;
    gap: 1rem;
    padding: 0.5rem 0.75rem;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--surface);
  }
  @container (max-width: 22rem) {
    .card {
      grid-template-columns: 1.25rem minmax(0, 1fr);
    }
    .buttons {
      grid-column: 2;
    }
  }
  @keyframes breathe {
    to {
      opacity: 0.5;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    .bone {
      animation: none;
    }
  }
  @media (pointer: coarse) {
    .buttons button,
    .menu button,
    [role="tab"] {
      min-width: 2.75rem;
      min-height: 2.75rem;
    }
  }
`
