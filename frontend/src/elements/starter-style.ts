import { css } from "lit"

export const starterStyle = css`
  :host {
    display: block;
  }
  form,
  .fields,
  .actions {
    display: grid;
    gap: 1rem;
  }
  fieldset {
    margin: 0;
    padding: 0;
    border: 0;
    min-width: 0;
  }
  .kinds {
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--sunken);
    padding: 0.1875rem;
    gap: 0.1875rem;
  }
  .kinds label {
    padding: 0.45rem 0.25rem;
    text-align: center;
    font-weight: 600;
    color: var(--muted);
    border-radius: calc(var(--radius) - 0.125rem);
    cursor: pointer;
  }
  .kinds label:hover {
    color: var(--ink);
  }
  .kinds label:has(:checked) {
    color: var(--ink);
    background: var(--bw-raised, var(--surface));
    box-shadow: 0 1px 2px rgb(0 0 0 / 18%);
  }
  .kinds label:has(:focus-visible) {
    outline: 2px solid var(--accent);
    outline-offset: 1px;
  }
  .field {
    display: grid;
    gap: 0.3rem;
    font-weight: 600;
  }
  .field small {
    font-weight: 400;
    color: var(--muted);
  }
  input:not([type]),
  textarea {
    width: 100%;
    padding: 0.5rem 0.65rem;
    font: inherit;
    font-weight: 400;
    color: inherit;
    background: var(--surface);
    border: 1px solid var(--line);
    border-radius: var(--radius);
  }
  textarea {
    resize: vertical;
  }
  .actions {
    grid-template-columns: 1fr auto;
    gap: 1.25rem;
    align-items: center;
  }
  progress {
    width: 100%;
    height: 0.375rem;
    accent-color: var(--accent);
  }
  .upload {
    display: grid;
    gap: 0.35rem;
  }
  .bad {
    color: var(--bad);
  }
`
