import { LitElement, css, html, nothing, type TemplateResult } from "lit"

import { gettext } from "../client/translation"
import { bytes } from "../client/words"
import { buttons, theme } from "./theme"

/** Takes one file or several, dropped or chosen; tells of a change by a `change` event. */
export class FilePicker extends LitElement {
  static override readonly properties = {
    label: {},
    accept: {},
    multiple: { type: Boolean },
    disabled: { type: Boolean },
    files: { attribute: false },
  }

  static override readonly styles = [
    theme,
    buttons,
    css`
      :host {
        display: grid;
        gap: 0.5rem;
      }
      .drop {
        display: grid;
        place-items: center;
        gap: 0.35rem;
        padding: 1.25rem 1rem;
        text-align: center;
        border: 1.5px dashed var(--line);
        border-radius: var(--radius);
        background: var(--sunken);
        cursor: pointer;
      }
      .drop:hover,
      .drop.over,
      .drop:focus-within {
        border-color: var(--accent);
      }
      .drop:focus-within {
        outline: 2px solid var(--accent);
        outline-offset: 2px;
      }
      .drop.over {
        background: color-mix(in srgb, var(--accent) 12%, var(--surface));
      }
      .action {
        font-weight: 600;
        color: var(--accent);
      }
      li {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 0.75rem;
        font-size: 0.875rem;
      }
      li span:last-child {
        white-space: nowrap;
      }
      li button {
        margin-inline-start: 0.5rem;
      }
      li span:first-child {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
    `,
  ]

  declare label: string
  declare accept: string
  declare multiple: boolean
  declare disabled: boolean
  declare files: readonly File[]
  #isOver = false

  constructor() {
    super()
    this.label = this.accept = ""
    this.multiple = this.disabled = false
    this.files = []
  }

  protected override render(): TemplateResult {
    return html`
      <label
        class="drop ${this.#isOver ? "over" : ""}"
        @dragover=${this.#over}
        @dragleave=${this.#left}
        @drop=${this.#dropped}
      >
        <input
          class="unseen"
          type="file"
          accept=${this.accept}
          ?multiple=${this.multiple}
          ?disabled=${this.disabled}
          @change=${this.#chosen}
        />
        <span class="action">${this.label}</span>
        <span class="quiet"
          >${this.multiple ? gettext("or drop them here") : gettext("or drop it here")}</span
        >
      </label>
      ${
        this.files.length
          ? html`<ul>
              ${this.files.map((file) => this.#line(file))}
            </ul>`
          : nothing
      }
    `
  }

  #line(file: File): TemplateResult {
    const remove = () => this.#become(this.files.filter((other) => other !== file))
    return html`<li>
      <span title=${file.name}>${file.name}</span>
      <span class="quiet figures">
        ${bytes(file.size)}
        <button
          type="button"
          class="plain"
          ?disabled=${this.disabled}
          aria-label=${gettext("Remove {file}", { file: file.name })}
          @click=${remove}
        >
          ${gettext("Remove")}
        </button>
      </span>
    </li>`
  }

  readonly #over = (event: DragEvent): void => {
    event.preventDefault()
    this.#isOver = !this.disabled
    this.requestUpdate()
  }

  readonly #left = (): void => {
    this.#isOver = false
    this.requestUpdate()
  }

  readonly #dropped = (event: DragEvent): void => {
    event.preventDefault()
    this.#left()
    if (!this.disabled) this.#add([...(event.dataTransfer?.files ?? [])])
  }

  readonly #chosen = (event: Event): void => {
    const input = event.target as HTMLInputElement
    this.#add([...(input.files ?? [])])
    input.value = "" // so that the same file can be chosen again after it was removed
  }

  #add(files: File[]): void {
    if (files.length) this.#become(this.multiple ? [...this.files, ...files] : files.slice(0, 1))
  }

  #become(files: readonly File[]): void {
    this.files = files
    this.dispatchEvent(new Event("change"))
  }
}

customElements.define("file-picker", FilePicker)
