/** Decodes an image of each class before any is needed: headers may be sound where no pixels are. */
import { type BadImageError, refused, type BadImagePolicy } from '../image/bad-image';
import type { SkippedImage } from '../loader/batches';
import { checkImage } from '../image/open-image';
import { expectClassesLeft } from './inspect-images';
import type { ImageFiles } from '../dataset';

/** Images that are decoded at a time: sharp does so on threads of its own. */
const atOnce = 8;

/**
 * Of each class, images are decoded in their order up to the first that can be: one, but where some are damaged. So a
 * class of which none can be read is known before the training, and not by its error.
 * @param bad those that are known to be unreadable
 * @throws BadImageError for one that cannot be decoded, unless such are skipped; UserError naming a class of which none can
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

/** Those of a class before the first that can be decoded. */
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
