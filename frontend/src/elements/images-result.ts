import { LitElement, css, html, nothing, type TemplateResult } from "lit"

import { isLocal } from "../client/protocol"
import { gettext } from "../client/translation"
import { fileLink } from "./file-link"
import type { Images, Photo } from "./results"
import { theme } from "./theme"

/** Shows what became of photos: a gallery of thumbnails, each with links to its sizes. */
export class ImagesResult extends LitElement {
  static override readonly properties = { result: { attribute: false } }

  static override readonly styles = [
    theme,
    css`
      :host {
        display: block;
      }
      ul.gallery {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(min(100%, 8.5rem), 1fr));
        gap: 1.25rem 0.75rem;
      }
      figure {
        display: grid;
        gap: 0.4rem;
        align-content: start;
      }
      .frame {
        aspect-ratio: 4 / 3;
        display: grid;
        place-items: center;
        overflow: hidden;
        border-radius: var(--radius);
        background: var(--sunken);
      }
      img {
        width: 100%;
        height: 100%;
        object-fit: cover;
      }
      .bad {
        color: var(--bad);
        padding: 0.75rem;
        font-size: 0.875rem;
        text-align: center;
      }
      figcaption {
        font-size: 0.875rem;
        overflow-wrap: anywhere;
      }
      .dimensions {
        display: block;
      }
      .sizes {
        display: flex;
        flex-wrap: wrap;
        gap: 0.1rem 0.75rem;
        font-size: 0.8125rem;
      }
    `,
  ]

  declare result: Images | undefined

  protected override render(): TemplateResult | typeof nothing {
    if (!this.result) return nothing
    return html`<ul class="gallery">
      ${this.result.photos.map((photo) => html`<li>${figure(photo)}</li>`)}
    </ul>`
  }
}

function figure(photo: Photo): TemplateResult {
  return html`<figure>
    <div class="frame">${picture(photo)}</div>
    <figcaption>
      ${photo.name}
      ${photo.width && photo.height ? html`<span class="quiet figures dimensions">${photo.width} × ${photo.height}</span>` : nothing}
    </figcaption>
    <ul class="sizes">
      ${photo.webp?.map(({ width, link }) => html`<li>${fileLink(link, `${width} px`)}</li>`)}
    </ul>
  </figure>`
}

function picture({ name, error, thumbnail }: Photo): TemplateResult | typeof nothing {
  if (error) return html`<p class="bad">${error}</p>`
  if (!thumbnail || !isLocal(thumbnail.url)) return nothing
  return html`<img
    src=${thumbnail.url}
    alt=${gettext("Thumbnail of {name}", { name })}
    loading="lazy"
    decoding="async"
  />`
}
