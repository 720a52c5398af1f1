// Looks at every picture of a set before any is needed: whether it is whole, by its header, and which one it is.
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { UserError } from '../../core/errors';
import { BadPicture, placeName, unreadable, refused, type BadPicturePolicy } from '../image/bad-image';
import type { SkippedImage } from '../loader/batches';
import { listed } from '../formats/image-folder/image-files';
import { pictureHeader } from '../image/header';
import type { Pictures, Place } from '../dataset';
import { checkLength, wholeFile } from '../image/read';

export interface InspectOptions {
  /** Default: `fail`. */
  readonly onBadPicture?: BadPicturePolicy | undefined;
  /** Told every ten seconds how far it has come. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

export interface Inspected {
  /** Of the bytes of each picture's file, or of its part of an archive, by index; empty where they cannot be read. */
  readonly sha256: readonly string[];
  /** Those that cannot be used, in their order. Pixels are not decoded: damage among them is found only by reading. */
  readonly bad: readonly SkippedImage[];
}

/** Files that are open at a time: enough to keep a disk or a network busy, few enough for any limit of a system. */
const atOnce = 16;
/** Between two lines that tell how far it has come, in milliseconds. */
const lineEvery = 10_000;

/**
 * Reads each picture's bytes once, and checks header and end as decoding does, without decoding.
 * @param pictures as they were found, not packed
 * @throws BadPicture for the first that cannot be used, unless such are skipped; UserError naming a class of which then
 *   none is left
 */
export async function inspectPictures(pictures: Pictures, options: InspectOptions = {}): Promise<Inspected> {
  const { onBadPicture = 'fail' } = options;
  const found = await lookedAt(pictures, options);
  if (found.bad[0] && onBadPicture === 'fail') throw refused(found.bad[0]);
  expectClassesLeft(pictures, found.bad);
  return found;
}

/** As `inspectPictures`, but whoever asks decides what becomes of pictures that cannot be used. Under `fail`, the search ends at the first. */
export async function lookedAt(pictures: Pictures, options: InspectOptions = {}): Promise<Inspected> {
  const { onBadPicture = 'fail', onProgress } = options;
  const { places } = pictures;
  const sha256: string[] = Array.from(places, () => '');
  const bad: SkippedImage[] = [];
  const failed = () => bad.length > 0 && onBadPicture === 'fail';
  let told = performance.now();
  let next = 0;
  const reader = async () => {
    // In their order: where one fails, all before it are done or in hand.
    for (let index = next++; index < places.length && !failed(); index = next++) {
      const found = await inspected(places[index]!);
      sha256[index] = found.sha256;
      if (found.bad) bad.push({ index, file: found.bad.file, reason: found.bad.reason });
      if (performance.now() - told < lineEvery) continue;
      told = performance.now();
      onProgress?.(`${pictures.name}: looked at ${index + 1} of ${places.length} pictures`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return { sha256, bad: bad.sort((one, other) => one.index - other.index) };
}

/** The SHA-256 of pictures, as `inspectPictures` tells them. */
export async function digestsOf(places: readonly Place[]): Promise<readonly string[]> {
  const sha256: string[] = [];
  for (let start = 0; start < places.length; start += atOnce) {
    const found = await Promise.all(places.slice(start, start + atOnce).map(inspected));
    for (const one of found) sha256.push(one.sha256);
  }
  return sha256;
}

/**
 * @param bad pictures of the set that cannot be read
 * @throws UserError naming the classes that have pictures, of which none can be read
 */
export function expectClassesLeft(
  { name, classes, labels }: Pick<Pictures, 'name' | 'classes' | 'labels'>,
  bad: readonly SkippedImage[],
): void {
  if (bad.length === 0) return;
  const without = new Set(bad.map(({ index }) => index));
  const left = new Set<number>();
  labels.forEach((label, index) => void (without.has(index) || left.add(label)));
  const lost = bad.filter(({ index }) => !left.has(labels[index]!));
  const [first] = lost;
  if (!first) return;
  const names = new Set(lost.map(({ index }) => classes[labels[index]!]!));
  throw new UserError(
    `${name}: expected pictures of each class that can be read, found none of ${listed([...names], 3)} ` +
      `(${lost.length} unreadable; ${first.file}: ${first.reason})`,
  );
}

async function inspected(
  place: Place,
): Promise<{ readonly sha256: string; readonly bad: BadPicture | undefined }> {
  if (place.packed) throw new RangeError(`${placeName(place)}: expected a picture that is not packed`);
  let sha256 = '';
  try {
    const bytes = await readAside(place);
    sha256 = createHash('sha256').update(bytes).digest('hex');
    pictureHeader(placeName(place), bytes);
    return { sha256, bad: undefined };
  } catch (error) {
    if (error instanceof BadPicture) return { sha256, bad: error };
    throw error;
  }
}

/** The bytes of a picture, as `readPlace` reads them but without blocking the thread. */
async function readAside(place: Place): Promise<Buffer> {
  try {
    const file = await open(place.file);
    try {
      const { offset, length } = place.part ?? wholeFile(place, await file.stat());
      const bytes = Buffer.allocUnsafeSlow(length);
      let read = 0;
      while (read < length) {
        const { bytesRead } = await file.read(bytes, read, length - read, offset + read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      if (place.part) checkLength(place, read);
      return bytes.subarray(0, read);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(place, error);
  }
}
