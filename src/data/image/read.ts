/** The bytes of stored images: of a file, of a part of one, or of a packed cache. */
import { closeSync, fstatSync, openSync, type Stats, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { UserError, codeOf } from '../../core/errors';
import type { Place } from '../dataset';
import { bounds } from '../../core/bounds';
import { BadPicture, placeName, unreadable } from './bad-image';

type Packed = Place & Required<Pick<Place, 'part' | 'packed'>>;

/** One for each thread, which reads one packed picture at a time. */
let buffer = new Uint8Array(0);

/**
 * The pixels of a packed picture, good until the next call.
 *
 * They are read, not mapped into memory: a map saves about 20 µs of some 500 that a picture takes in all, and where a
 * shard is cut short meanwhile, reading ends in an error and a map would end the process.
 * @throws UserError when the shard is gone or shorter than it was, or its pixels are not those that were packed
 */
export function packedPixels(place: Packed): Uint8Array {
  const { offset, length } = place.part;
  if (buffer.length !== length) buffer = new Uint8Array(length);
  const file = openShard(place);
  try {
    const state = fstatSync(file);
    const read = readInto(file, offset, buffer);
    if (read < length) throw changed(place, `the end of ${place.file} at byte ${offset + read}`);
    check(place, state);
    return buffer;
  } finally {
    closeSync(file);
  }
}

function openShard(place: Place): number {
  try {
    return openSync(place.file, 'r');
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? changed(place, `no ${place.file} any more`) : error;
  }
}

/** Which pictures of a shard were found as they were packed, while it was in this state. */
interface Checked {
  readonly state: Pick<Stats, 'ino' | 'size' | 'mtimeMs'>;
  /** By row, 1 for such a picture. */
  readonly rows: Uint8Array;
}

/** By file. */
const checked = new Map<string, Checked>();

/**
 * A checksum takes a sixth of what a picture takes in all, so that it is computed when the picture is first read, and
 * again when the file was written to or replaced.
 */
function check({ file, part, packed }: Packed, { ino, size, mtimeMs }: Stats): void {
  if (packed.crc32 === null) return;
  let known = checked.get(file);
  if (known?.state.ino !== ino || known.state.size !== size || known.state.mtimeMs !== mtimeMs) {
    known = { state: { ino, size, mtimeMs }, rows: new Uint8Array(Math.ceil(size / part.length)) };
    checked.set(file, known);
  }
  const row = part.offset / part.length;
  if (known.rows[row]) return;
  if (crc32(buffer) !== packed.crc32) throw damaged(file, part);
  known.rows[row] = 1;
}

/** Of its size, it would be taken for whole again. */
function damaged(file: string, part: Packed['part']): UserError {
  return new UserError(
    `${part.name}: expected the pixels that were packed, found others in ${file}; remove that file, and the next run ` +
      'packs it anew',
  );
}

function changed({ part }: Place, found: string): UserError {
  return new UserError(
    `${part?.name}: expected it packed as it was, found ${found}; the next run packs it anew`,
  );
}

type Part = NonNullable<Place['part']>;

const { file: mostBytes } = bounds.picture;

/**
 * The encoded bytes of a picture.
 * @throws BadPicture when the file is gone or cannot be read, or is shorter than it was when its parts were listed
 */
export async function readPlace(place: Place): Promise<Buffer> {
  try {
    return place.part ? readPart(place, place.part) : readFile(place);
  } catch (error) {
    throw unreadable(place, error);
  }
}

function readPart(place: Place, { offset, length }: Part): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  checkLength(place, readRange(place.file, offset, bytes));
  return bytes;
}

function readFile(place: Place): Buffer {
  const file = openSync(place.file, 'r');
  try {
    const { length } = wholeFile(place, fstatSync(file));
    const bytes = Buffer.allocUnsafe(length);
    return bytes.subarray(0, readInto(file, 0, bytes));
  } finally {
    closeSync(file);
  }
}

/** @throws BadPicture unless what is open is a file of a size that a picture can have */
export function wholeFile(
  place: Place,
  found: Pick<Stats, 'size' | 'isFile' | 'isDirectory'>,
): Omit<Part, 'name'> {
  if (found.isDirectory()) throw new BadPicture(placeName(place), 'expected a picture, found a folder');
  if (!found.isFile()) throw new BadPicture(placeName(place), 'expected a picture, found a pipe or a device');
  if (found.size > mostBytes) {
    throw new BadPicture(
      placeName(place),
      `expected a picture of at most ${mostBytes} bytes, found ${found.size}`,
    );
  }
  return { offset: 0, length: found.size };
}

/** @throws BadPicture where fewer bytes of a part were read than there were */
export function checkLength({ file, part }: Place, read: number): void {
  if (!part || read === part.length) return;
  throw new BadPicture(
    placeName({ file, part }),
    `expected ${part.length} bytes from byte ${part.offset}, found only ${read}: the file has changed`,
  );
}

/**
 * Fills an array from a place in a file on. It blocks the thread until the disk answers, which costs a tenth of what
 * asking other threads does: pictures are read in threads of their own.
 * @returns how many bytes the file had, fewer than wanted where it ends
 */
export function readRange(path: string, offset: number, into: Uint8Array): number {
  const file = openSync(path, 'r');
  try {
    return readInto(file, offset, into);
  } finally {
    closeSync(file);
  }
}

/** As `readRange`, of a file that is open. */
export function readInto(file: number, offset: number, into: Uint8Array): number {
  let read = 0;
  while (read < into.length) {
    const bytes = readSync(file, into, read, into.length - read, offset + read);
    if (bytes === 0) break;
    read += bytes;
  }
  return read;
}
