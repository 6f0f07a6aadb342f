import { LitElement, html, nothing, type TemplateResult } from "lit"

import { sentenceOf } from "../client/api-error"
import { gettext } from "../client/translation"
import { upload } from "../client/upload"
import { bytes, percent } from "../client/words"
import "./file-picker"
import { KINDS, fileArguments, mailArguments, type Kind } from "./kinds"
import { useLive } from "./live"
import { starterStyle } from "./starter-style"
import { buttons, theme } from "./theme"

type Step =
  | { readonly name: "idle" }
  | { readonly name: "starting" }
  | {
      readonly name: "uploading"
      readonly file: string
      readonly received: number
      readonly total: number
    }

type Arguments = Readonly<Record<string, unknown>>

/** Starts a job on files that are brought here, on what is written here, or on a sample. */
export class JobStarter extends LitElement {
  static override readonly styles = [theme, buttons, starterStyle]

  #kind: Kind = KINDS[0] as Kind
  #files: readonly File[] = []
  #step: Step = { name: "idle" }
  #said = ""
  #failure = ""
  #uploading: AbortController | undefined

  /** The forms for those without scripts go; what one of them was answered with is said here. */
  override connectedCallback(): void {
    super.connectedCallback()
    this.#failure = this.querySelector("[role=alert]")?.textContent ?? ""
    this.replaceChildren()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#uploading?.abort()
  }

  protected override render(): TemplateResult {
    const isBusy = this.#step.name !== "idle"
    return html`
      <form @submit=${this.#submitted}>
        <fieldset class="kinds" ?disabled=${isBusy}>
          <legend class="unseen">${gettext("What to start")}</legend>
          ${KINDS.map((kind) => this.#choice(kind))}
        </fieldset>
        <p class="quiet">${this.#kind.promise()}</p>
        ${this.#kind.files ? this.#fileFields(this.#kind.files, isBusy) : mailFields(isBusy)}
        ${this.#uploadLine()}
        <div class="actions">
          <button class="main" ?disabled=${isBusy || (this.#kind.files && !this.#files.length)}>
            ${this.#startWord()}
          </button>
          <button type="button" class="plain" ?disabled=${isBusy} @click=${this.#startSample}>
            ${gettext("Use a sample")}
          </button>
        </div>
        ${this.#failure ? html`<p class="bad" role="alert">${this.#failure}</p>` : nothing}
        <p class="quiet" role="status" ?hidden=${!this.#said}>${this.#said}</p>
      </form>
    `
  }

  #startWord(): string {
    if (this.#step.name === "starting") return gettext("Starting…")
    return this.#kind.files ? gettext("Start") : gettext("Send")
  }

  #choice(kind: Kind): TemplateResult {
    const choose = () =>
      this.#set(() => ((this.#kind = kind), (this.#files = []), (this.#failure = this.#said = "")))
    return html`<label>
      <input
        class="unseen"
        type="radio"
        name="kind"
        value=${kind.kind}
        .checked=${kind === this.#kind}
        @change=${choose}
      />${kind.name()}
    </label>`
  }

  #fileFields(take: NonNullable<Kind["files"]>, isBusy: boolean): TemplateResult {
    const changed = (event: Event) =>
      this.#set(() => (this.#files = (event.target as HTMLElement & { files: File[] }).files))
    return html`<file-picker
      label=${take.label()}
      accept=${take.accept}
      ?multiple=${take.multiple}
      ?disabled=${isBusy}
      .files=${this.#files}
      @change=${changed}
    ></file-picker>`
  }

  #uploadLine(): TemplateResult | typeof nothing {
    if (this.#step.name !== "uploading") return nothing
    const { file, received, total } = this.#step
    const part = total ? received / total : 0
    return html`<div class="upload">
      <span
        >${gettext("Uploading {file}", { file })}
        <span class="quiet figures"
          >${gettext("{part} of {total}", { part: percent(part), total: bytes(total) })}</span
        ></span
      >
      <progress
        max="1"
        value=${part}
        aria-label=${gettext("Upload of {file}", { file })}
      ></progress>
      <div>
        <button type="button" class="plain" @click=${() => this.#uploading?.abort()}>
          ${gettext("Stop the upload")}
        </button>
      </div>
    </div>`
  }

  readonly #submitted = (event: SubmitEvent): void => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const take = this.#kind.files
      ? () => this.#bring()
      : () => Promise.resolve(mailArguments(new FormData(form)))
    void this.#start(take, () => clear(form))
  }

  readonly #startSample = (): void => {
    const { kind } = this.#kind
    void this.#start(() => useLive().api.sample(kind))
  }

  /** Take the arguments, start the job on them, and say how that went. */
  async #start(take: () => Promise<Arguments>, done: () => void = () => {}): Promise<void> {
    const { kind, name } = this.#kind
    this.#set(() => ((this.#step = { name: "starting" }), (this.#failure = this.#said = "")))
    try {
      await useLive().jobs.start(kind, await take())
      this.#set(
        () => ((this.#files = []), (this.#said = gettext("{name} started.", { name: name() }))),
      )
      done()
    } catch (error) {
      const isStopped = error instanceof DOMException && error.name === "AbortError"
      this.#set(() =>
        isStopped ? (this.#said = gettext("Upload stopped.")) : (this.#failure = sentenceOf(error)),
      )
    } finally {
      this.#set(() => (this.#step = { name: "idle" }))
    }
  }

  /** Upload the chosen files, one after the other. */
  async #bring(): Promise<Arguments> {
    this.#uploading = new AbortController()
    const { signal } = this.#uploading
    const ids: string[] = []
    for (const file of this.#files) {
      const progress = (received: number) =>
        this.#set(
          () => (this.#step = { name: "uploading", file: file.name, received, total: file.size }),
        )
      progress(0)
      ids.push(
        (await upload(useLive().api, { name: file.name, content: file }, { progress, signal })).id,
      )
    }
    this.#set(() => (this.#step = { name: "starting" }))
    return fileArguments(this.#kind, ids)
  }

  #set(change: () => void): void {
    change()
    this.requestUpdate()
  }
}

/** Empty what was written. A reset() would also forget which kind is chosen. */
function clear(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>(
    ".field :is(input, textarea)",
  ))
    field.value = ""
}

function mailFields(isBusy: boolean): TemplateResult {
  return html`<fieldset class="fields" ?disabled=${isBusy}>
    <label class="field"
      >${gettext("Subject")} <input name="subject" required maxlength="200" autocomplete="off"
    /></label>
    <label class="field"
      >${gettext("Letter")} <textarea name="body" rows="4" required></textarea>
    </label>
    <label class="field"
      >${gettext("Recipients")}
      <textarea name="recipients" rows="3" required autocomplete="off"></textarea>
      <small>${gettext("One address per line.")}</small></label
    >
  </fieldset>`
}

customElements.define("job-starter", JobStarter)
