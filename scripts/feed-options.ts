import { resolve } from 'node:path';
import type { Argv } from 'yargs';
import { badPicturePolicies, type BadPicturePolicy } from '../src/data/bad-picture-policy';
import type { SkippedPicture } from '../src/data/batches';
import type { ImageSet, Splits } from '../src/data/dataset';
import { packPictures, type PackOptions } from '../src/data/pack-pictures';
import type { RunRecord } from '../src/train/run-record';
import { counted } from '../src/counted';
import { note } from './cli';

/** `--workers`, `--cache` and `--on-bad-image` as yargs reads them. */
export interface FeedArguments {
  workers?: number | undefined;
  cache?: string | undefined;
  'on-bad-image'?: BadPicturePolicy | undefined;
}

/** For commands that read pictures. */
export function feedOptions<A>(argv: Argv<A>) {
  return argv
    .option('workers', {
      type: 'number',
      describe: 'threads that decode and distort pictures; results do not depend on it (default: one a core)',
    })
    .option('cache', {
      type: 'string',
      describe: 'pack pictures, decoded and resized, into this folder once, and read them from there',
    })
    .option('on-bad-image', {
      choices: badPicturePolicies,
      describe: 'what a picture does that cannot be read (default: fail)',
    });
}

/** How a run's pictures are read, as its record keeps it. */
export function feedRecord({ cache, onBadImage }: FeedChoices): Pick<RunRecord, 'cache' | 'onBadPicture'> {
  return {
    ...(cache !== undefined && { cache: resolve(cache) }),
    ...(onBadImage && { onBadPicture: onBadImage }),
  };
}

interface FeedChoices {
  readonly cache?: string | undefined;
  readonly onBadImage?: BadPicturePolicy | undefined;
}

interface SplitsPacking extends Omit<PackOptions, 'cache' | 'onProgress' | 'sha256'> {
  readonly cache?: string | undefined;
  /** Of each part's pictures, where they are known: see `inspectPictures`. */
  readonly digests?: Readonly<Partial<Record<keyof Splits, readonly string[] | undefined>>> | undefined;
}

/** The data with its pictures packed, where there is a cache to pack them in. */
export async function packedSplits(
  data: Splits,
  { cache, digests = {}, ...options }: SplitsPacking,
): Promise<Splits> {
  if (cache === undefined) return data;
  const pack = (part: keyof Splits, set: ImageSet) =>
    packedSet(set, { ...options, cache, sha256: digests[part], onProgress: note });
  const train = await pack('train', data.train);
  const validation = data.validation && (await pack('validation', data.validation));
  return { train, ...(validation && { validation }), test: await pack('test', data.test) };
}

/** The set with its pictures packed; images that lie in memory stay there. */
export async function packedSet(data: ImageSet, options: PackOptions): Promise<ImageSet> {
  return data.kind === 'pictures' ? packPictures(data, options) : data;
}

/** Most that are listed for a terminal. */
const mostListed = 10;

/** Tells of pictures that were left out, if there are any; `where` all of them are on file. */
export function noteSkipped(pictures: readonly SkippedPicture[], where: string): void {
  if (pictures.length === 0) return;
  const which = `${counted(pictures.length, 'picture')} ${pictures.length === 1 ? 'was' : 'were'}`;
  note(`${which} unreadable and left out, as listed in ${where}:`);
  for (const { file, reason } of pictures.slice(0, mostListed)) note(`  ${file}: ${reason}`);
  if (pictures.length > mostListed) note(`  and ${pictures.length - mostListed} more`);
}
