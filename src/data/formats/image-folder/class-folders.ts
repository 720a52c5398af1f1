/** Lists the image files of a folder by class: one folder a class. */
import { listed } from '../../../core/text/counted';
import { basename, dirname, extname, join } from 'node:path';
import { UserError } from '../../../core/errors';
import { asSynsets, synsetWords } from '../class-names';
import { isDrawing } from './foreign-folders';
import type { LabelledFiles } from './label-file';
import { isUnlabelled } from '../parts/part-names';
import {
  companions,
  entries,
  foreignIn,
  leftOutTogether,
  looksLikeImage,
  imageEndings,
  imageFiles,
  type Entry,
  type Foreign,
  type LeftOut,
  type FoundImages,
} from './image-files';

/**
 * The order of classes whose folder names are numbers: by value, or by the bytes of their digits, as in earlier
 * releases.
 */
export type ClassOrder = 'value' | 'bytes';

export interface FolderOptions {
  readonly order?: ClassOrder | undefined;
  /** Folders without images that are not classes. */
  readonly except?: readonly string[] | undefined;
  /** Whether a folder named `unlabeled` is a class, as in earlier releases. Default: false. */
  readonly unlabelled?: boolean | undefined;
  /** The file extensions of images. Default: all that can be read. */
  readonly endings?: readonly string[] | undefined;
}

/** The folder of a class. */
interface ClassFolder extends FoundImages {
  readonly id: string;
}

/**
 * Lists a folder that has a folder for each class, with images at any depth. Class names are in Unicode's form NFC.
 * Classes are sorted by the UTF-8 bytes of their names, as in torchvision's `ImageFolder`; if all names are whole
 * numbers, by value, since the numbers are then indices of the classes. If all names are ids in a `synset_words.txt`
 * beside the class folders or one folder up, the classes get their names from it. Folders that this or another program
 * made are not classes.
 * @throws UserError when there is no such folder, two have the same name or number, or links form a circle
 */
export async function listedByFolders(folder: string, options: FolderOptions = {}): Promise<LabelledFiles> {
  const { order = 'value' } = options;
  const { classes, leftOut, visible } = await classFolders(folder, options);
  if (classes.length === 0) {
    throw new UserError(`${folder}: expected a folder for each class, found ${inWords(visible, leftOut)}`);
  }
  refuseDetection(folder, classes);
  const sorted = inOrder(classes, order);
  refuseTwice(folder, sorted, order);
  const ids = sorted.map(({ id }) => id);
  const files: string[] = [];
  const labels: number[] = [];
  for (const [label, own] of sorted.entries()) {
    for (const file of own.files) {
      files.push(file);
      labels.push(label);
    }
  }
  return {
    by: 'folders',
    from: folder,
    ids,
    names: await namesFor(ids, folder),
    synsets: asSynsets(ids),
    files,
    labels,
    leftOut,
    linked: visible.some(({ linked }) => linked) || classes.some(({ linked }) => linked),
  };
}

function ending(images: FoundImages, endings: readonly string[]): FoundImages {
  if (endings === imageEndings) return images;
  const files = images.files.filter((file) => endings.includes(extname(file).toLowerCase()));
  return { ...images, files };
}

async function classFolders(
  folder: string,
  { except = [], unlabelled = false, endings = imageEndings }: FolderOptions,
) {
  const found = await entries(folder);
  const visible = found.filter(({ name }) => !name.startsWith('.'));
  const classes: ClassFolder[] = [];
  const foreign: Foreign[] = [];
  const others: string[] = [];
  const outside: string[] = [];
  for (const entry of visible) {
    const { name, kind } = entry;
    const inside = kind === 'folder' ? await entries(join(folder, name)) : [];
    const own = foreignIn(entry, inside);
    if (own) foreign.push(own);
    else if (kind === 'file' && looksLikeImage(name)) outside.push(name);
    else if (kind !== 'folder') others.push(name);
    else if (except.includes(name)) foreign.push({ name, reason: 'without images' });
    else if (!unlabelled && isUnlabelled(name)) foreign.push({ name, reason: 'without labels, by its name' });
    else {
      const images = ending(await imageFiles(join(folder, name)), endings);
      const reason = madeHere(name, images);
      if (reason === undefined) classes.push({ id: name.normalize('NFC'), ...images });
      else foreign.push({ name, reason, made: true });
    }
  }
  const leftOut = leftOutTogether([
    {
      hidden: found.length - visible.length,
      others: others.filter((name) => !companions.includes(name)),
      outside,
      foreign,
    },
    ...classes.map((each) => each.leftOut),
  ]);
  return { classes, leftOut, visible };
}

/**
 * Why a folder is not a class if it only holds what this program made, such as a cache of several data sets, or `runs`.
 */
export function madeHere(name: string, { files, leftOut }: FoundImages): string | undefined {
  const made = (leftOut.foreign ?? []).filter((each) => each.made);
  const kinds = [...new Set(made.map(({ reason }) => reason))];
  const drawn = files.every((file) => isDrawing(basename(file)));
  if (made.length === 0) return name === 'runs' && files.length === 0 ? 'without images' : undefined;
  if (name !== 'runs' && !drawn) return undefined;
  return kinds.length === 1
    ? `with ${kinds[0]}`
    : `with ${kinds.slice(0, -1).join(', ')} and ${kinds.at(-1)}`;
}

function inOrder(classes: readonly ClassFolder[], order: ClassOrder): readonly ClassFolder[] {
  const byBytes = [...classes].sort((one, other) =>
    Buffer.compare(Buffer.from(one.id), Buffer.from(other.id)),
  );
  if (!areNumbers(classes, order)) return byBytes;
  return byBytes.sort((one, other) => {
    const [ones, others] = [BigInt(one.id), BigInt(other.id)];
    return ones < others ? -1 : ones > others ? 1 : 0;
  });
}

const areNumbers = (classes: readonly ClassFolder[], order: ClassOrder) =>
  order === 'value' && classes.every(({ id }) => /^\d+$/.test(id));

function refuseTwice(folder: string, sorted: readonly ClassFolder[], order: ClassOrder): void {
  const twice = sorted.find(({ id }, index) => id === sorted[index + 1]?.id);
  if (twice) {
    throw new UserError(
      `${folder}: expected each class once, found "${twice.id}" twice, in two forms of Unicode`,
    );
  }
  if (!areNumbers(sorted, order)) return;
  const at = sorted.findIndex(({ id }, index) => index > 0 && BigInt(id) === BigInt(sorted[index - 1]!.id));
  if (at < 0) return;
  throw new UserError(
    `${folder}: expected each class once, found ${sorted[at - 1]!.id} and ${sorted[at]!.id}, which are the same number`,
  );
}

/** Refuses a data set for object detection, which has boxes in place of classes. */
function refuseDetection(folder: string, classes: readonly ClassFolder[]): void {
  const named = (name: string) => classes.find(({ id }) => id.toLowerCase() === name);
  const [images, labels] = [named('images'), named('labels') ?? named('annotations')];
  if (!images || !labels || labels.files.length > 0 || classes.length > 2) return;
  throw new UserError(
    `${folder}: expected a folder for each class, found ${images.id} and ${labels.id}, as a set for the detection of ` +
      'objects has them, whose images have no class',
  );
}

async function namesFor(ids: readonly string[], folder: string): Promise<readonly string[]> {
  if (!asSynsets(ids)) return ids;
  const words = await synsetWords([folder, dirname(folder)]);
  if (!words) return ids;
  const byId = new Map(words.ids.map((id, index) => [id, words.names[index]!]));
  return ids.map((id) => byId.get(id) ?? id);
}

function inWords(visible: readonly Entry[], { foreign = [] }: LeftOut): string {
  const strange = new Set(foreign.map(({ name }) => name));
  const names = visible.map(({ name }) => name).filter((name) => !strange.has(name));
  if (names.length === 0 && strange.size > 0) {
    return `only ${listed(
      foreign.map(({ name, reason }) => `${name} (${reason})`),
      3,
    )}`;
  }
  if (names.length === 0) return 'an empty one';
  const table = names.find((name) => /\.(csv|tsv|jsonl?|xml|parquet)$/i.test(name));
  return (
    `${names.length} file${names.length > 1 ? 's' : ''} in none (${listed(names, 3)})` +
    (table === undefined
      ? ''
      : `; classes are not read from ${table}: a labels.txt has a line an image, its name, a blank and the class's index`)
  );
}
