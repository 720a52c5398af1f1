/** Opens a data set by its name, or by the path of a folder or archive, whatever its format. */
import { listed } from '../core/text/counted';
import { option } from '../core/text/wording';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, basename, dirname } from 'node:path';
import { lstat, readdir, stat } from 'node:fs/promises';
import { UserError, codeOf, messageOf } from '../core/errors';
import { didYouMean } from '../core/text/did-you-mean';
import {
  dataFolders,
  dataNames,
  publishedDataset,
  usableNames,
  type DatasetName,
} from './datasets/catalogue';
import { hasCifar, openCifar } from './formats/cifar';
import type { ImageSet, Splits, Labelled } from './dataset';
import { drawDigits } from './formats/digits/digits';
import { downloadDataset } from './datasets/download';
import { namesOf, putTogether, withTestOf, type DataSources, type FoundData } from './put-together';
import { forTest, forTraining, forFinetuning, type FoundSplits } from './splits';
import { commonFolder } from './formats/image-folder/common-folder';
import { hasIdx, openIdx } from './formats/idx/idx-folder';
import { holdsImages, visibleFolders } from './formats/image-folder/image-files';
import { openImageFolder, type ImageFolderOptions } from './formats/image-folder/image-folder';
import { partOfName } from './formats/parts/part-names';
import { hasShards, openTarShards } from './formats/webdataset/shards';
import { hasUsps, openUsps } from './formats/usps';
import type { SkippedImage } from './loader/batches';

/**
 * The folder that holds one folder for each data set (`mnist/`, `fashion-mnist/`): the given one, else `LINEAGE_DATA`,
 * else `data/` in the program's folder of user data, as in the XDG base directory specification.
 * @param environment such as `process.env`; empty values count as unset
 */
export function dataRoot(
  environment: Readonly<Record<string, string | undefined>> = {},
  asked?: string,
): string {
  const chosen = asked || environment['LINEAGE_DATA'];
  if (chosen) return resolve(chosen);
  const xdg = environment['XDG_DATA_HOME'];
  const share = xdg && isAbsolute(xdg) ? xdg : join(homedir(), '.local', 'share');
  return join(share, 'cnn-lineage', 'data');
}

/** How a data set is opened. */
export interface OpenOptions extends ImageFolderOptions {
  /** The data root; by default the user's own, `dataRoot()`. */
  readonly root?: string | undefined;
  /** The run's seed, from which drawn data sets are drawn. */
  readonly seed: number;
  /** The share of each class, in (0, 1), that is split off the training set to be the validation set. */
  readonly validationSplit?: number | undefined;
  /** The function that downloads, for example through a proxy. Default: Node's own. */
  readonly fetch?: typeof fetch | undefined;
  /** Called with the progress of a download, what is left out of a folder, and a summary of each part. */
  readonly onProgress?: ((line: string) => void) | undefined;
  /** Whether to report a summary of each part. Default: true. */
  readonly summarise?: boolean | undefined;
}

/**
 * Opens a data set: `digits`, which the program draws itself; `mnist` or `fashion-mnist`, downloaded into the data root
 * when they are not there; the name of a folder in the data root, such as `usps` or `cifar10`; or the path of a folder
 * or of tar shards. The format of a folder is recognised by the names of the files in it. Images are decoded when they
 * are used.
 * @throws UserError when the name is unknown, files are damaged, do not match or cannot be downloaded, or there is
 *   nothing to train on or nothing to test on
 */
export async function openData(name: string, options: OpenOptions): Promise<Splits> {
  return told(forTraining(await openParts(name, options), nameFor(name), options), options);
}

/**
 * As `openData`, for a training with early stopping: with a separate part that chooses the best epoch.
 * `validationSplit` is the share of each class to split off for each part that is missing.
 */
export async function openFinetuneData(
  sources: DataSources,
  { validationSplit, ...options }: OpenOptions & { readonly validationSplit: number },
): Promise<Required<Splits>> {
  const { found } = await openSources(sources, options);
  const parted = forFinetuning(found, namesOf(sources).map(nameFor).join(' + '), {
    share: validationSplit,
    seed: options.seed,
  });
  return told(parted, options);
}

/**
 * The part of a data set that a network learns from, whether or not there is a test set.
 * @throws UserError as `openData` does, but for a missing test set
 */
export async function openTrainingSet(name: string, options: OpenOptions): Promise<ImageSet> {
  const { train } = await openParts(name, options);
  if (train) return train;
  throw new UserError(`${name}: expected a training set, found none`);
}

/**
 * The part of a data set that a trained network is tested on: the test set; without one, the validation set; if the
 * data set has only one part, all of it.
 * @throws UserError as `openData` does, but for a missing training set
 */
export async function openTestData(name: string, options: OpenOptions): Promise<ImageSet> {
  return forTest(await openParts(name, options), nameFor(name));
}

/**
 * The name of the data as a run records it: names of data sets are kept; anything else becomes an absolute path, which
 * is valid from any folder.
 */
export async function settledName(name: string, root = dataRoot()): Promise<string> {
  if (name === 'digits' || isDownloadable(name)) return name;
  const folder = await folderOf(name, root, () => undefined);
  const published = publishedDataset(name)?.folder !== undefined && folder === join(root, name);
  return published ? name : resolve(folder ?? name);
}

function told<Found extends Splits>(splits: Found, { onProgress, summarise = true }: OpenOptions): Found {
  if (!summarise || !onProgress) return splits;
  const { train, validation, test } = splits;
  for (const set of [train, validation, test]) if (set) onProgress(partSummary(set));
  return splits;
}

/** The parts that data sets have together. */
interface FoundSources {
  readonly found: FoundSplits;
  /** For each data set of image files, the deepest folder that holds all of its images. */
  readonly places: readonly string[];
}

/**
 * All parts that data sets have together. Otherwise as `openData`.
 * @throws UserError besides for data sets that cannot be put together: see `putTogether` and `withTestOf`
 */
export async function openSources(sources: DataSources, options: OpenOptions): Promise<FoundSources> {
  const names = namesOf(sources);
  const { test } = sources;
  const opened: FoundData[] = [];
  for (const name of names) opened.push({ name, found: await openParts(name, options) });
  const found = await putTogether(opened, options.onProgress);
  if (test === undefined) return { found, places: opened.flatMap(placeOf) };
  const other = { name: test, found: await openParts(test, options) };
  return {
    found: await withTestOf({ name: names.join(' + '), found }, other, options.onProgress),
    places: [...opened, other].flatMap(placeOf),
  };
}

function placeOf({ found }: FoundData): readonly string[] {
  const files = Object.values(found).flatMap((set: ImageSet | undefined) =>
    set?.kind === 'files' ? set.files : [],
  );
  return files.length > 0 ? [commonFolder(files)] : [];
}

/** All parts that a data set has. Otherwise as `openData`. */
export async function openParts(name: string, options: OpenOptions): Promise<FoundSplits> {
  if (name.trim() === '')
    throw new UserError(`${option('data')}: expected the name or folder of a data set, found an empty one`);
  const root = options.root ?? dataRoot();
  const note = options.onProgress ?? (() => undefined);
  if (name === 'digits' || isDownloadable(name)) {
    if (await isFolder(name)) {
      const meant = name === 'digits' ? 'digits drawn by this program' : `the published data set in ${root}`;
      note(`${name}: ${meant}; the folder of that name here is meant by ./${name}`);
    }
    if (name === 'digits') return drawDigits({ seed: options.seed });
    const folder = join(root, name);
    if (!(await hasIdx(folder)))
      await downloadDataset(name, { root, fetch: options.fetch, onProgress: options.onProgress });
    return openIdx(folder, name, note);
  }
  if (name.endsWith('.tar') && !(await isFolder(name))) {
    return openTarShards(name, nameFor(name), note, options.partWords);
  }
  const folder = await folderOf(name, root, note);
  if (folder !== undefined) return openFolder(folder, nameFor(folder), options);
  const wanted = publishedDataset(name)?.folder;
  if (wanted !== undefined) {
    throw new UserError(`${name}: expected ${wanted} in ${join(root, name)}, found no such folder`);
  }
  throw new UserError(
    `unknown data "${shown(name)}": expected ${dataNames.join(', ')}, ${dataFolders}, ` +
      (await instead(name, root)) +
      didYouMean(name, await namesNear(name, root)),
  );
}

/**
 * The folder of that name, in the current folder or in the data root; published data sets are looked for in the root
 * first.
 */
async function folderOf(
  name: string,
  root: string,
  note: (line: string) => void,
): Promise<string | undefined> {
  const [here, inRoot] = [name, join(root, name)];
  const order = publishedDataset(name)?.folder !== undefined ? [inRoot, here] : [here, inRoot];
  const there: string[] = [];
  for (const folder of order) if (await isFolder(folder)) there.push(folder);
  const [first, second] = there;
  if (first !== undefined && second !== undefined && resolve(first) !== resolve(second)) {
    const other = second === here ? `the folder of that name here is meant by ./${name}` : `not ${second}`;
    note(`${name}: the one in ${first === here ? 'this folder' : root}; ${other}`);
  }
  return first;
}

/** What could be meant by a name: published data sets, folders of the data root, and those beside the named one. */
async function namesNear(name: string, root: string): Promise<readonly string[]> {
  const beside = dirname(name);
  const here = (await visibleFolders(beside).catch(() => [])).map((folder) =>
    beside === '.' ? folder : join(beside, folder),
  );
  return [...new Set([...usableNames, ...(await visibleFolders(root).catch(() => [])), ...here])];
}

/** What was found instead of a folder of that name, for a message. */
async function instead(name: string, root: string): Promise<string> {
  const own = await lstat(name).catch((error: unknown) => codeOf(error));
  if (own === 'ENAMETOOLONG')
    return `found a name that is too long for a folder, of ${name.length} characters`;
  if (own === 'EACCES') return 'found one in a folder that may not be looked into';
  if (typeof own === 'string' || own === undefined) return `found no folder of that name here or in ${root}`;
  const leadsTo = await stat(name).catch((error: unknown) => codeOf(error));
  if (leadsTo === 'ELOOP') return 'found a link in a circle';
  if (own.isSymbolicLink() && typeof leadsTo === 'string') return 'found a link that leads nowhere';
  if (/\.(zip|rar|7z|t?gz|tbz2?|txz|bz2|xz|zst)$/i.test(name))
    return 'found an archive of that name: unpack it first';
  return 'found a file of that name';
}

/** The name on one line, shortened if it is long. */
function shown(name: string): string {
  const plain = JSON.stringify(name).slice(1, -1).replaceAll('\\\\', '\\').replaceAll('\\"', '"');
  return plain.length > 120 ? `${plain.slice(0, 120)}…` : plain;
}

/** Opens a folder according to its format. */
async function openFolder(folder: string, name: string, options: OpenOptions): Promise<FoundSplits> {
  const note = options.onProgress;
  const names = await namesIn(folder);
  if (hasIdxNames(names)) return openIdx(folder, name, note);
  if (await hasCifar(folder)) return openCifar(folder, name, note);
  if (await hasUsps(folder)) return openUsps(folder, name, note);
  if (await hasShards(folder)) {
    await refuseClassFolders(folder, names);
    return openTarShards(folder, name, note, options.partWords);
  }
  const inner = await filesWithin(folder);
  if (inner !== undefined) {
    note?.(`${name}: the files are those of ${inner}`);
    return openFolder(inner, name, options);
  }
  const inside = await Promise.all(names.map((each) => isFolder(join(folder, each))));
  if (inside.includes(true) || names.includes('labels.txt')) {
    return openImageFolder(folder, name, note, options);
  }
  const found = names.length > 0 ? listed([...names].sort(), 6) : 'an empty folder';
  throw new UserError(`${folder}: expected ${dataFolders}, found ${found}`);
}

const hasIdxNames = (names: readonly string[]) => names.some((each) => /idx[13]-ubyte/.test(each));

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    throw new UserError(`${folder}: expected ${dataFolders}, cannot be read: ${messageOf(error)}`);
  });
}

/**
 * The only folder in a folder, if it has files of a known format, as when `cifar-10-batches-bin` was unpacked there.
 */
async function filesWithin(folder: string): Promise<string | undefined> {
  const [only, ...more] = await visibleFolders(folder);
  if (only === undefined || more.length > 0 || partOfName(only)) return undefined;
  const inner = join(folder, only);
  const known = hasIdxNames(await namesIn(inner)) || (await hasCifar(inner)) || (await hasUsps(inner));
  return known || (await hasShards(inner)) ? inner : undefined;
}

/** Refuses a folder that holds both shards and class folders, which is ambiguous. */
async function refuseClassFolders(folder: string, names: readonly string[]): Promise<void> {
  const classes: string[] = [];
  for (const each of await visibleFolders(folder)) {
    if (!partOfName(each) && (await holdsImages(join(folder, each)))) classes.push(each);
  }
  if (classes.length === 0) return;
  const archives = names.filter((each) => each.endsWith('.tar')).sort();
  throw new UserError(
    `${folder}: expected either tar shards or folders of images, found ${listed(archives, 3)} beside ` +
      `${listed(classes, 3)}: move away what is not meant`,
  );
}

async function isFolder(path: string): Promise<boolean> {
  const there = await stat(path).catch(() => undefined);
  return there?.isDirectory() ?? false;
}

/** The last part of a path, without the numbers of shards. */
function nameFor(name: string): string {
  return basename(resolve(name)).replace(/-?(\{[\d.]+\}|\d+)?\.tar$/, '');
}

function isDownloadable(name: string): name is DatasetName {
  return publishedDataset(name)?.download !== undefined;
}

/** Up to this many classes, each one is named with its count. */
const fewClasses = 5;

/**
 * `pets train: 24 images of 2 classes (cats 14, dogs 10)`; for many classes, the first names and the range of the
 * counts.
 */
export function partSummary({ name, classes, labels }: Labelled): string {
  const counts = new Array<number>(classes.length).fill(0);
  for (const label of labels) counts[label]!++;
  const words = classes.map((each) => each.split(',')[0]!.trim()); // ImageNet's have several names each
  const images = `${name}: ${number(labels.length)} image${labels.length === 1 ? '' : 's'}`;
  const of = `of ${number(classes.length)} class${classes.length === 1 ? '' : 'es'}`;
  if (classes.length <= fewClasses) {
    return `${images} ${of} (${words.map((word, label) => `${word} ${number(counts[label]!)}`).join(', ')})`;
  }
  return `${images} ${of} (${words.slice(0, 3).join(', ')}, …)${spread(counts)}`;
}

/** `pets train: left out, for they cannot be read: 16 of birds, 1 of cats; 56 images are left`. */
export function leftOutSummary(
  { name, classes, labels }: Labelled,
  bad: readonly Pick<SkippedImage, 'index'>[],
): string {
  const counts = new Map<number, number>();
  for (const { index } of bad) counts.set(labels[index]!, (counts.get(labels[index]!) ?? 0) + 1);
  const most = [...counts].sort(([one, ones], [other, others]) => others - ones || one - other);
  const told = most.map(([label, count]) => `${number(count)} of ${classes[label]!.split(',')[0]!.trim()}`);
  const left = labels.length - bad.length;
  return (
    `${name}: left out, for ${bad.length === 1 ? 'it' : 'they'} cannot be read: ${listed(told, fewClasses)}; ` +
    `${number(left)} image${left === 1 ? ' is' : 's are'} left`
  );
}

/** The range of the number of images per class, if it is wide. */
function spread(counts: readonly number[]): string {
  let [least, most] = [Infinity, 0];
  for (const count of counts) {
    least = Math.min(least, count);
    most = Math.max(most, count);
  }
  return most > 1.5 * least ? `, ${number(least)} to ${number(most)} of each` : '';
}

const number = (value: number) => value.toLocaleString('en');
