import { css } from "lit"

export const outputStyle = css`
  :host {
    display: grid;
    gap: 0.75rem;
    min-width: 0;
  }
  .bar {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    gap: 0.5rem 0.9rem;
    font-size: 0.9375rem;
  }
  .bar label {
    display: inline-flex;
    align-items: center;
    gap: 0.4rem;
    min-height: 2.25rem;
  }
  .find {
    display: inline-flex;
    flex: 1 1 13rem;
    min-width: 0;
    align-items: center;
    gap: 0.4rem;
  }
  .find input {
    flex: 1;
    min-width: 4rem;
    width: 6rem;
  }
  .find output:not(:empty) {
    min-width: 4rem;
  }
  .find output {
    color: var(--muted);
    font-size: 0.875rem;
    font-variant-numeric: tabular-nums;
  }
  .find button {
    min-height: 2.25rem;
    padding-inline: 0.6rem;
  }
  input[type="search"],
  select {
    min-height: 2.25rem;
    padding: 0.25rem 0.6rem;
    font: inherit;
    color: inherit;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  .frame {
    position: relative;
    min-width: 0;
  }
  .lines {
    max-height: min(36rem, 75vh);
    overflow: auto;
    padding-block: 0.6rem;
    border: 1px solid var(--line);
    border-radius: calc(var(--radius) * 1.5);
    background: var(--surface);
    font:
      0.8125rem/1.6 ui-monospace,
      "SF Mono",
      "Cascadia Mono",
      "Liberation Mono",
      Menlo,
      monospace;
  }
  .many:not(:last-child) {
    content-visibility: auto;
    contain-intrinsic-block-size: auto 130rem;
  }
  li {
    display: flex;
    gap: 0.9rem;
    padding-inline: 0.9rem;
    border-inline-start: 3px solid transparent;
  }
  li > a {
    flex: none;
    min-width: 3ch;
    color: var(--muted);
    text-align: end;
    text-decoration: none;
    font-variant-numeric: tabular-nums;
    user-select: none;
  }
  li > a:hover {
    color: var(--accent);
    text-decoration: underline;
  }
  li > time {
    flex: none;
    color: var(--muted);
  }
  .text {
    flex: 1;
    min-width: 0;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .debug .text {
    color: var(--muted);
  }
  .warning,
  .cut {
    border-inline-start-color: var(--warn);
  }
  .error {
    border-inline-start-color: var(--bad);
  }
  .error .text {
    color: var(--bad);
  }
  .step {
    margin-block-start: 0.5rem;
  }
  .step .text {
    font:
      650 0.875rem/1.5 system-ui,
      sans-serif;
  }
  .took {
    flex: none;
    font-weight: 400;
    color: var(--muted);
    font-variant-numeric: tabular-nums;
  }
  .target {
    background: color-mix(in srgb, var(--accent) 16%, transparent);
  }
  mark {
    color: inherit;
    background: color-mix(in srgb, var(--warn) 38%, transparent);
    border-radius: 0.15rem;
  }
  .found mark {
    outline: 2px solid var(--warn);
  }
  .earlier {
    padding: 0.25rem 0.9rem 0.5rem;
  }
  .end {
    position: absolute;
    inset-block-end: 0.75rem;
    inset-inline-end: 1.25rem;
    border-radius: 2rem;
    box-shadow: 0 2px 10px rgb(0 0 0 / 22%);
  }
  .empty {
    color: var(--muted);
  }
  .lines .empty {
    padding-inline: 0.9rem;
  }
  .bad {
    color: var(--bad);
  }
  .skeleton {
    height: 5rem;
    border-radius: var(--radius);
    background: var(--sunken);
  }
  @media (pointer: coarse) {
    .bar label,
    .find button {
      min-height: 2.75rem;
    }
  }
`
