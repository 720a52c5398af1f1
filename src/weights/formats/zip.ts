/**
 * Reads zip archives in memory, from untrusted sources. No library is used, so that all damage is reported as one kind
 * of error, nothing is decompressed before it is requested, and a stored entry takes no extra memory.
 * Source: PKWARE's APPNOTE.TXT 6.3.10.
 */
import { crc32, inflateRawSync } from 'node:zlib';
import { bounds, mostUnpacked } from '../../core/bounds';
import { UserError, messageOf, quoted, refusalOf, type Refuse } from '../../core/errors';

export interface ZipEntry {
  /** With `/` between folders; never an absolute path, and never with `..`. */
  readonly name: string;
  /** The uncompressed size in bytes. */
  readonly size: number;
  /**
   * The uncompressed bytes: for a stored entry, a part of the archive's memory; for a deflated one, memory that is
   * allocated once and kept as long as the archive.
   * @throws UserError when they are damaged, which the checksum also detects
   */
  bytes(): Uint8Array;
}

/**
 * Lists the entries of an archive, without folders. Nothing is decompressed.
 * @throws UserError when it is damaged, encrypted, in several parts or compressed by a method other than deflate, when
 *   entries share a name or bytes, lead out of the archive, or would grow beyond the size of any weights
 */
export function readZip(file: Uint8Array, where: string): ReadonlyMap<string, ZipEntry> {
  const buffer = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const refuse = refusalOf(`${where} is not a whole zip archive`);
  const { count, begin, end } = directoryOf(buffer, refuse);
  if (count > bounds.zip.entries) refuse(`at most ${bounds.zip.entries} entries`, String(count));
  const records: Central[] = [];
  for (let at = begin; records.length < count;) {
    const record = centralAt(buffer, at, end, refuse);
    records.push(record);
    at = record.next;
  }
  records.sort((a, b) => a.header - b.header);
  const entries = new Map<string, ZipEntry>();
  let taken = 0;
  for (const record of records) {
    const { name, size } = record;
    const data = dataOf(buffer, record, taken, begin, refuse);
    taken = data.byteOffset - buffer.byteOffset + data.length;
    if (name.endsWith('/')) continue;
    if (entries.has(name)) refuse('every name once', `two entries ${quoted(name)}`);
    let bytes: Uint8Array | undefined;
    entries.set(name, {
      name,
      size,
      bytes: () => (bytes ??= checked(unpacked(data, record, refuse), record, refuse)),
    });
  }
  const grown = records.reduce((sum, { size }) => sum + size, 0);
  const most = mostUnpacked(file.length);
  if (grown > most) refuse(`entries of at most ${most} bytes when unpacked`, String(grown));
  return entries;
}

/** An entry as described in the central directory at the archive's end. */
interface Central {
  readonly name: string;
  readonly method: number;
  readonly packed: number;
  readonly size: number;
  /** The CRC-32 of the uncompressed bytes. */
  readonly crc: number;
  /** The offset of the entry's own header. */
  readonly header: number;
  /** The offset of the directory's next record. */
  readonly next: number;
}

const methods = { stored: 0, deflated: 8 } as const;

/** The number of records in the central directory, and the range of its bytes. */
function directoryOf(buffer: Buffer, refuse: Refuse): { count: number; begin: number; end: number } {
  const last = buffer.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  if (last < 0 || last + 22 > buffer.length) refuse('the directory at its end', 'none');
  const wide = last >= 20 && buffer.readUInt32LE(last - 20) === 0x07064b50;
  const at = wide ? wideDirectory(buffer, last - 20, refuse) : last;
  const [count, size, begin] = wide
    ? [long(buffer, at + 32, refuse), long(buffer, at + 40, refuse), long(buffer, at + 48, refuse)]
    : [buffer.readUInt16LE(at + 10), buffer.readUInt32LE(at + 12), buffer.readUInt32LE(at + 16)];
  if (begin + size > at)
    refuse(`a directory before byte ${at}`, `one of ${size} bytes from byte ${begin} on`);
  return { count, begin, end: begin + size };
}

/** The offset of the record that replaces the last one in archives of more than 4 GB or 65,535 entries. */
function wideDirectory(buffer: Buffer, locator: number, refuse: Refuse): number {
  const at = long(buffer, locator + 8, refuse);
  if (at + 56 > locator || buffer.readUInt32LE(at) !== 0x06064b50)
    refuse('the directory where its locator says', `none at byte ${at}`);
  return at;
}

function centralAt(buffer: Buffer, at: number, end: number, refuse: Refuse): Central {
  if (at + 46 > end || buffer.readUInt32LE(at) !== 0x02014b50)
    refuse('an entry of the directory', `none at byte ${at}`);
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((field) =>
    buffer.readUInt16LE(at + field),
  );
  const extra = at + 46 + nameLength!;
  const next = extra + extraLength! + commentLength!;
  if (next > end) refuse(`an entry of the directory before byte ${end}`, `one up to byte ${next}`);
  const name = buffer.toString('utf8', at + 46, extra);
  const said = quoted(name);
  if (/^[/\\]|^[A-Za-z]:|\\|\0|(?:^|\/)\.\.(?:\/|$)/.test(name))
    refuse('names that stay inside the archive', said);
  if (buffer.readUInt16LE(at + 8) & 0x2041) refuse('entries without encryption', `${said} encrypted`);
  const method = buffer.readUInt16LE(at + 10);
  if (method !== methods.stored && method !== methods.deflated)
    refuse('entries stored or deflated', `${said} packed by method ${method}`);
  const wide = wideSizes(buffer, extra, extra + extraLength!, refuse);
  const [size, packed, header] = [24, 20, 42].map((field) => {
    const narrow = buffer.readUInt32LE(at + field);
    return narrow === 0xffffffff ? wide() : narrow;
  }) as [number, number, number];
  if (method === methods.stored && packed !== size)
    refuse(`${size} bytes of the stored entry ${said}`, String(packed));
  return { name, method, packed, size, crc: buffer.readUInt32LE(at + 16), header, next };
}

/** Reads, one after the other, the sizes that did not fit into 32 bits. */
function wideSizes(buffer: Buffer, begin: number, end: number, refuse: Refuse): () => number {
  let from = end;
  let to = end;
  for (let at = begin; at + 4 <= end && from === end; at += 4 + buffer.readUInt16LE(at + 2)) {
    if (buffer.readUInt16LE(at) === 1) [from, to] = [at + 4, at + 4 + buffer.readUInt16LE(at + 2)];
  }
  return () => {
    if (from + 8 > Math.min(to, end)) return refuse('the size of an entry of more than 4 GB', 'none');
    from += 8;
    return long(buffer, from - 8, refuse);
  };
}

/** The compressed bytes, which follow the entry's own header; entries must not overlap. */
function dataOf(
  buffer: Buffer,
  { name, header, packed }: Central,
  taken: number,
  end: number,
  refuse: Refuse,
): Uint8Array {
  const said = quoted(name);
  if (header < taken) refuse(`entry ${said} after the one before it`, 'one that overlaps it');
  if (header + 30 > end || buffer.readUInt32LE(header) !== 0x04034b50)
    refuse(`entry ${said} at byte ${header}`, 'something else');
  const begin = header + 30 + buffer.readUInt16LE(header + 26) + buffer.readUInt16LE(header + 28);
  if (begin + packed > end)
    refuse(`entry ${said} before the directory`, `${packed} bytes from byte ${begin} on`);
  return buffer.subarray(begin, begin + packed);
}

function unpacked(data: Uint8Array, { name, method, size }: Central, refuse: Refuse): Uint8Array {
  if (method === methods.stored) return data;
  const said = quoted(name);
  try {
    const bytes = inflateRawSync(data, { maxOutputLength: Math.max(1, size) });
    return bytes.length === size ? bytes : refuse(`${size} bytes in entry ${said}`, String(bytes.length));
  } catch (error) {
    if (error instanceof UserError) throw error;
    return refuse(`${size} deflated bytes in entry ${said}`, `others (${messageOf(error)})`);
  }
}

/** Checks the CRC-32, unless it is zero: PyTorch has a setting to save files without checksums. */
function checked(bytes: Uint8Array, { name, crc }: Central, refuse: Refuse): Uint8Array {
  const found = crc === 0 ? 0 : crc32(bytes);
  const said = (value: number) => value.toString(16).padStart(8, '0');
  if (found !== crc) refuse(`entry ${quoted(name)} with the CRC-32 ${said(crc)}`, `${said(found)}: damaged`);
  return bytes;
}

function long(buffer: Buffer, at: number, refuse: Refuse): number {
  const value = Number(buffer.readBigUInt64LE(at));
  return Number.isSafeInteger(value) ? value : refuse('sizes within 2^53', String(value));
}
