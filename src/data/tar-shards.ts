import { readdir } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { UserError, messageOf } from '../errors';
import { classesText, synsetWords } from './class-names';
import type { FoundSplits } from './found-splits';
import type { Pictures } from './pictures';
import { samplesOf, type Sample } from './tar-samples';

type Part = keyof FoundSplits;

/** What stands before the number of a shard: the part is its last word. */
const partWords: Readonly<Record<string, Part>> = {
  train: 'train',
  validation: 'validation',
  val: 'validation',
  test: 'test',
};
const range = /\{(\d+)\.\.(\d+)\}/;

/** Whether `where` names shards: a `.tar` file, `NAME-{000000..000009}.tar`, or a folder with such files. */
export async function hasShards(where: string): Promise<boolean> {
  if (where.endsWith('.tar')) return true;
  return (await tarNames(where).catch(() => [])).length > 0;
}

/**
 * Opens tar archives in WebDataset's form, listing them from beginning to end but reading no picture. `where` is a
 * folder of shards (or of folders `train`, `validation`, `val`, `test` of them), one archive, or several as
 * `NAME-{000000..000009}.tar`. The last word before the numbers says the part: `train`, `validation` or `val`, `test`;
 * where none says so, all are the training set. The classes are named by a `classes.txt` (a line a class) or
 * `synset_words.txt` beside the shards; else they are as many numbered ones as the indices need.
 * @param name of the data set, for people
 * @param note told of gaps in the numbers of the shards
 * @throws UserError naming the shard that cannot be read, and the sample with an index beyond the classes
 */
export async function openTarShards(
  where: string,
  name: string,
  note: (line: string) => void = () => undefined,
): Promise<FoundSplits<Pictures>> {
  const paths = where.endsWith('.tar') ? expanded(resolve(where)) : await tarNames(resolve(where));
  if (paths.length === 0) throw new UserError(`${where}: expected tar archives, found none`);
  noteGaps(name, paths, note);
  const parts = new Map<Part, Sample[]>();
  for (const path of paths) {
    const part = paths.some(partOf) ? partOf(path) : 'train';
    if (!part) {
      throw new UserError(
        `${path}: expected train, validation, val or test before its number as in other shards`,
      );
    }
    const samples = parts.get(part) ?? [];
    for (const sample of await samplesOf(path)) samples.push(sample);
    parts.set(part, samples);
  }
  const folders = [dirname(paths[0]!), resolve(where)];
  const classes = await classNames(folders, [...parts.values()]);
  const splits: Partial<Record<Part, Pictures>> = {};
  for (const [part, samples] of parts) {
    splits[part] = asPictures(`${name} ${part}`, samples, classes);
  }
  return splits;
}

function asPictures(name: string, samples: readonly Sample[], classes: readonly string[]): Pictures {
  const beyond = samples.find(({ label }) => label >= classes.length);
  if (beyond) {
    const { file, part } = beyond.place;
    throw new UserError(
      `${file}: ${part?.name}: expected an index below the ${classes.length} classes, found ${beyond.label}`,
    );
  }
  if (samples.length === 0) throw new UserError(`${name}: expected pictures in its shards, found none`);
  if (classes.length < 2) throw new UserError(`${name}: expected at least two classes, found one`);
  return {
    kind: 'pictures',
    name,
    synthetic: false,
    classes,
    labels: Int32Array.from(samples, ({ label }) => label),
    places: samples.map(({ place }) => place),
  };
}

async function classNames(
  folders: readonly string[],
  parts: readonly (readonly Sample[])[],
): Promise<readonly string[]> {
  const named = (await classesText(folders)) ?? (await synsetWords(folders))?.names;
  if (named) return named;
  let largest = 0;
  for (const samples of parts) for (const { label } of samples) largest = Math.max(largest, label);
  return Array.from({ length: largest + 1 }, (_, label) => String(label));
}

/** `NAME-{000000..000009}.tar` as the ten paths that it means. */
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

/** The archives in a folder; where there are none, those in the folders of its parts. */
async function tarNames(folder: string): Promise<readonly string[]> {
  const archives = async (place: string) =>
    (await readdir(place))
      .filter((name) => name.endsWith('.tar') && !name.startsWith('.'))
      .sort()
      .map((name) => join(place, name));
  try {
    const own = await archives(folder);
    if (own.length > 0) return own;
    const inner = (await readdir(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && Object.hasOwn(partWords, entry.name))
      .map((entry) => join(folder, entry.name));
    return (await Promise.all(inner.map(archives))).flat();
  } catch (error) {
    throw new UserError(`${folder}: expected a folder of tar archives, cannot be read: ${messageOf(error)}`);
  }
}

/** `imagenet-train-000007.tar` is a part of `train`, and so is `train/000007.tar`. */
function partOf(path: string): Part | undefined {
  const stem = basename(path, '.tar').replace(/[-_.]?\d+$/, '');
  const word = stem.split(/[-_.]/).at(-1) || basename(dirname(path));
  return Object.hasOwn(partWords, word) ? partWords[word] : undefined;
}

/** A shard that is missing between others is most likely a copy that was interrupted. */
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
