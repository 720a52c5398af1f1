import { counted } from '../counted';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { UserError } from '../errors';
import { listedByFolders } from './class-folders';
import type { FoundSplits } from './found-splits';
import { listedByFile, type Listing } from './label-file';
import { entries, leftOutText, listed, pictureEndings } from './picture-files';
import type { Pictures } from './pictures';

/** What the folders of the parts may be called. */
const spellings = { train: ['train'], validation: ['validation', 'val'], test: ['test'] } as const;
type Part = keyof typeof spellings;
const partNames = Object.keys(spellings) as readonly Part[];

/**
 * Opens a folder of pictures: `train`, `validation` (or `val`) and `test`, of which each may be missing, or a single
 * part, which is returned as `train`. Each is listed by `listedByFile` where it has a label file, else by
 * `listedByFolders`; all have the classes of the first of them. No picture is read yet.
 * @param name of the data set, for people
 * @param note told what was left out, and which classes have no picture outside the training set
 * @throws UserError when the folder is laid out otherwise, a class folder of the training set has no picture, there is
 *   but one class, or the parts have different classes
 */
export async function openPictureFolder(
  folder: string,
  name: string,
  note: (line: string) => void = () => undefined,
): Promise<FoundSplits<Pictures>> {
  const root = resolve(folder);
  const places = await partsIn(root);
  const splits: Partial<Record<Part, Pictures>> = {};
  let first: Listing | undefined;
  for (const part of partNames) {
    const place = places[part];
    if (place === undefined) continue;
    const listing = (await listedByFile(place)) ?? (await listedByFolders(place));
    first ??= listing;
    checkClasses(listing, first, part);
    const called = place === root ? name : `${name} ${part}`;
    splits[part] = asPictures(listing, first, called);
    remark(listing, splits[part], note);
  }
  return splits;
}

/** The folder of each part; a folder without parts is a training set. */
async function partsIn(folder: string): Promise<Partial<Record<Part, string>>> {
  const folders = (await entries(folder)).filter(({ kind }) => kind === 'folder').map(({ name }) => name);
  const parts: Partial<Record<Part, string>> = {};
  for (const part of partNames) {
    const names = spellings[part].filter((spelling) => folders.includes(spelling));
    if (names.length > 1) {
      throw new UserError(`${folder}: expected one folder for ${part}, found ${names.join(' and ')}`);
    }
    if (names[0] !== undefined) parts[part] = join(folder, names[0]);
  }
  if (Object.keys(parts).length === 0) return { train: folder };
  const real = await Promise.all(Object.values(parts).map((place) => realpath(place)));
  if (new Set(real).size < real.length) {
    throw new UserError(
      `${folder}: expected a folder of its own for each part, found a link from one to another`,
    );
  }
  return parts;
}

function checkClasses(listing: Listing, first: Listing, part: Part): void {
  const { from, ids, labels } = listing;
  if (labels.length === 0) throw new UserError(`${from}: expected pictures (${endings}), found none`);
  checkSameClasses(listing, first);
  const classes = classIds(first).length;
  if (classes < 2) throw new UserError(`${from}: expected at least two classes, found ${classIds(first)[0]}`);
  const beyond = labels.find((label) => label >= classes);
  if (beyond !== undefined) {
    throw new UserError(
      `${from}: expected an index below the ${classes} classes of ${first.from}, found ${beyond}`,
    );
  }
  if (part !== 'train' || listing.by === 'file') return;
  const seen = new Set(labels);
  const empty = (ids ?? []).filter((_, label) => !seen.has(label));
  if (empty.length > 0) {
    throw new UserError(
      `${from}: expected pictures (${endings}) of each class, found none of ${listed(empty, 3)}`,
    );
  }
}

const endings = pictureEndings.join(', ');

function checkSameClasses({ from, ids }: Listing, first: Listing): void {
  if (!ids) return;
  if (!first.ids) {
    throw new UserError(
      `${first.from}: expected a synset_words.txt, as the classes of ${from} have names, found none`,
    );
  }
  const own = new Set(ids);
  const wanted = new Set(first.ids);
  const missing = first.ids.filter((id) => !own.has(id));
  const besides = ids.filter((id) => !wanted.has(id));
  if (missing.length === 0 && besides.length === 0) return;
  const found = [
    missing.length > 0 ? `none for ${listed(missing, 3)}` : '',
    besides.length > 0 ? `${listed(besides, 3)} besides` : '',
  ];
  throw new UserError(
    `${from}: expected the ${first.ids.length} classes of ${first.from}, found ${found.filter(Boolean).join(' and ')}`,
  );
}

/** Where a label file names no classes, they are as many as its indices need. */
function classIds({ ids, labels }: Listing): readonly string[] {
  if (ids) return ids;
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  return Array.from({ length: largest + 1 }, (_, label) => String(label));
}

function asPictures(listing: Listing, first: Listing, name: string): Pictures {
  const ids = classIds(first);
  const index = new Map(ids.map((id, label) => [id, label]));
  const labelOf = (label: number) => (listing.ids ? index.get(listing.ids[label]!)! : label);
  return {
    kind: 'pictures',
    name,
    synthetic: false,
    classes: first.names ?? ids,
    labels: Int32Array.from(listing.labels, labelOf),
    places: listing.files.map((file) => ({ file })),
  };
}

function remark(listing: Listing, { name, classes, labels }: Pictures, note: (line: string) => void): void {
  const passedOver = leftOutText(listing.leftOut);
  if (passedOver) note(`${name}: ${counted(labels.length, 'picture')}; left out: ${passedOver}`);
  const seen = new Set(labels);
  const empty = classes.filter((_, label) => !seen.has(label));
  const short = empty.map((words) => words.split(',')[0]!); // ImageNet's have several names each
  if (empty.length > 0) {
    note(`${name}: no picture of ${empty.length} of its ${classes.length} classes (${listed(short, 3)})`);
  }
}
