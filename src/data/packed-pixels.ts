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
 * @throws UserError when the shard is gone or shorter than it was
 */
export function packedPixels(place: Place & Required<Pick<Place, 'part'>>): Uint8Array {
  const { offset, length } = place.part;
  if (buffer.length !== length) buffer = new Uint8Array(length);
  const read = readShard(place, offset);
  if (read < length) throw changed(place, `the end of ${place.file} at byte ${offset + read}`);
  return buffer;
}

function readShard(place: Place, offset: number): number {
  try {
    return readRange(place.file, offset, buffer);
  } catch (error) {
    throw codeOf(error) === 'ENOENT' ? changed(place, `no ${place.file} any more`) : error;
  }
}

function changed({ part }: Place, found: string): UserError {
  return new UserError(
    `${part?.name}: expected it packed as it was, found ${found}; the next run packs it anew`,
  );
}
