import { css } from "lit"

export const cardStyle = css`
  :host {
    display: block;
  }
  article {
    display: grid;
    grid-template-columns: minmax(0, 1fr);
    gap: 0.5rem;
  }
  header,
  .row,
  [part="actions"] {
    display: flex;
    flex-wrap: wrap;
    align-items: baseline;
    gap: 0.25rem 1.25rem;
  }
  header {
    justify-content: space-between;
  }
  h3 {
    min-width: 0;
    font-size: 1.0625rem;
    font-weight: 650;
    overflow-wrap: anywhere;
  }
  h3 a {
    color: inherit;
    text-decoration-color: var(--line);
  }
  h3 a:hover {
    text-decoration-color: currentcolor;
  }
  time {
    color: var(--muted);
    font-size: 0.875rem;
  }
  .bad {
    color: var(--bad);
    overflow-wrap: anywhere;
    white-space: pre-line;
  }
  .error:not(.whole) {
    display: -webkit-box;
    -webkit-box-orient: vertical;
    -webkit-line-clamp: 3;
    overflow: hidden;
  }
  job-progress {
    flex: 1 1 16rem;
    min-width: 0;
  }
  [part="actions"] {
    font-size: 0.9375rem;
  }
  pre {
    margin: 0;
    padding: 0.75rem;
    overflow: auto;
    max-height: 20rem;
    font-size: 0.8125rem;
    background: var(--sunken);
    border-radius: var(--radius);
  }
  .result {
    padding-block-start: 0.4rem;
  }
`
