/** Looks at every image of a set before any is needed: whether it is whole, by its header, and which one it is. */
import { sha256Of } from '../../core/io/hash';
import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { performance } from 'node:perf_hooks';

import {
  alone,
  gatherJson,
  shareOf,
  type Communicator,
  type Share,
} from '../../core/io/process/communicator';
import { together } from '../../core/io/process/together';
import type { Recipe } from '../../core/network';
import { BadImageError, imageName, unreadable, refused, type BadImagePolicy } from '../image/bad-image';
import { batchesInOrder, expectClassesLeft, type SkippedImage } from '../loader/batches';
import { openLoader } from '../loader/loader';

import { imageHeader } from '../image/header';
import { indicesWithout, subset, type ImageFile, type ImageFiles, type ImageSet } from '../dataset';
import { checkLength, wholeFile } from '../image/read';

/** How images are checked before a training. */
export interface InspectOptions {
  /** Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
  /** Called with the progress every ten seconds. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/** Which images to look at; the digests of others are empty. */
interface Looking extends InspectOptions {
  readonly share?: Share | undefined;
}

/** What a check of images found. */
export interface Inspected {
  /** By index, the digest of the image's bytes in its file or archive; empty if they cannot be read. */
  readonly sha256: readonly string[];
  /** Images that cannot be used, in order. Pixels are not decoded here, so damage among them is found only later. */
  readonly bad: readonly SkippedImage[];
}

/** Files open at a time: enough to keep a disk or a network busy, few enough for any system's limit. */
const atOnce = 16;
/** Time between two lines of progress, in milliseconds. */
const lineEvery = 10_000;

/**
 * Reads each image's bytes once, and checks header and end as decoding does, without decoding.
 * @param images the original images, not packed ones
 * @param ranks those that look at them together, see `lookedAtByRanks`. Default: this process is alone
 * @throws BadImageError for the first image that cannot be used, unless such images are skipped; UserError naming a
 *   class that then has no image left
 */
export async function inspectImages(
  images: ImageFiles,
  options: InspectOptions = {},
  ranks: Communicator = alone,
): Promise<Inspected> {
  const { onBadImage = 'fail' } = options;
  const found = await lookedAtByRanks(ranks, images, options);
  if (found.bad[0] && onBadImage === 'fail') throw refused(found.bad[0]);
  expectClassesLeft(images, found.bad);
  return found;
}

/**
 * As `inspectImages`, but the caller decides what to do about images that cannot be used. With `fail`, the search ends
 * at the first one.
 */
export async function lookedAt(images: ImageFiles, options: Looking = {}): Promise<Inspected> {
  const { files } = images;
  const { onBadImage = 'fail', onProgress, share = { first: 0, end: files.length } } = options;
  const sha256: string[] = Array.from(files, () => '');
  const bad: SkippedImage[] = [];
  const failed = () => bad.length > 0 && onBadImage === 'fail';
  let told = performance.now();
  let next = share.first;
  const reader = async () => {
    // Files are started in order: when one fails, all before it are finished or in progress.
    for (let index = next++; index < share.end && !failed(); index = next++) {
      const found = await inspected(files[index]!);
      sha256[index] = found.sha256;
      if (found.bad) bad.push({ index, file: found.bad.file, reason: found.bad.reason });
      if (performance.now() - told < lineEvery) continue;
      told = performance.now();
      onProgress?.(
        `${images.name}: looked at ${index + 1 - share.first} of ${share.end - share.first} images`,
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
  return { sha256, bad: bad.sort((one, other) => one.index - other.index) };
}

/**
 * As `lookedAt`, by several ranks: those of a host look at each image once between them, so that no disk is read more
 * often than by one process, and none is trusted to hold what another one holds.
 * @param known the digests that rank 0 has just found, if it has: it does not look again, and the others tell each other
 *   only what differs
 * @returns on each rank what those of its host found
 */
export async function lookedAtByRanks(
  ranks: Communicator,
  images: ImageFiles,
  options: InspectOptions,
  known?: readonly string[],
): Promise<Inspected> {
  if (ranks.size === 1) return lookedAt(images, options);
  const share = shareOf(images.files.length, ranks.local);
  const own = await together(ranks, async () => {
    if (known && ranks.rank === 0) return { found: [], bad: [] };
    const { sha256, bad } = await lookedAt(images, { ...options, share });
    const found = sha256
      .slice(share.first, share.end)
      .map((digest, at) => [share.first + at, digest] as const);
    return { found: known ? found.filter(([index, digest]) => digest !== known[index]) : found, bad };
  });
  const host = hostname();
  const all = await gatherJson(ranks, { host, ...own });
  const here = all.filter((each) => each.host === host);
  const sha256 = known ? [...known] : Array.from(images.files, () => '');
  for (const [index, digest] of here.flatMap(({ found }) => found)) sha256[index] = digest;
  return { sha256, bad: here.flatMap(({ bad }) => bad).sort((one, other) => one.index - other.index) };
}

/** The SHA-256 of images, as `inspectImages` returns them. */
export async function digestsOf(files: readonly ImageFile[]): Promise<readonly string[]> {
  const sha256: string[] = [];
  for (let start = 0; start < files.length; start += atOnce) {
    const found = await Promise.all(files.slice(start, start + atOnce).map(inspected));
    for (const one of found) sha256.push(one.sha256);
  }
  return sha256;
}

async function inspected(
  imageFile: ImageFile,
): Promise<{ readonly sha256: string; readonly bad: BadImageError | undefined }> {
  if (imageFile.packed) throw new RangeError(`${imageName(imageFile)}: expected an image that is not packed`);
  let sha256 = '';
  try {
    const bytes = await readAside(imageFile);
    sha256 = sha256Of(bytes);
    imageHeader(imageName(imageFile), bytes);
    return { sha256, bad: undefined };
  } catch (error) {
    if (error instanceof BadImageError) return { sha256, bad: error };
    throw error;
  }
}

/** The bytes of an image, as `readImageFile` reads them but without blocking the thread. */
async function readAside(imageFile: ImageFile): Promise<Buffer> {
  try {
    const file = await open(imageFile.file);
    try {
      const { offset, length } = imageFile.part ?? wholeFile(imageFile, await file.stat());
      const bytes = Buffer.allocUnsafeSlow(length);
      let read = 0;
      while (read < length) {
        const { bytesRead } = await file.read(bytes, read, length - read, offset + read);
        if (bytesRead === 0) break;
        read += bytesRead;
      }
      if (imageFile.part) checkLength(imageFile, read);
      return bytes.subarray(0, read);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw unreadable(imageFile, error);
  }
}

/** The images of a set without the images that cannot be read; all are decoded to find out, in their order. */
export async function dropUnreadable(
  data: ImageSet,
  { input }: Pick<Recipe, 'input'>,
  workers?: number,
): Promise<ImageSet> {
  if (data.kind === 'pixels') return data;
  const loader = openLoader({ workers, onBadImage: 'skip' });
  const bad = new Set<number>();
  try {
    const recipe = { input: { shape: input.shape, preprocess: [] }, augment: [] };
    for await (const { skipped = [] } of batchesInOrder(data, recipe, 32, { loader })) {
      for (const { index } of skipped) bad.add(index);
    }
  } finally {
    await loader.close();
  }
  if (bad.size === 0) return data;
  return subset(data, indicesWithout(data, bad), data.name);
}
