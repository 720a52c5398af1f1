/** Decodes a picture of each class before any is needed: headers may be sound where no pixels are. */
import { type BadPicture, refused, type BadPicturePolicy } from '../image/bad-image';
import type { SkippedImage } from '../loader/batches';
import { checkPicture } from '../image/decode';
import { expectClassesLeft } from './inspect-images';
import type { Pictures } from '../dataset';

/** Pictures that are decoded at a time: sharp does so on threads of its own. */
const atOnce = 8;

/**
 * Of each class, pictures are decoded in their order up to the first that can be: one, but where some are damaged. So a
 * class of which none can be read is known before the training, and not by its error.
 * @param bad those that are known to be unreadable
 * @throws BadPicture for one that cannot be decoded, unless such are skipped; UserError naming a class of which none can
 */
export async function expectDecoded(
  pictures: Pictures,
  bad: readonly SkippedImage[],
  onBadPicture: BadPicturePolicy = 'fail',
): Promise<void> {
  const known = new Set(bad.map(({ index }) => index));
  const ofClass = new Map<number, number[]>();
  pictures.labels.forEach((label, index) => {
    if (known.has(index)) return;
    const indices = ofClass.get(label);
    if (indices) indices.push(index);
    else ofClass.set(label, [index]);
  });
  const waiting = [...ofClass.values()];
  const reader = async () => {
    for (let indices = waiting.shift(); indices; indices = waiting.shift()) {
      const damaged = await damagedBefore(pictures, indices, onBadPicture);
      if (damaged.length === indices.length) expectClassesLeft(pictures, [...bad, ...damaged]);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, reader));
}

/** Those of a class before the first that can be decoded. */
async function damagedBefore(
  { places }: Pictures,
  indices: readonly number[],
  onBadPicture: BadPicturePolicy,
): Promise<readonly SkippedImage[]> {
  const damaged: SkippedImage[] = [];
  for (const index of indices) {
    const found: BadPicture | undefined = await checkPicture(places[index]!);
    if (!found) break;
    if (onBadPicture === 'fail') throw refused(found);
    damaged.push({ index, file: found.file, reason: found.reason });
  }
  return damaged;
}
