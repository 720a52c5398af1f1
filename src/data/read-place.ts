import { readFileSync } from 'node:fs';
import { BadPicture, placeName, unreadable } from './bad-picture';
import type { Place } from './pictures';
import { readRange } from './read-range';

/**
 * The encoded bytes of a picture.
 * @throws BadPicture when the file is gone or cannot be read, or is shorter than it was when its parts were listed
 */
export async function readPlace(place: Place): Promise<Buffer> {
  try {
    return place.part ? readPart(place, place.part) : readFileSync(place.file);
  } catch (error) {
    throw unreadable(place, error);
  }
}

function readPart(place: Place, { offset, length }: NonNullable<Place['part']>): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const read = readRange(place.file, offset, bytes);
  if (read === length) return bytes;
  throw new BadPicture(
    placeName(place),
    `expected ${length} bytes from byte ${offset}, found only ${read}: the file has changed`,
  );
}
