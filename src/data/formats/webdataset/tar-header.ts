/** What a header block of a tar archive says: ustar (POSIX.1-1988), the older form before it, and GNU's. */
export interface TarHeader {
  readonly name: string;
  /** The size in bytes of the content that follows. */
  readonly size: number;
  readonly kind: 'file' | 'folder' | 'longName' | 'longLink' | 'pax' | 'globalPax' | 'other';
  /** The letter for the kind. */
  readonly letter: string;
}

export const tarBlock = 512;

const kinds: Readonly<Record<string, TarHeader['kind']>> = {
  '\0': 'file',
  '0': 'file',
  '7': 'file', // contiguous
  '5': 'folder',
  L: 'longName',
  K: 'longLink',
  x: 'pax',
  g: 'globalPax',
};

/**
 * @param header one block
 * @returns undefined if its checksum is wrong: it is damaged, or not a tar header
 */
export function tarHeader(header: Buffer): TarHeader | undefined {
  if (!checksumFits(header)) return undefined;
  const size = number(header.subarray(124, 136));
  if (size === undefined) return undefined;
  const letter = header.toString('latin1', 156, 157);
  // Only POSIX headers have the beginning of a long name there; GNU headers have times.
  const posix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = posix ? cString(header.subarray(345, 500)) : '';
  const name = cString(header.subarray(0, 100));
  return {
    name: prefix ? `${prefix}/${name}` : name,
    size,
    kind: kinds[letter] ?? 'other',
    letter: letter.trim() === '' ? 'blank' : letter,
  };
}

/**
 * Whether the checksum is right: the sum of all bytes, with those of the checksum counted as blanks. Some old programs
 * add up signed bytes.
 */
function checksumFits(header: Buffer): boolean {
  let [sum, signed] = [0, 0];
  for (let at = 0; at < tarBlock; at++) {
    const byte = at >= 148 && at < 156 ? 32 : header[at]!;
    sum += byte;
    signed += byte > 127 ? byte - 256 : byte;
  }
  const stated = number(header.subarray(148, 156));
  return stated === sum || stated === signed;
}

/** Reads a number in octal digits, or in binary if the first bit is set, as GNU tar writes large numbers. */
function number(field: Buffer): number | undefined {
  if (field[0]! >= 0x80) {
    const large = field.subarray(1).reduce((value, byte) => value * 256 + byte, field[0]! & 0x7f);
    return Number.isSafeInteger(large) ? large : undefined;
  }
  const digits = cString(field).trim();
  return /^[0-7]*$/.test(digits) ? parseInt(digits || '0', 8) : undefined;
}

/** The text before the first zero byte. */
export function cString(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return bytes.toString('utf8', 0, end < 0 ? bytes.length : end);
}

/**
 * The records of a pax header (POSIX.1-2001). Each has its own length in decimal, a blank, `key=value` and a newline.
 * @returns undefined if they have another form
 */
export function paxRecords(body: Buffer): ReadonlyMap<string, string> | undefined {
  const records = new Map<string, string>();
  for (let at = 0; at < body.length;) {
    const blank = body.indexOf(0x20, at);
    const digits = blank < 0 ? '' : body.toString('latin1', at, blank);
    const end = at + Number(digits);
    if (!/^\d{1,10}$/.test(digits) || end > body.length || end <= blank || body[end - 1] !== 0x0a)
      return undefined;
    const record = body.toString('utf8', blank + 1, end - 1);
    const equals = record.indexOf('=');
    if (equals < 1) return undefined;
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at = end;
  }
  return records;
}
