/** An image in a page that fits its width, and is shown at its own size when it is asked for. */
import { dataUri, html, type Html } from '../html';

export interface ImageFigure {
  readonly caption: string;
  readonly type: 'image/png' | 'image/webp' | 'image/svg+xml';
  readonly bytes: Uint8Array;
  /** A class for the style sheet. */
  readonly of: string;
  /** What it shows, for who cannot see it. Default: the caption. */
  readonly alt?: string;
  /** Whether the caption is shown above the image. Default: true. */
  readonly captioned?: boolean;
}

/**
 * An image as wide as the page allows, and no wider than itself. Unfolding what stands below shows it at its own size, in
 * a part that scrolls; this needs no script.
 */
export function imageFigure({
  caption,
  type,
  bytes,
  of,
  alt = caption,
  captioned = true,
}: ImageFigure): Html {
  return html`<figure class="image ${of}">
    ${captioned && html`<figcaption>${caption}</figcaption>`}
    <div class="scroll" tabindex="0" role="region" aria-label="${caption}">
      <img src="${dataUri(type, bytes)}" alt="${alt}" decoding="async" />
    </div>
    <details class="enlarge">
      <summary>At its own size<span class="unseen">: ${caption}</span></summary>
    </details>
  </figure>`;
}
