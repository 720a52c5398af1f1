/** Reads JSON texts of unknown origin within bounds of size and depth. */
import { bounds } from '../bounds';
import { messageOf, refusalOf, type Refuse } from '../errors';

/** Limits on the size and depth of a JSON text; default: `bounds.json`. */
export interface JsonBounds {
  readonly text: number;
  readonly values: number;
  readonly deep: number;
}

/**
 * Parses a JSON text.
 * @throws UserError when the text is not JSON, is too long, is nested too deeply or holds more values than any
 *   description needs: parsing a text of brackets alone takes sixty times its size
 */
export function readJson(text: Uint8Array, where: string, most: JsonBounds = bounds.json): unknown {
  const refuse = refusalOf(where);
  boundJson(text, refuse, most);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch (error) {
    return refuse('JSON', `something else (${messageOf(error).split('\n')[0]!.slice(0, 80)})`);
  }
}

const [quote, backslash] = [0x22, 0x5c];
const opening = [0x5b, 0x7b]; // [ {
const closing = [0x5d, 0x7d]; // ] }
const separating = [0x2c, 0x3a]; // , :

/**
 * Refuses a text that would take too much memory to parse. Counts the brackets, commas and colons outside strings;
 * there are at least half as many of them as values. The parser checks whether they are in the right places.
 */
export function boundJson(text: Uint8Array, refuse: Refuse, most: JsonBounds = bounds.json): void {
  if (text.length > most.text) refuse(`JSON of at most ${most.text} bytes`, String(text.length));
  let [deep, values] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const byte = text[at]!;
    if (byte === quote) {
      for (at++; at < text.length && text[at] !== quote; at++) if (text[at] === backslash) at++;
    } else if (opening.includes(byte)) {
      if (++deep > most.deep) refuse(`JSON at most ${most.deep} deep`, 'deeper');
      values++;
    } else if (closing.includes(byte)) deep--;
    else if (separating.includes(byte)) values++;
    if (values > most.values) refuse(`JSON of at most ${most.values} values`, 'more');
  }
}

/** The member of an object; undefined if the value is not an object or has no own member of this name. */
export function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
