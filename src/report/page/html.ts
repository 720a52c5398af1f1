/** Markup that can be put into a page unescaped. */
export interface Html {
  readonly markup: string;
}

/** What a template accepts: text is escaped, lists are joined, null and false yield nothing. */
export type Content = string | number | Html | null | false | readonly Content[];

/** Markup from a template; inserted values are escaped unless they are markup themselves. */
export function html(strings: TemplateStringsArray, ...contents: readonly Content[]): Html {
  const parts = strings.map(
    (text, index) => text + (index < contents.length ? markupOf(contents[index]!) : ''),
  );
  return { markup: parts.join('') };
}

/** Marks a string from elsewhere, such as an SVG file, as markup. */
export function trusted(markup: string): Html {
  return { markup };
}

function markupOf(content: Content): string {
  if (content === null || content === false) return '';
  if (typeof content === 'number') return String(content);
  if (typeof content === 'string') return escapedText(content);
  return 'markup' in content ? content.markup : content.map(markupOf).join('');
}

function escapedText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A data URI that contains the whole file. */
export function dataUri(type: string, bytes: Uint8Array): string {
  return `data:${type};base64,${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')}`;
}
