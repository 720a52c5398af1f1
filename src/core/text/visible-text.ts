/** Makes text from untrusted sources (names of files, of classes, in archives) safe to show in a terminal. */

/**
 * Characters that move the cursor, change colours, ring the bell or turn the text direction: C0, DEL, C1, bidi marks.
 */
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** The text with every character that controls a terminal, except line feeds, written as an escape: `\x1b`. */
export function visibleText(text: string): string {
  return text.replaceAll(unseen, escaped);
}

/** Like `visibleText`, but also escapes line ends: for text that has to stay on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', String.raw`\n`);
}

/** The same JSON, with every character that controls a terminal written as a JSON escape. */
export function visibleJson(json: string): string {
  return json.replaceAll(unseen, (character) => `\\u${hex(character).padStart(4, '0')}`);
}

const short: Readonly<Record<string, string>> = { '\r': String.raw`\r`, '\t': String.raw`\t` };

function escaped(character: string): string {
  const code = hex(character);
  return (
    short[character] ?? (code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`)
  );
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16);
}
