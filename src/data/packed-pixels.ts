import { crc32 } from 'node:zlib';
import { UserError, codeOf } from '../errors';
import type { Place } from './pictures';
import { readRange } from './read-range';

/** One for each thread, which reads one packed picture at a time. */
let buffer = new Uint8Array(0);

/**
 * The pixels of a packed picture, good until the next call.
 *
 * They are read, not mapped into memory: a map saves about 20 µs of some 500 that a picture takes in all, and where a
 * shard is cut short meanwhile, reading ends in an error and a map would end the process.
 * @throws UserError when the shard is gone or shorter than it was, or its pixels are not those that were packed
 */
export function packedPixels(place: Place & Required<Pick<Place, 'part' | 'packed'>>): Uint8Array {
  const { offset, length } = place.part;
  if (buffer.length !== length) buffer = new Uint8Array(length);
  const read = readShard(place, offset);
  if (read < length) throw changed(place, `the end of ${place.file} at byte ${offset + read}`);
  const { crc32: packed } = place.packed;
  if (packed !== null && crc32(buffer) !== packed) throw damaged(place);
  return buffer;
}

function readShard(place: Place, offset: number): number {
  try {
    return readRange(place.file, offset, buffer);
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? changed(place, `no ${place.file} any more`) : error;
  }
}

/** Of its size, it would be taken for whole again. */
function damaged({ file, part }: Place): UserError {
  return new UserError(
    `${part?.name}: expected the pixels that were packed, found others in ${file}; remove that file, and the next run ` +
      'packs it anew',
  );
}

function changed({ part }: Place, found: string): UserError {
  return new UserError(
    `${part?.name}: expected it packed as it was, found ${found}; the next run packs it anew`,
  );
}
