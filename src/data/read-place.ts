import { closeSync, fstatSync, openSync, type Stats } from 'node:fs';
import { bounds } from '../bounds';
import { BadPicture, placeName, unreadable } from './bad-picture';
import type { Place } from './pictures';
import { readRange, readInto } from './read-range';

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
