/** Decodes an image of each class before any is needed: headers may be sound where no pixels are. */
import { type BadImageError, refused, type BadImagePolicy } from '../image/bad-image';
import type { SkippedImage } from '../loader/batches';
import { checkImage } from '../image/open-image';
import { expectClassesLeft } from '../loader/batches';
import type { ImageFiles } from '../dataset';

/** Images decoded at a time; sharp decodes on its own threads. */
const atOnce = 8;

/**
 * For each class, decodes images in order until one succeeds: usually only the first, more if some are damaged. So a
 * class without any readable image is found before the training, not by its error afterwards.
 * @param bad the images that are known to be unreadable
 * @throws BadImageError for an image that cannot be decoded, unless such images are skipped; UserError naming a class
 *   none of whose images can be decoded
 */
export async function expectDecoded(
  images: ImageFiles,
  bad: readonly SkippedImage[],
  onBadImage: BadImagePolicy = 'fail',
): Promise<void> {
  const known = new Set(bad.map(({ index }) => index));
  const ofClass = new Map<number, number[]>();
  images.labels.forEach((label, index) => {
    if (known.has(index)) return;
    const indices = ofClass.get(label);
    if (indices) indices.push(index);
    else ofClass.set(label, [index]);
  });
  const waiting = [...ofClass.values()];
  const reader = async () => {
    for (let indices = waiting.shift(); indices; indices = waiting.shift()) {
      const damaged = await damagedBefore(images, indices, onBadImage);
      if (damaged.length === indices.length) expectClassesLeft(images, [...bad, ...damaged]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
}

/** The images of a class before the first one that can be decoded. */
async function damagedBefore(
  { files }: ImageFiles,
  indices: readonly number[],
  onBadImage: BadImagePolicy,
): Promise<readonly SkippedImage[]> {
  const damaged: SkippedImage[] = [];
  for (const index of indices) {
    const found: BadImageError | undefined = await checkImage(files[index]!);
    if (!found) break;
    if (onBadImage === 'fail') throw refused(found);
    damaged.push({ index, file: found.file, reason: found.reason });
  }
  return damaged;
}
