import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { crc32 } from 'node:zlib';
import { UserError, codeOf } from '../errors';
import type { Place } from './pictures';
import { readInto } from './read-range';

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
