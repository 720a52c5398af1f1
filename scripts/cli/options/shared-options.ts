/** Options that several commands share, and the checks of folders, files and options that belong to them. */
import { resolve, join } from 'node:path';
import { existsSync, realpathSync, statSync } from 'node:fs';
import type { Argv } from 'yargs';
import { badImagePolicies, type BadImagePolicy } from '../../../src/data/image/bad-image';
import type { BadImage } from '../../../src/data/image/bad-image';
import type { ImageSet, Splits } from '../../../src/data/dataset';
import { packImages, type PackOptions } from '../../../src/data/cache/pack-images';
import type { RunRecord } from '../../../src/train/run/run-record';
import { counted } from '../../../src/core/text/counted';
import { note } from '../output';
import { zoo, type NetworkName } from '../../../models/registry';
import { cropsFor, type CropKind, type CropProtocol } from '../../../src/data/augment/evaluation-crops';
import { UserError } from '../../../src/core/errors';
import type { Recipe } from '../../../src/core/network';
import { convolutionalForm } from '../../../src/evaluate/scores/convolutional-form';
import type { TrainedModel } from '../../../src/weights/trained-model';
import { dataRoot } from '../../../src/data/open';
import { wholeNumber } from '../numbers';

/** `--workers`, `--cache` and `--on-bad-image` as yargs reads them. */
export interface LoaderArguments {
  workers?: number | undefined;
  cache?: string | undefined;
  'on-bad-image'?: BadImagePolicy | undefined;
}

/** For commands that read images. */
export function loaderOptions<A>(argv: Argv<A>) {
  return argv
    .option('workers', {
      type: 'number',
      describe: 'threads that decode and distort images; results do not depend on it (default: one a core)',
    })
    .option('cache', {
      type: 'string',
      describe: 'pack images, decoded and resized, into this folder once, and read them from there',
    })
    .option('on-bad-image', {
      choices: badImagePolicies,
      describe: 'what an image does that cannot be read (default: fail)',
    });
}

/** How a run's images are read, in the form that its record keeps. */
export function loaderRecord({ cache, onBadImage }: LoaderChoices): Pick<RunRecord, 'cache' | 'onBadImage'> {
  return {
    ...(cache !== undefined && { cache: resolve(cache) }),
    ...(onBadImage && { onBadImage: onBadImage }),
  };
}

interface LoaderChoices {
  readonly cache?: string | undefined;
  readonly onBadImage?: BadImagePolicy | undefined;
}

interface SplitsPacking extends Omit<PackOptions, 'cache' | 'onProgress' | 'sha256'> {
  readonly cache?: string | undefined;
  /** The digests of each part's images, if known: see `inspectImages`. */
  readonly digests?: Readonly<Partial<Record<keyof Splits, readonly string[] | undefined>>> | undefined;
}

/** The data with its images packed, if there is a cache to pack them in. */
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

/** The set with its images packed; images that are held in memory stay there. */
export async function packedSet(data: ImageSet, options: PackOptions): Promise<ImageSet> {
  return data.kind === 'files' ? packImages(data, options) : data;
}

/** The most images to list on a terminal. */
const mostListed = 10;

/**
 * Reports images that were left out, if there are any.
 * @param where the file that lists all of them
 */
export function noteSkipped(images: readonly BadImage[], where: string): void {
  if (images.length === 0) return;
  const which = `${counted(images.length, 'image')} ${images.length === 1 ? 'was' : 'were'}`;
  note(`${which} unreadable and left out, as listed in ${where}:`);
  for (const { file, reason } of images.slice(0, mostListed)) note(`  ${file}: ${reason}`);
  if (images.length > mostListed) note(`  and ${images.length - mostListed} more`);
}

/** `--resize`, for commands that take `--crops`. */
export const resizeOption = {
  type: 'string',
  describe: 'the shorter side before cropping, several with commas, or none (default: as the paper says)',
} as const;

/**
 * The protocol that `--crops` and `--resize` ask for.
 * @throws UserError for `--resize` without `--crops`, or with a value that is not a length
 */
export function cropsOf(
  { crops, resize }: { readonly crops?: CropKind | undefined; readonly resize?: string | undefined },
  recipe: Pick<Recipe, 'input' | 'augment'>,
): CropProtocol | undefined {
  if (crops === undefined) {
    if (resize === undefined) return undefined;
    throw new UserError('--resize: expected --crops with it, found none');
  }
  const sides =
    resize === undefined || resize === 'none'
      ? resize
      : resize.split(',').map((side) => wholeNumber('--resize', Number(side), 1));
  return cropsFor(crops, sides, recipe);
}

/**
 * A trained network in the form that takes such crops. For whole images this is the convolutional form, which replaces
 * the given model.
 * @throws UserError if the network has no such form
 */
export function inFormFor<T extends Pick<TrainedModel, 'network' | 'model'>>(
  crops: CropProtocol | undefined,
  trained: T,
): T {
  if (crops?.kind !== 'dense') return trained;
  try {
    return { ...trained, model: convolutionalForm(zoo[trained.network as NetworkName], trained.model) };
  } finally {
    trained.model.dispose();
  }
}

/**
 * Finds a file or folder that a user names: in the working directory, in the folder that `import --download` writes to,
 * or in the data root.
 */
export function foundPath(given: string, root: string = dataRoot(process.env)): string {
  const places = [given, join(root, 'weights', given), join(root, given)];
  return places.find((place) => existsSync(place)) ?? given;
}

/**
 * @param given the options that were given, without defaults
 * @param options those that have no effect in this case
 * @param other the option that decides this, such as `--peers`
 * @param isGiven whether that option was given
 * @throws UserError for an option that would have no effect
 */
export function expectUsed<Given extends object>(
  given: Given,
  options: readonly (keyof Given & string)[],
  other: string,
  isGiven: boolean,
): void {
  const [expected, found] = isGiven ? ['without', 'with'] : ['with', 'without'];
  for (const option of options) {
    if (given[option] !== undefined)
      throw new UserError(`--${option}: expected it ${expected} ${other}, found it ${found}`);
  }
}

/**
 * @param command the command that takes these folders
 * @throws UserError for a folder that is named twice, even if written differently
 */
export function expectEachOnce(command: string, folders: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const folder of folders) {
    const place = placeOf(folder);
    const before = seen.get(place);
    if (before !== undefined) {
      const how = before === folder ? `${folder} twice` : `${before} and ${folder}, which are one`;
      throw new UserError(`${command}: expected each folder once, found ${how}`);
    }
    seen.set(place, folder);
  }
}

function placeOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder); // opening it will report that it does not exist
  }
}

/** @throws UserError if a file's name does not match the format that is written into it */
export function expectEnding(option: string, file: string, ending: string): void {
  if (file.toLowerCase().endsWith(ending) && file.length > ending.length) return;
  throw new UserError(`${option}: expected a file that ends in ${ending}, found ${file}`);
}

/** @throws UserError if the path exists and is not a folder, or has the name of a file */
export function expectFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found || /\.(?:html|json|md|csv|svg|png)$/i.test(folder))
    throw new UserError(
      `--out: expected a folder, found ${found ? 'a file,' : 'the name of a file,'} ${folder}`,
    );
}
