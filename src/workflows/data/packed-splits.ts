/** The images of a run as it reads them: packed in a cache if there is one, unreadable ones left out or refused. */
import { resolve } from 'node:path';
import type { OptionNames } from '../../core/given/options';
import { counted } from '../../core/text/counted';
import { packImages, type PackOptions } from '../../data/cache/pack-images';
import type { ImageSet, Splits } from '../../data/dataset';
import { badImagePolicies, type BadImage, type BadImagePolicy } from '../../data/image/bad-image';
import type { RunRecord } from '../../train/run/run-record';
import type { Context } from '../context';

/** How images are read. */
export interface ReadingOptions {
  /** Threads that decode and distort images; results do not depend on it. Default: one for each core. */
  readonly workers?: number | undefined;
  /** A folder into which images are packed once, decoded and resized, and from which they are then read. */
  readonly cache?: string | undefined;
  /** What becomes of an image that cannot be read. Default: `fail`. */
  readonly onBadImage?: BadImagePolicy | undefined;
}

/** The names of these. */
export const readingOptions = {
  workers: 'optional',
  cache: 'optional',
  onBadImage: badImagePolicies,
} as const satisfies OptionNames<ReadingOptions>;

/** How a run's images are read, in the form that its record keeps. */
export function readingRecord({
  cache,
  onBadImage,
}: ReadingOptions): Pick<RunRecord, 'cache' | 'onBadImage'> {
  return {
    ...(cache !== undefined && { cache: resolve(cache) }),
    ...(onBadImage && { onBadImage }),
  };
}

interface SplitsPacking extends Omit<PackOptions, 'cache' | 'onProgress' | 'sha256' | 'crew' | 'beside'> {
  readonly cache?: string | undefined;
  /** The digests of each part's images, if known: see `inspectImages`. */
  readonly digests?: Readonly<Partial<Record<keyof Splits, readonly string[] | undefined>>> | undefined;
}

/** The data with its images packed, if there is a cache to pack them in. */
export async function packedSplits<S extends Splits>(
  data: S,
  { cache, digests = {}, ...options }: SplitsPacking,
  { remark, ranks, crew }: Context,
): Promise<S> {
  if (cache === undefined) return data;
  // Ranks that join a run find what was packed with rank 0, unless their host has a disk of its own.
  const beside = ranks.rank === 0 ? undefined : ranks.local;
  const pack = (part: keyof Splits, set: ImageSet) =>
    packedSet(set, { ...options, cache, sha256: digests[part], onProgress: remark, crew, beside });
  const train = await pack('train', data.train);
  const validation = data.validation && (await pack('validation', data.validation));
  return { ...data, train, ...(validation && { validation }), test: await pack('test', data.test) };
}

/** The set with its images packed; images that are held in memory stay there. */
export async function packedSet(data: ImageSet, options: PackOptions): Promise<ImageSet> {
  return data.kind === 'files' ? packImages(data, options) : data;
}

/** The most images to list in remarks. */
const mostListed = 10;

/**
 * Remarks on images that were left out, if there are any.
 * @param where the file that lists all of them
 */
export function remarkSkipped(images: readonly BadImage[], where: string, { remark }: Context): void {
  if (images.length === 0) return;
  const which = `${counted(images.length, 'image')} ${images.length === 1 ? 'was' : 'were'}`;
  remark(`${which} unreadable and left out, as listed in ${where}:`);
  for (const { file, reason } of images.slice(0, mostListed)) remark(`  ${file}: ${reason}`);
  if (images.length > mostListed) remark(`  and ${images.length - mostListed} more`);
}
