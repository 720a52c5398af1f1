import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError } from '../errors';
import { catalogue } from './catalogue';
import type { DownloadableName } from './catalogue';
import { hasCifar, openCifar } from './cifar-binary';
import { dataRoot } from './data-root';
import type { ImageSet, Splits } from './dataset';
import { drawDigits } from './digits';
import { downloadDataset } from './download';
import { forTest, forTraining, forTuning, type FoundSplits } from './found-splits';
import { hasIdx, openIdx } from './idx-folder';
import { listed } from './picture-files';
import { openPictureFolder } from './picture-folder';
import { hasShards, openTarShards } from './tar-shards';
import { hasUsps, openUsps } from './usps-text';

/** The data sets that have a name and are drawn or downloaded; any other is given as a folder. */
export const dataNames: readonly string[] = ['digits', ...Object.keys(catalogue)];

/** What else `--data` takes, for its description. */
export const dataFolders =
  'a folder of pictures by class, of IDX, CIFAR or USPS files or of tar shards, NAME-{000000..000009}.tar';

export interface OpenOptions {
  /** The data root; by default the user's own, `dataRoot()`. */
  readonly root?: string | undefined;
  /** The run's seed: what a program draws, it draws from this. */
  readonly seed: number;
  /** The share of each class, in (0, 1), that is split off the training set to be the validation set. */
  readonly validationSplit?: number | undefined;
  /** What a download goes through, such as a proxy. Default: Node's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Told what a download does, and what is left out of a folder. */
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Opens a data set: `digits`, which the program draws itself; `mnist` or `fashion-mnist`, downloaded into the data root
 * when they are not there; the name of a folder in the data root, such as `usps` or `cifar10`; or the path of a folder
 * or of tar shards. What a folder holds is told by the names in it. Pictures are decoded when they are used.
 * @throws UserError when the name means nothing, files are damaged, do not fit or cannot be downloaded, or there is
 *   nothing to train on or nothing to test on
 */
export async function openData(name: string, options: OpenOptions): Promise<Splits> {
  return forTraining(await found(name, options), nameFor(name), options);
}

/**
 * As `openData`, for a training that stops early: with a part of its own that chooses the best epoch.
 * @param options.validationSplit the share of each class to split off for each part that is missing
 */
export async function openTuningData(
  name: string,
  { validationSplit, ...options }: OpenOptions & { readonly validationSplit: number },
): Promise<Required<Splits>> {
  return forTuning(await found(name, options), nameFor(name), { share: validationSplit, seed: options.seed });
}

/**
 * The part of a data set that a network learns from, whether or not another is there to test it on.
 * @throws UserError as `openData` does, but for a missing test set
 */
export async function openTrainingSet(name: string, options: OpenOptions): Promise<ImageSet> {
  const { train } = await found(name, options);
  if (train) return train;
  throw new UserError(`${name}: expected a training set, found none`);
}

/**
 * The part of a data set that a trained network is tested on: the test set, without one the validation set, and of a
 * data set that is not parted all of it.
 * @throws UserError as `openData` does, but for a missing training set
 */
export async function openTestData(name: string, options: OpenOptions): Promise<ImageSet> {
  return forTest(await found(name, options), nameFor(name));
}

async function found(name: string, options: OpenOptions): Promise<FoundSplits> {
  if (name === 'digits') return drawDigits({ seed: options.seed });
  const root = options.root ?? dataRoot();
  if (isDownloadable(name)) {
    const folder = join(root, name);
    if (!(await hasIdx(folder)))
      await downloadDataset(name, { root, fetch: options.fetch, onProgress: options.onProgress });
    return openIdx(folder, name);
  }
  if (name.endsWith('.tar')) return openTarShards(name, nameFor(name), options.onProgress);
  for (const folder of Object.hasOwn(layouts, name) ? [join(root, name), name] : [name, join(root, name)]) {
    if (await isFolder(folder)) return openFolder(folder, nameFor(folder), options.onProgress);
  }
  if (Object.hasOwn(layouts, name)) {
    throw new UserError(`${name}: expected ${layouts[name]} in ${join(root, name)}, found no such folder`);
  }
  const file = await stat(name).catch(() => undefined);
  throw new UserError(
    `unknown data "${name}": expected ${dataNames.join(', ')}, ${dataFolders}, ` +
      (file ? 'found a file of that name' : `found no folder of that name here or in ${root}`),
  );
}

/** What the folders of published data sets hold that are not downloaded, by the names that recipes use. */
const layouts: Readonly<Record<string, string>> = {
  usps: 'zip.train.gz and zip.test.gz',
  cifar10: 'data_batch_1.bin to data_batch_5.bin and test_batch.bin',
  cifar100: 'train.bin and test.bin',
  ilsvrc2012: 'train/ and val/, each with a folder for each class,',
};

/** Reads a folder as what it holds. */
async function openFolder(folder: string, name: string, note?: (line: string) => void): Promise<FoundSplits> {
  const names = await readdir(folder);
  if (names.some((each) => /idx[13]-ubyte/.test(each))) return openIdx(folder, name);
  if (await hasCifar(folder)) return openCifar(folder, name, note);
  if (await hasUsps(folder)) return openUsps(folder, name);
  if (await hasShards(folder)) return openTarShards(folder, name, note);
  const inside = await Promise.all(names.map((each) => isFolder(join(folder, each))));
  if (inside.includes(true) || names.includes('labels.txt')) return openPictureFolder(folder, name, note);
  const instead = names.length > 0 ? listed([...names].sort(), 6) : 'an empty folder';
  throw new UserError(`${folder}: expected ${dataFolders}, found ${instead}`);
}

async function isFolder(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  return there?.isDirectory() ?? false;
}

/** The last part of a path, without what numbers shards. */
function nameFor(name: string): string {
  return basename(resolve(name)).replace(/-?(\{[\d.]+\}|\d+)?\.tar$/, '');
}

function isDownloadable(name: string): name is DownloadableName {
  return Object.hasOwn(catalogue, name);
}
