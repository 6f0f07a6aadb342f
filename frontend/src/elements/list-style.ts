import { css } from "lit"

export const listStyle = css`
  :host {
    display: block;
  }
  .list:focus-visible {
    outline-offset: 0.5rem;
  }
  li {
    padding-block: 1.25rem;
    border-block-start: 1px solid var(--line);
  }
  job-block {
    display: block;
  }
  job-card {
    transition: opacity 0.4s;
  }
  job-card[leaving] {
    opacity: 0.55;
  }
  job-block:first-child li:first-child {
    border-block-start: 0;
    padding-block-start: 0;
  }
  .pill {
    position: sticky;
    inset-block-start: 0.75rem;
    z-index: 1;
    height: 0;
    text-align: center;
  }
  .pill button {
    border-radius: 2rem;
    box-shadow: 0 2px 10px rgb(0 0 0 / 22%);
  }
  [part="empty"] {
    padding-block: 1rem;
    color: var(--muted);
    max-width: 40ch;
  }
  .bad {
    color: var(--bad);
  }
  .more {
    padding-block-start: 0.75rem;
  }
  .skeleton {
    display: grid;
    gap: 0.75rem;
    padding-block: 1.25rem;
    opacity: 0;
    animation: appear 0.3s 0.25s forwards;
  }
  .skeleton span {
    height: 0.8rem;
    width: 40%;
    border-radius: 0.4rem;
    background: var(--sunken);
  }
  .skeleton span:first-child {
    width: 9rem;
  }
  @keyframes appear {
    to {
      opacity: 1;
    }
  }
  @media (prefers-reduced-motion: reduce) {
    job-card {
      transition: none;
    }
    .skeleton {
      animation-duration: 0s;
    }
  }
`
