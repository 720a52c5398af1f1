/** Reads text files that people and other programs write: detects the encoding of their bytes, or refuses them. */
import { readFile, stat } from 'node:fs/promises';
import { TextDecoder } from 'node:util';
import { bounds } from '../bounds';
import { UserError } from '../errors';

/** A list of names takes kilobytes; a file larger than this is not one. */
const { bytes: mostBytes, lines: mostLines } = bounds.text;

/**
 * The text in a file or a pipe; devices are refused, because some of them have no end.
 * @throws UserError if it is not text; the system's error if it cannot be read
 */
export async function readText(path: string): Promise<string> {
  const found = await stat(path);
  if (!found.isFile() && !found.isFIFO() && !found.isDirectory())
    throw new UserError(`${path}: expected a text file, found neither a file nor a folder`);
  return decodedText(await readFile(path), path);
}

/**
 * Decodes bytes as UTF-8, or as UTF-16 if they begin with a byte order mark or every character has the form of UTF-16.
 * Bytes in another encoding are refused, because a guess could silently turn them into other letters.
 * @param where names the source of the bytes in messages
 * @throws UserError with the position of the first byte that is not text
 */
export function decodedText(bytes: Uint8Array, where: string): string {
  if (bytes.length > mostBytes) {
    throw new UserError(`${where}: expected text of at most ${mostBytes} bytes, found ${bytes.length}`);
  }
  expectFewLines(bytes, where);
  const encoding = encodingOf(bytes);
  if (encoding === 'utf-32') {
    throw new UserError(`${where}: expected text in UTF-8, found UTF-32; ${converted('UTF-32')}`);
  }
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
    if (!text.includes('\0')) return text;
  } catch {
    if (encoding !== 'utf-8') {
      throw new UserError(`${where}: expected text, found ${encoding.toUpperCase()} that is not whole`);
    }
  }
  throw noText(Buffer.from(bytes), where);
}

/** Limits the number of lines: each line cut from a text takes tens of bytes, however short it is. */
export function expectFewLines(bytes: Uint8Array, where: string): void {
  let found = 0;
  for (let at = 0; at < bytes.length; at++) if (bytes[at] === 0x0a || bytes[at] === 0x0d) found++;
  if (found > mostLines)
    throw new UserError(`${where}: expected text of at most ${mostLines} lines, found ${found}`);
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'utf-32';

function encodingOf(bytes: Uint8Array): Encoding {
  const [one, two, three, four] = bytes;
  if (one === 0xff && two === 0xfe) return three === 0 && four === 0 ? 'utf-32' : 'utf-16le';
  if (one === 0xfe && two === 0xff) return 'utf-16be';
  if (one === 0 && two === 0 && three === 0xfe && four === 0xff) return 'utf-32';
  return unmarked(bytes);
}

/** In UTF-16, one of the two bytes of a Latin letter is zero, always the same one. */
function unmarked(bytes: Uint8Array): Encoding {
  if (bytes.length % 2 === 1) return 'utf-8';
  let [even, odd] = [0, 0];
  for (let at = 0; at < bytes.length; at += 2) {
    if (bytes[at] === 0) even++;
    if (bytes[at + 1] === 0) odd++;
  }
  const most = bytes.length / 4;
  if (odd > most && even === 0) return 'utf-16le';
  if (even > most && odd === 0) return 'utf-16be';
  return 'utf-8';
}

function noText(bytes: Buffer, where: string): UserError {
  const again = Buffer.from(bytes.toString('utf8'));
  let at = bytes.findIndex((byte, index) => byte === 0 || byte !== again[index]);
  if (at < 0) at = bytes.length - 1;
  const before = bytes.subarray(0, at);
  const line = before.reduce((lines, byte) => lines + (byte === 0x0a ? 1 : 0), 1);
  const place = `byte ${at - before.lastIndexOf(0x0a)} of line ${line}`;
  const found = `0x${bytes[at]!.toString(16).padStart(2, '0')}`;
  return new UserError(
    bytes[at] === 0
      ? `${where}: expected text in UTF-8, found ${found} as ${place}, which is no text`
      : `${where}: expected text in UTF-8, found ${found} as ${place}; if it is Latin-1, ${converted('WINDOWS-1252')}`,
  );
}

const converted = (encoding: string) => `iconv -f ${encoding} -t UTF-8 FILE > NEW converts it`;
