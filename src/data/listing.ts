import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { ImageSet } from './dataset';

/** Which pictures a set consisted of, in few words. */
export interface Listed {
  readonly pictures: number;
  /** Of the classes, and of each picture's label, name and the folder that it lies in; not of its pixels. */
  readonly sha256: string;
}

/**
 * Tells whether a folder of pictures is still the one that a run began with, also after it was moved: another listing
 * would give the same seed other batches.
 * @returns undefined for images that are read as a whole
 */
export function listingOf(set: ImageSet): Listed | undefined {
  if (set.kind !== 'pictures') return undefined;
  const hash = createHash('sha256').update(JSON.stringify(set.classes));
  set.places.forEach(({ file, part }, index) => {
    const path = [basename(dirname(file)), basename(file), part?.name ?? '', part?.offset ?? 0];
    hash.update(JSON.stringify([set.labels[index], ...path]));
  });
  return { pictures: set.places.length, sha256: hash.digest('hex') };
}
