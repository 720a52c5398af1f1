/** Text of strangers (names of files, of classes, in archives) as a terminal may show it. */

/** What moves the cursor, colours, rings, or turns the direction of what follows: C0, DEL, C1, and marks of direction. */
const unseen = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Text in which every character that a terminal would obey, but for the end of a line, is written as an escape: `\x1b`. */
export function visibleText(text: string): string {
  return text.replaceAll(unseen, escaped);
}

/** As `visibleText`, ends of lines too: for what has to stay on one line. */
export function visibleLine(text: string): string {
  return visibleText(text).replaceAll('\n', String.raw`\n`);
}

/** JSON as JSON allows it to be written, without a character that a terminal would obey. */
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
