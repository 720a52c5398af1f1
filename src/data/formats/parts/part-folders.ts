/** Finds the folders of a data set's parts, and refuses layouts that can be read in two ways. */
import { listed } from '../../../core/text/counted';
import { realpath } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError } from '../../../core/errors';
import { madeHere } from '../image-folder/class-folders';
import { asSynsets, firstText, lines } from '../class-names';
import {
  byUsualSpelling,
  formerPartOfName,
  isPrediction,
  isUnlabelled,
  numberedPartOfName,
  partOfName,
  parts,
  type Part,
} from './part-names';
import {
  companions,
  entries,
  foreignIn,
  holdsImages,
  leftOutTogether,
  looksLikeImage,
  imageFiles,
  imagesIn,
  visibleFolders,
  type Foreign,
  type LeftOut,
} from '../image-folder/image-files';

/** Which names of parts are recognised: all, or only those that earlier releases recognised. */
export type PartWords = 'all' | 'former';

/** Where the parts of a folder of images lie. */
export interface PartFolders {
  readonly places: Readonly<Partial<Record<Part, string>>>;
  /** Whether the folder has no parts; all of it is then `train`. */
  readonly whole: boolean;
  /** What lies beside the parts, or beside the single folder that holds them. */
  readonly leftOut: LeftOut;
  /** Empty folders with the names of parts, beside class folders. */
  readonly empty: readonly string[];
  /** How an ambiguous layout was read. */
  readonly remarks: readonly string[];
}

/** A folder with the name of a part. */
interface Candidate {
  readonly name: string;
  readonly part: Part;
  /** `classes`: folders with images, or a label file; `images`: only images; `nothing`: no image. */
  readonly holds: 'classes' | 'images' | 'nothing';
}

/**
 * The folder of each part. A folder without parts is one part, and so is one where a class has the name of a part.
 * @param folder absolute
 * @param words which names of parts are recognised; `former`: those of earlier releases
 * @throws UserError when a part has two folders, classes lie beside the parts, or other folders may be parts or classes
 */
export async function partFolders(folder: string, words: PartWords = 'all'): Promise<PartFolders> {
  const { own, leftOut } = words === 'all' ? await withoutWrappers(folder) : { own: folder, leftOut: [] };
  const wrapped = own === folder ? [] : [`the images are those of ${own}`];
  const folders = await visibleFolders(own);
  const partOf = words === 'all' ? await partsAmong(own, folders) : formerPartOfName;
  const named = folders.filter((name) => partOf(name)).sort(byUsualSpelling);
  const whole = {
    places: { train: own },
    whole: true,
    leftOut: leftOutTogether(leftOut),
    empty: [],
    remarks: wrapped,
  };
  if (named.length === 0) {
    if (words === 'all') await refuseLikeParts(own, folders);
    return whole;
  }
  const candidates: Candidate[] = [];
  for (const name of named) {
    candidates.push({ name, part: partOf(name)!, holds: await contentOf(join(own, name)) });
  }
  if (words === 'all') {
    const besides = await foldersWithImages(
      own,
      folders.filter((name) => !named.includes(name)),
    );
    const parted = candidates.some(({ holds }) => holds === 'classes');
    if (besides.length > 0 && parted) throw ambiguous(own, candidates, besides);
    if (besides.length > 0) {
      const empty = candidates.filter(({ holds }) => holds === 'nothing').map(({ name }) => name);
      return { ...whole, empty, remarks: [...wrapped, ...asClasses(own, candidates, besides)] };
    }
    if (!parted && (await entries(own)).some(({ name }) => name === 'labels.txt')) return whole;
  }
  const filled = candidates.filter(({ holds }) => holds !== 'nothing');
  const chosen = filled.length > 0 ? filled : candidates;
  const places = await placesOf(own, chosen, words);
  const besides = await besideParts(own, new Set(chosen.map(({ name }) => name)));
  return { ...whole, places, whole: false, leftOut: leftOutTogether([...leftOut, besides]) };
}

/**
 * Returns which part a folder's name means. Names with a number before the word count only if all folders are parts,
 * each a different one.
 */
async function partsAmong(
  folder: string,
  names: readonly string[],
): Promise<(name: string) => Part | undefined> {
  const either = (name: string) => partOfName(name) ?? numberedPartOfName(name);
  const called = names.filter(either);
  if (new Set(called.map(either)).size < called.length) return partOfName;
  for (const name of called)
    if (numberedPartOfName(name) && (await contentOf(join(folder, name))) !== 'classes') return partOfName;
  const others = names.filter((name) => !either(name));
  return (await foldersWithImages(folder, others)).length === 0 ? either : partOfName;
}

/**
 * Refuses folders that all have the same folders of images in them and no other images: they may be classes, parts with
 * unknown names, or folds.
 */
async function refuseLikeParts(folder: string, names: readonly string[]): Promise<void> {
  let common: readonly string[] | undefined;
  const alike: string[] = [];
  for (const name of names) {
    if (isUnlabelled(name) || documents.test(name)) continue;
    const place = join(folder, name);
    const inside = await entries(place);
    if (foreignIn({ name, kind: 'folder' }, inside)) continue;
    if (imagesIn(inside)) return;
    const inner = await foldersWithImages(place, await visibleFolders(place));
    if (inner.length === 0) continue;
    common ??= inner;
    if (inner.length < 2 || inner.join('/') !== common.join('/')) return;
    alike.push(name);
  }
  if (alike.length < 2 || asSynsets(alike) || (await areNamedAsClasses(folder, alike))) return;
  throw new UserError(
    `${folder}: expected either folders of parts or folders of classes, found ${listed(alike, 3)}, each with the ` +
      `folders ${listed(common!, 3)}, which may be either; if they are parts, rename them to train and test or name ` +
      `one of them as the data (${join(basename(folder), alike[0]!)}); if they are classes, name them in a classes.txt beside them, a line each`,
  );
}

/** Whether a file beside class folders names exactly these classes. */
async function areNamedAsClasses(folder: string, names: readonly string[]): Promise<boolean> {
  const found = await firstText([folder], 'classes.txt').catch((error: unknown) => {
    if (error instanceof UserError) return undefined; // reported when classes are listed
    throw error;
  });
  if (!found) return false;
  const form = (name: string) =>
    name
      .trim()
      .replace(/^\d+\s+(?=\S)/, '')
      .normalize('NFC');
  const named = new Set(lines(found.text).map(({ line }) => form(line)));
  return named.size === names.length && names.every((name) => named.has(form(name)));
}

async function placesOf(
  folder: string,
  candidates: readonly Candidate[],
  words: PartWords,
): Promise<PartFolders['places']> {
  const places: Partial<Record<Part, string>> = {};
  for (const part of parts) {
    const names = candidates.filter((each) => each.part === part).map(({ name }) => name);
    if (names.length > 1) {
      throw new UserError(`${folder}: expected one folder for ${part}, found ${names.join(' and ')}`);
    }
    if (names[0] === undefined) continue;
    const place = join(folder, names[0]);
    if (words === 'all') await refusePartsWithin(place);
    places[part] = words === 'all' ? await withinItsNamesake(place) : place;
  }
  const real = await Promise.all(Object.values(places).map((place) => realpath(place)));
  if (new Set(real).size < real.length) {
    throw new UserError(
      `${folder}: expected a folder of its own for each part, found a link from one to another`,
    );
  }
  return places;
}

/** Refuses folders of parts within a part, which would be taken for classes. */
async function refusePartsWithin(place: string): Promise<void> {
  const folders = await visibleFolders(place);
  const inner = folders.filter((name) => partOfName(name));
  if (inner.length < 2 || inner.length < folders.length) return;
  throw new UserError(
    `${place}: expected folders of classes, found those of parts, ${inner.join(' and ')}; if these are meant, ` +
      'name this folder instead',
  );
}

async function contentOf(folder: string): Promise<Candidate['holds']> {
  const inside = await entries(folder);
  if (inside.some(({ name, kind }) => kind === 'file' && name === 'labels.txt')) return 'classes';
  for (const name of await visibleFolders(folder))
    if (await holdsImages(join(folder, name))) return 'classes';
  return imagesIn(inside) ? 'images' : 'nothing';
}

/** The folders that hold images, except those whose names say that their images are unlabelled. */
async function foldersWithImages(folder: string, names: readonly string[]): Promise<readonly string[]> {
  const labelled = names.filter((name) => !isUnlabelled(name) && !isPrediction(name));
  const found: string[] = [];
  for (const name of labelled) {
    if ((await holdsImages(join(folder, name))) && !(await isMadeHere(folder, name))) found.push(name);
  }
  return found;
}

/** Whether a folder holds what this program made and no other images. */
async function isMadeHere(folder: string, name: string): Promise<boolean> {
  const inside = await entries(join(folder, name));
  if (foreignIn({ name, kind: 'folder' }, inside)) return true;
  return madeHere(name, await imageFiles(join(folder, name))) !== undefined;
}

function ambiguous(folder: string, candidates: readonly Candidate[], besides: readonly string[]): UserError {
  const part = candidates.find(({ holds }) => holds === 'classes')!.name;
  return new UserError(
    `${folder}: expected either folders of parts or folders of classes, found ${part}, with folders of its own, beside ` +
      `${listed(besides, 3)}; either move ${besides.length > 1 ? 'these' : 'that'} into the parts, or rename ${part} ` +
      'if it is a class',
  );
}

/** Names of folders that may hold all images of a data set and are not classes. */
const containers = /^(images?|imgs?|pictures|pics|photos|data|dataset|labels|annotations)$/i;

/**
 * Decides about folders that have the name of a part, hold images without class folders, and lie among class folders.
 * `train` is most likely a class in a data set of vehicles; the others most likely hold unlabelled images.
 * @returns what to report about them
 */
function asClasses(
  folder: string,
  candidates: readonly Candidate[],
  besides: readonly string[],
): readonly string[] {
  const flat = candidates.filter(({ holds }) => holds === 'images');
  const doubtful = flat.filter(({ name }) => name.toLowerCase() !== 'train');
  const container = besides.find((name) => containers.test(name));
  if (doubtful.length > 0 || (container !== undefined && flat.length > 0)) {
    const name = doubtful[0]?.name ?? flat[0]!.name;
    throw new UserError(
      `${folder}: expected folders of classes in ${name}, or another name if it is a class itself, found images of ` +
        `no class in it, beside ${listed(besides, 3)}`,
    );
  }
  return flat.map(
    ({ name }) => `${name} is taken for a class, since its images lie in no folders of classes`,
  );
}

/** The files and folders beside the parts that are not parts. */
async function besideParts(folder: string, taken: ReadonlySet<string>): Promise<LeftOut> {
  const inside = await entries(folder);
  const visible = inside.filter(({ name }) => !name.startsWith('.') && !taken.has(name));
  const foreign: Foreign[] = [];
  const others: string[] = [];
  const outside: string[] = [];
  for (const entry of visible) {
    const { name, kind } = entry;
    const own = foreignIn(entry, kind === 'folder' ? await entries(join(folder, name)) : []);
    if (own) foreign.push(own);
    else if (kind !== 'folder') (looksLikeImage(name) ? outside : others).push(name);
    else foreign.push({ name, reason: await reasonFor(join(folder, name), name) });
  }
  const hidden = inside.filter(({ name }) => name.startsWith('.')).length;
  return { hidden, others: others.filter((name) => !companions.includes(name)), outside, foreign };
}

async function reasonFor(folder: string, name: string): Promise<string> {
  const made = madeHere(name, await imageFiles(folder));
  if (made !== undefined) return made;
  if (!(await holdsImages(folder))) return 'without images';
  return isUnlabelled(name) || isPrediction(name) ? 'without labels, by its name' : 'not a part';
}

/** Names of folders beside the one that holds the whole data set that are not classes. */
const documents = /^(meta|metadata|docs?|annotations?|splits?|labels)$/i;

/**
 * The folder itself, or the single folder in it that holds the class folders or parts: after unpacking an archive, a
 * data set often lies one folder deeper.
 */
async function withoutWrappers(folder: string): Promise<{ own: string; leftOut: readonly LeftOut[] }> {
  const leftOut: LeftOut[] = [];
  for (let [own, depth] = [folder, 0]; depth < 4; depth++) {
    const only = await onlyFolder(own);
    if (only === undefined) break;
    leftOut.push(await besideParts(own, new Set([only])));
    own = join(own, only);
    if (await isSet(own)) return { own, leftOut };
  }
  return { own: folder, leftOut: [] };
}

/** The only folder that may hold a whole data set, if nothing else may. */
async function onlyFolder(folder: string): Promise<string | undefined> {
  const inside = await entries(folder);
  if (imagesIn(inside) || inside.some(({ name }) => name === 'labels.txt')) return undefined;
  const folders = (await visibleFolders(folder)).filter((name) => !documents.test(name));
  if (folders.some((name) => partOfName(name))) return undefined;
  let only: string | undefined;
  for (const name of folders) {
    if (!(await holdsImages(join(folder, name))) && (await isMadeHere(folder, name))) continue;
    if (only !== undefined) return undefined;
    only = name;
  }
  return only;
}

/** Whether a folder by itself has parts, a label file, or images in at least two folders. */
async function isSet(folder: string): Promise<boolean> {
  const inside = await entries(folder);
  if (imagesIn(inside)) return inside.some(({ name }) => name === 'labels.txt');
  const folders = await visibleFolders(folder);
  if (folders.some((name) => partOfName(name))) return true;
  let withImages = 0;
  for (const name of folders) {
    if (await holdsImages(join(folder, name))) withImages++;
    if (withImages > 1) return true;
  }
  return false;
}

/** The folder of a part whose classes lie one folder deeper, as in `training_set/training_set` or `train/images`. */
async function withinItsNamesake(place: string): Promise<string> {
  const folders = await visibleFolders(place);
  const inside = await entries(place);
  const [only] = folders;
  if (folders.length !== 1 || imagesIn(inside) || inside.some(({ name }) => name === 'labels.txt'))
    return place;
  if (only !== basename(place) && only !== 'images') return place;
  const inner = join(place, only);
  return (await contentOf(inner)) === 'classes' ? inner : place;
}
