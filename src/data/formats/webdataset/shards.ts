/** Opens tar archives in the form of WebDataset, without unpacking them. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { UserError, messageOf } from '../../../core/errors';
import { asSynsets, classesText, synsetWords } from '../class-names';
import type { FoundSplits } from '../../splits';
import { formerPartOfName, partOfName, type Part } from '../parts/part-names';
import type { PartWords } from '../parts/part-folders';
import {
  companions,
  entries,
  leftOutText,
  leftOutTogether,
  looksLikeImage,
  type LeftOut,
} from '../image-folder/image-files';
import type { ImageFiles } from '../../dataset';
import { samplesOf, type Sample } from './samples';

const range = /\{(\d+)\.\.(\d+)\}/;

/** Whether a folder, or the folder of a part in it, holds tar archives. */
export async function hasShards(folder: string): Promise<boolean> {
  const { own, inner } = await archivesOf(folder).catch(() => ({ own: [], inner: [] }));
  return own.length + inner.length > 0;
}

/**
 * Opens tar archives in WebDataset format. They are listed from beginning to end, but no image is read. `where` is a
 * folder of shards (or of folders of shards that have the names of parts), one archive, or several as
 * `NAME-{000000..000009}.tar`. The last word before the numbers names the part (see `partOfName`); if no shard names
 * one, all are the training set. Class names come from a `classes.txt` (one line per class) or `synset_words.txt`
 * beside the shards; otherwise the classes are numbered, as many as the indices need.
 * @param name the name of the data set, for messages
 * @param note called about gaps in the numbers of the shards, and about what was left out
 * @throws UserError naming the shard that cannot be read, and the sample with an index beyond the classes
 */
export async function openTarShards(
  where: string,
  name: string,
  note: (line: string) => void = () => undefined,
  words: PartWords = 'all',
): Promise<FoundSplits<ImageFiles>> {
  const isFile = where.endsWith('.tar') && !(await isFolder(where));
  const paths = isFile ? expanded(resolve(where)) : await tarNames(resolve(where));
  if (paths.length === 0) throw new UserError(`${where}: expected tar archives, found none`);
  noteGaps(name, paths, note);
  const root = isFile ? dirname(paths[0]!) : resolve(where);
  const shards = new Map<Part, Sample[]>();
  const leftOut: LeftOut[] = isFile ? [] : [await besideShards(resolve(where), paths)];
  const parted = paths.some((path) => partOf(path, root, words));
  for (const path of paths) {
    const part = parted ? partOf(path, root, words) : 'train';
    if (!part) {
      throw new UserError(
        `${path}: expected train, validation, val or test before its number as in other shards`,
      );
    }
    const found = shards.get(part) ?? [];
    const inside = await samplesOf(path);
    for (const sample of inside.samples) found.push(sample);
    leftOut.push(inside.leftOut);
    shards.set(part, found);
  }
  const passedOver = leftOutText(leftOutTogether(leftOut));
  if (passedOver) note(`${name}: left out: ${passedOver}`);
  const classes = await namedClasses([dirname(paths[0]!), resolve(where)], [...shards.values()]);
  const splits: Partial<Record<Part, ImageFiles>> = {};
  for (const [part, samples] of shards) {
    splits[part] = asImages(`${name} ${part}`, samples, classes);
  }
  return splits;
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}

interface NamedClasses {
  readonly classes: readonly string[];
  readonly synsets?: readonly string[] | undefined;
}

function asImages(name: string, samples: readonly Sample[], { classes, synsets }: NamedClasses): ImageFiles {
  const beyond = samples.find(({ label }) => label >= classes.length);
  if (beyond) {
    const { file, part } = beyond.imageFile;
    throw new UserError(
      `${file}: ${part?.name}: expected an index below the ${classes.length} classes, found ${beyond.label}`,
    );
  }
  if (samples.length === 0) throw new UserError(`${name}: expected images in its shards, found none`);
  if (classes.length < 2) throw new UserError(`${name}: expected at least two classes, found one`);
  return {
    kind: 'files',
    name,
    synthetic: false,
    classes,
    ...(synsets && { synsets }),
    labels: Int32Array.from(samples, ({ label }) => label),
    files: samples.map(({ imageFile }) => imageFile),
  };
}

async function namedClasses(
  folders: readonly string[],
  shards: readonly (readonly Sample[])[],
): Promise<NamedClasses> {
  const named = await classesText(folders);
  if (named) return { classes: named };
  const words = await synsetWords(folders);
  if (words) return { classes: words.names, synsets: asSynsets(words.ids) };
  let largest = 0;
  for (const samples of shards) for (const { label } of samples) largest = Math.max(largest, label);
  return { classes: Array.from({ length: largest + 1 }, (_, label) => String(label)) };
}

/** Expands a pattern such as `NAME-{000000..000009}.tar` into its paths, here ten. */
function expanded(pattern: string): readonly string[] {
  const found = range.exec(pattern);
  if (!found) return [pattern];
  const [first, last] = [Number(found[1]), Number(found[2])];
  if (first > last || last - first >= 1e6) {
    throw new UserError(
      `${pattern}: expected a range of numbers such as {000000..000009}, found ${found[0]}`,
    );
  }
  const digits = found[1]!.length;
  return Array.from({ length: last - first + 1 }, (_, index) =>
    pattern.replace(range, String(first + index).padStart(digits, '0')),
  );
}

/** The archives in a folder; if there are none, those in the folders of its parts. */
async function tarNames(folder: string): Promise<readonly string[]> {
  const { own, inner } = await archivesOf(folder);
  if (own.length === 0 || inner.length === 0) return own.length > 0 ? own : inner;
  throw new UserError(
    `${folder}: expected tar archives in it or in folders of its parts, found both, ${basename(own[0]!)} and ` +
      relative(folder, inner[0]!),
  );
}

async function archivesOf(folder: string) {
  const inner: string[] = [];
  for (const { name, kind } of await insideOf(folder)) {
    if (kind !== 'folder' || !partOfName(name)) continue;
    for (const path of await archivesIn(join(folder, name))) inner.push(path);
  }
  return { own: await archivesIn(folder), inner };
}

async function archivesIn(folder: string): Promise<readonly string[]> {
  return (await insideOf(folder)).filter(isArchive).map(({ name }) => join(folder, name));
}

const isArchive = ({ name, kind }: { readonly name: string; readonly kind: string }) =>
  kind === 'file' && name.endsWith('.tar') && !name.startsWith('.');

async function insideOf(folder: string) {
  return entries(folder).catch((error: unknown) => {
    throw new UserError(`${folder}: expected a folder of tar archives, cannot be read: ${messageOf(error)}`);
  });
}

/** What lies beside the archives. */
async function besideShards(folder: string, paths: readonly string[]): Promise<LeftOut> {
  const taken = new Set(paths.map((path) => relative(folder, path).split(sep)[0]!));
  const rest = (await insideOf(folder)).filter(({ name }) => !taken.has(name));
  const visible = rest.filter(({ name }) => !name.startsWith('.') && !companions.includes(name));
  return {
    hidden: rest.filter(({ name }) => name.startsWith('.')).length,
    others: visible
      .filter(({ name, kind }) => kind !== 'folder' && !looksLikeImage(name))
      .map(({ name }) => name),
    unlabelled: visible
      .filter(({ name, kind }) => kind !== 'folder' && looksLikeImage(name))
      .map(({ name }) => name),
    foreign: visible
      .filter(({ kind }) => kind === 'folder')
      .map(({ name }) => ({ name, reason: 'without archives of a part' })),
  };
}

/**
 * The part that a shard belongs to. `imagenet-train-000007.tar` and `train-00-of-99.tar` belong to `train`; so does, in
 * a folder of parts, every shard in `train/`.
 */
function partOf(path: string, root: string, words: PartWords): Part | undefined {
  const stem = basename(path, '.tar')
    .replace(/[-_.]of[-_.]\d+$/, '')
    .replace(/[-_.]?\d+$/, '');
  const word = stem.split(/[-_.]/).at(-1)!;
  const around = basename(dirname(path));
  if (words === 'former') return formerPartOfName(word || around);
  const said = partOfName(word) ?? partOfName(stem);
  const isInPart = dirname(path) !== root && dirname(dirname(path)) === root;
  const part = isInPart || stem === '' ? partOfName(around) : said;
  if (part === undefined || said === undefined || said === part) return part;
  throw new UserError(`${path}: expected a shard of ${part} in ${around}, found one of ${said} by its name`);
}

/** Reports missing numbers between shards, since most likely a copy was interrupted. */
function noteGaps(name: string, paths: readonly string[], note: (line: string) => void): void {
  const numbers = new Map<string, number[]>();
  for (const path of paths) {
    const [, stem, digits] = /^(.*?)(\d+)\.tar$/s.exec(path) ?? [];
    if (stem === undefined) continue;
    const found = numbers.get(stem) ?? [];
    found.push(Number(digits));
    numbers.set(stem, found);
  }
  for (const [stem, found] of numbers) {
    const [first, last] = [Math.min(...found), Math.max(...found)];
    const missing = last - first + 1 - found.length;
    if (missing > 0)
      note(`${name}: ${missing} of the shards ${basename(stem)}${first} to ${last} are not there`);
  }
}
