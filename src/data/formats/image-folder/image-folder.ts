/** Opens a folder of images whose classes are folders or stand in a label file. */
import { lstat } from 'node:fs/promises';
import { resolve, basename, join } from 'node:path';
import { counted, listed } from '../../../core/text/counted';
import { UserError } from '../../../core/errors';
import { alikeText, visibleName } from '../alike-names';
import { listedByFolders, type ClassOrder } from './class-folders';
import type { FoundSplits } from '../../splits';
import { listedByFile, type LabelledFiles } from './label-file';
import { refuseShared } from './linked-images';
import { partFolders, type PartWords } from '../parts/part-folders';
import { parts, type Part } from '../parts/part-names';
import { leftOutText, imageEndings } from './image-files';
import type { ImageFiles, Labelled } from '../../dataset';
import { firstText, lines } from '../class-names';

/** The extensions that were read before TIFF, AVIF and BMP. */
const formerEndings = ['.jpg', '.jpeg', '.png', '.webp', '.gif'];

/** How a folder of images is read. */
export interface ImageFolderOptions {
  /** Default: `value`. */
  readonly classOrder?: ClassOrder | undefined;
  /** Default: `all`. */
  readonly partWords?: PartWords | undefined;
}

/**
 * Opens a folder of images. It holds folders of parts (`train`, `validation` and `test`, or their names in other tools,
 * see `partOfName`), of which each may be missing; or it is a single part, which is returned as `train`. A part is
 * listed by `listedByFile` if it has a label file, otherwise by `listedByFolders`. All parts have the classes of the
 * first one. No image is read yet.
 * @param name the name of the data set, for messages
 * @param note called with how an ambiguous folder was read, and with what was left out
 * @throws UserError when the folder has another layout or an ambiguous one, a class folder of the training set has no
 *   image, there is only one class, or the parts have different classes
 */
export async function openImageFolder(
  folder: string,
  name: string,
  note: (line: string) => void = () => undefined,
  { classOrder, partWords }: ImageFolderOptions = {},
): Promise<FoundSplits<ImageFiles>> {
  const root = resolve(folder);
  const { places, whole, leftOut, empty, remarks } = await partFolders(root, partWords);
  for (const remark of remarks) note(`${name}: ${remark}`);
  const besides = leftOutText(leftOut);
  if (besides) note(`${name}: left out: ${besides}`);
  const splits: Partial<Record<Part, ImageFiles>> = {};
  const former = partWords === 'former';
  const folders = {
    ...{ order: classOrder, except: empty, unlabelled: former },
    ...(former && { endings: formerEndings }),
  };
  const listings: (LabelledFiles & { readonly name: string })[] = [];
  for (const part of parts) {
    const place = places[part];
    if (place === undefined) continue;
    const called = whole ? name : `${name} ${part}`;
    const found = (await listedByFile(place)) ?? (await listedByFolders(place, folders));
    const listing = { ...found, linked: found.linked || (await isLink(place)), name: called };
    const passedOver = leftOutText(listing.leftOut);
    const count = counted(listing.labels.length, 'image');
    if (passedOver) note(`${called}: ${count}; left out: ${passedOver}`);
    listings.push(listing);
    checkClasses(listing, listings[0]!, part);
    splits[part] = asImages(listing, listings[0]!, called);
    noteEmpty(splits[part], note);
    await noteNames(place, listing, (text) => note(`${called}: ${text}`));
  }
  if (listings.some(({ linked }) => linked)) await refuseShared(listings, note);
  if (!whole && listings[0]) await noteNames(root, listings[0], (text) => note(`${name}: ${text}`));
  return splits;
}

async function isLink(path: string): Promise<boolean> {
  return (await lstat(path)).isSymbolicLink();
}

function checkClasses(listing: LabelledFiles, first: LabelledFiles, part: Part): void {
  const { from, ids, labels } = listing;
  if (labels.length === 0) throw new UserError(`${from}: expected images (${endings}), found none`);
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
      `${from}: expected images (${endings}) of each class, found none of ${listed(empty, 3)}`,
    );
  }
}

const endings = imageEndings.join(', ');

function checkSameClasses({ from, ids }: LabelledFiles, first: LabelledFiles): void {
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
    missing.length > 0 ? `none for ${listed(missing.map(visibleName), 3)}` : '',
    besides.length > 0 ? `${listed(besides.map(visibleName), 3)} besides` : '',
  ];
  throw new UserError(
    `${from}: expected the ${first.ids.length} classes of ${first.from}, found ${found.filter(Boolean).join(' and ')}` +
      alikeText(besides, missing),
  );
}

/** If a label file does not name the classes, there are as many as its indices need. */
function classIds({ ids, labels }: LabelledFiles): readonly string[] {
  if (ids) return ids;
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  return Array.from({ length: largest + 1 }, (_, label) => String(label));
}

function asImages(listing: LabelledFiles, first: LabelledFiles, name: string): ImageFiles {
  const ids = classIds(first);
  const index = new Map(ids.map((id, label) => [id, label]));
  const labelOf = (label: number) => (listing.ids ? index.get(listing.ids[label]!)! : label);
  return {
    kind: 'files',
    name,
    synthetic: false,
    classes: first.names ?? ids,
    ...(first.synsets && { synsets: first.synsets }),
    labels: Int32Array.from(listing.labels, labelOf),
    files: listing.files.map((file) => ({ file })),
  };
}

/** Tells of the classes of which a set has no image. */
export function noteEmpty({ name, classes, labels }: Labelled, note: (line: string) => void): void {
  const seen = new Set(labels);
  const empty = classes.filter((_, label) => !seen.has(label));
  const short = empty.map((words) => words.split(',')[0]!); // each ImageNet class has several names
  if (empty.length > 0) {
    note(`${name}: no image of ${empty.length} of its ${classes.length} classes (${listed(short, 3)})`);
  }
}

/**
 * Compares files that also name the classes with the class folders beside them, and reports differences. The folders
 * take precedence.
 * @param tell called with the files that are ignored
 */
export async function noteNames(
  folder: string,
  { by, ids, from }: LabelledFiles,
  tell: (text: string) => void,
): Promise<void> {
  for (const file of ['labels.txt', 'classes.txt']) {
    const found = await firstText([folder], file).catch((error: unknown) => {
      if (!(error instanceof UserError)) throw error;
      tell(`${file} is passed over: ${error.message}`);
      return undefined;
    });
    if (!found || (by === 'file' && basename(from) === file && from === join(folder, file))) continue;
    if (by === 'file' || !ids) {
      tell(`${file} is passed over: the classes of a labels.txt are named by a synset_words.txt`);
      continue;
    }
    const named = lines(found.text).map(({ line }) =>
      line
        .trim()
        .replace(/^\d+\s+(?=\S)/, '')
        .normalize('NFC'),
    );
    const own = new Set(ids);
    const same = named.length === own.size && named.every((each) => own.has(each));
    if (!same) {
      tell(
        `${file} is passed over, for it does not name the ${own.size} folders of classes (${counted(named.length, 'line')})`,
      );
    } else if (named.some((each, at) => each !== ids[at])) {
      tell(`${file} names the classes in another order than theirs here, which is ${listed(ids, 3)}`);
    }
  }
}
