/** Tells whether a set of images is still the one that it was, by what the images hold and not by where they lie. */
import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import type { Dataset, ImageSet, ImageFiles } from '../dataset';

/** A short summary of what a set of images consists of. */
export interface Fingerprint {
  readonly images: number;
  /** The digest of each image's class name and content, in order. */
  readonly sha256: string;
}

/**
 * @param digests for image files, the SHA-256 of each one's bytes (see `inspectImages`); not used for images in memory
 */
export function fingerprintOf(set: ImageSet, digests: readonly string[]): Promise<Fingerprint> {
  switch (set.kind) {
    case 'pixels':
      return ofImages(set);
    case 'files':
      return Promise.resolve(ofFiles(set, digests));
    default:
      return set satisfies never;
  }
}

function ofFiles({ classes, labels, files }: ImageFiles, digests: readonly string[]): Fingerprint {
  const hash = createHash('sha256');
  files.forEach((_, index) => hash.update(JSON.stringify([classes[labels[index]!], digests[index]])));
  return { images: files.length, sha256: hash.digest('hex') };
}

/** Images hashed at a time: 0.8 MB of MNIST's, 3 MB of CIFAR's. */
const atATime = 1024;

async function ofImages({ classes, labels, shape, pixels }: Dataset): Promise<Fingerprint> {
  const hash = createHash('sha256').update(JSON.stringify([classes, shape]));
  const indices = Int32Array.from(labels.keys());
  for (let start = 0; start < labels.length; start += atATime) {
    const part = indices.subarray(start, start + atATime);
    hash.update(Int32Array.from(part, (index) => labels[index]!));
    hash.update(await pixels(part));
  }
  return { images: labels.length, sha256: hash.digest('hex') };
}

/** A short summary of which images a set consists of. */
export interface OlderFingerprint {
  readonly images: number;
  /** The digest of the classes, and of each image's label, name and folder; not of its pixels. */
  readonly sha256: string;
}

/**
 * Shows whether a folder of images is still the one that a run began with, even after it was moved: with another list
 * of images, the same seed would give other batches.
 * @returns undefined for images that are read into memory
 */
export function olderFingerprint(set: ImageSet): OlderFingerprint | undefined {
  if (set.kind !== 'files') return undefined;
  const hash = createHash('sha256').update(JSON.stringify(set.classes));
  set.files.forEach(({ file, part }, index) => {
    const path = [basename(dirname(file)), basename(file), part?.name ?? '', part?.offset ?? 0];
    hash.update(JSON.stringify([set.labels[index], ...path]));
  });
  return { images: set.files.length, sha256: hash.digest('hex') };
}
