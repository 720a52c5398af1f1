/** Finds the image files below a folder, and says which files are left out and why. */
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { leftBy, madeFor } from './foreign-folders';
import { foreignFormat } from '../../image/header';

/** What a folder holds, at any depth. */
export interface FoundImages {
  /** Paths of files whose names end as images' do, in an order that no locale changes. */
  readonly files: readonly string[];
  /** What else lies there. */
  readonly leftOut: LeftOut;
  /** Whether links were followed to any of them. */
  readonly linked: boolean;
}

/** Nothing vanishes in silence: what was passed over, and why. */
export interface LeftOut {
  /** Names that begin with a dot. */
  readonly hidden: number;
  /** Names of files that are no images by their endings, of pipes and devices, and of names that are no UTF-8. */
  readonly others: readonly string[];
  /** Images that a label file does not name. */
  readonly unlabelled?: readonly string[];
  /** Images that lie beside the folders of the classes. */
  readonly outside?: readonly string[];
  /** Folders and files that programs left or made. */
  readonly foreign?: readonly Foreign[];
}

/** What a program left or made among images. */
export interface Foreign {
  readonly name: string;
  /** Whose it is, or what; for people. */
  readonly reason: string;
  /** Made by this program, and not left by another one. */
  readonly made?: boolean;
}

/** Files that say something of the images beside them, and are no images themselves by right. */
export const companions: readonly string[] = ['labels.txt', 'classes.txt', 'synset_words.txt'];

/** The endings of image files, in any case; what is in a file is told by its first bytes. */
export const imageEndings: readonly string[] = [
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp'],
];

export function looksLikeImage(name: string): boolean {
  const lower = name.toLowerCase();
  return imageEndings.some((ending) => lower.endsWith(ending));
}

/**
 * All images in a folder and the folders in it. Links are followed; one that leads nowhere counts as an image that
 * cannot be read, if its name is an image's.
 * @param circles what becomes of a link to a folder that it lies in. Default: `refuse`
 * @throws UserError when a folder cannot be read, or such a link is refused
 */
export async function imageFiles(
  folder: string,
  { circles = 'refuse' }: { readonly circles?: 'refuse' | 'leave out' } = {},
): Promise<FoundImages> {
  const found = { circles, files: [], hidden: 0, others: [], foreign: [], linked: false };
  await walk(folder, new Set(), found, await entries(folder));
  const { files, linked, circles: _asked, ...leftOut } = found;
  return { files, leftOut, linked };
}

interface Walked {
  readonly circles: 'refuse' | 'leave out';
  readonly files: string[];
  readonly others: string[];
  readonly foreign: Foreign[];
  hidden: number;
  linked: boolean;
}

/**
 * @param around the real paths of the folders that this one lies in
 * @param inside what lies in it
 */
async function walk(
  folder: string,
  around: ReadonlySet<string>,
  found: Walked,
  inside: readonly Entry[],
): Promise<void> {
  const own = await realpath(folder).catch((error: unknown) => {
    throw unreadableFolder(folder, error);
  });
  if (around.has(own) && found.circles === 'leave out') {
    found.foreign.push({ name: basename(folder), reason: `a link in a circle, back to ${own}` });
    return;
  }
  if (around.has(own)) {
    throw new UserError(`${folder}: expected folders in folders, found a link in a circle, back to ${own}`);
  }
  const within = new Set([...around, own]);
  for (const entry of inside) {
    const { name, kind } = entry;
    const path = join(folder, name);
    if (name.startsWith('.')) {
      found.hidden++;
      continue;
    }
    if (entry.linked) found.linked = true;
    const inner = kind === 'folder' ? await entries(path) : [];
    const foreign = foreignIn(entry, inner);
    if (foreign) found.foreign.push(foreign);
    else if (kind === 'folder') await walk(path, within, found, inner);
    else if (kind === 'file' && looksLikeImage(name) && !name.includes(notUtf8)) found.files.push(path);
    else if (!companions.includes(name)) found.others.push(name);
  }
}

/**
 * What a folder or file is that programs left or made.
 * @param inside what lies in it, if it is a folder
 */
export function foreignIn({ name, kind }: Entry, inside: readonly Entry[]): Foreign | undefined {
  const by = leftBy(name, kind);
  if (by !== undefined) return { name, reason: `left by ${by}` };
  const what = kind === 'folder' ? madeFor(name, inside, looksLikeImage) : undefined;
  return what === undefined ? undefined : { name, reason: what, made: true };
}

/** The folders in a folder that are neither hidden nor, by their names, other programs'. */
export async function visibleFolders(folder: string): Promise<readonly string[]> {
  return (await entries(folder))
    .filter(({ name, kind }) => kind === 'folder' && !name.startsWith('.') && !leftBy(name, kind))
    .map(({ name }) => name);
}

/** Deeper than folders of images are; a link in a circle is told when the images are listed. */
const mostDepth = 16;

/** Whether `imageFiles` would find one in the folder, which is looked through no further than to the first. */
export async function holdsImages(folder: string, depth = 0): Promise<boolean> {
  const inside = await entries(folder);
  if (depth > mostDepth || madeFor(basename(folder), inside, looksLikeImage)) return false;
  if (imagesIn(inside)) return true;
  for (const { name, kind } of inside) {
    if (kind !== 'folder' || name.startsWith('.') || leftBy(name, kind)) continue;
    if (await holdsImages(join(folder, name), depth + 1)) return true;
  }
  return false;
}

/** Whether images lie in a folder itself. */
export function imagesIn(inside: readonly Entry[]): boolean {
  return inside.some(({ name, kind }) => kind === 'file' && !name.startsWith('.') && looksLikeImage(name));
}

/** What stands in a name for bytes that are no UTF-8; no file can be opened by it. */
const notUtf8 = '\ufffd';

export interface Entry {
  readonly name: string;
  /** What a link leads to; a link to nowhere counts as a file. */
  readonly kind: 'file' | 'folder' | 'other';
  /** Whether it is a link. */
  readonly linked?: boolean;
}

/**
 * What lies in a folder, sorted by the names' UTF-16 code units.
 * @throws UserError when it cannot be read
 */
export async function entries(folder: string): Promise<readonly Entry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadableFolder(folder, error);
  });
  const kinds = await Promise.all(found.map((entry) => kindOf(folder, entry)));
  return found
    .map((entry, index) => ({
      name: entry.name,
      kind: kinds[index]!,
      ...(entry.isSymbolicLink() && { linked: true }),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

async function kindOf(folder: string, entry: Dirent): Promise<Entry['kind']> {
  if (entry.isFile()) return 'file';
  if (entry.isDirectory()) return 'folder';
  if (entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice())
    return 'other';
  const path = join(folder, entry.name);
  try {
    const found = await stat(path);
    return found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 'file';
    if (codeOf(error) === 'ELOOP') {
      throw new UserError(`${path}: expected a file or a folder, found a link in a circle`);
    }
    throw unreadableFolder(path, error);
  }
}

function unreadableFolder(folder: string, error: unknown): UserError {
  return new UserError(`${folder}: expected a folder of images, cannot be read: ${messageOf(error)}`);
}

/** `2 hidden, 3 other files (notes.txt, …)`; undefined where nothing was left out. */
export function leftOutText({
  hidden,
  others,
  unlabelled = [],
  outside = [],
  foreign = [],
}: LeftOut): string | undefined {
  const unread = others.filter((name) => foreignFormat(name) !== undefined);
  const rest = others.filter((name) => foreignFormat(name) === undefined);
  const counted = (names: readonly string[], what: string) =>
    names.length > 0 ? `${names.length} ${what} (${listed(names, 4)})` : '';
  const texts = [
    hidden > 0 ? `${hidden} hidden` : '',
    counted(unread, 'of formats that are not read'),
    counted(rest, rest.length > 1 ? 'other files' : 'other file'),
    counted(unlabelled, 'without a label'),
    counted(outside, `image${outside.length > 1 ? 's' : ''} in no class folder`),
    listed(foreignTexts(foreign), 6),
  ].filter(Boolean);
  return texts.length > 0 ? texts.join(', ') : undefined;
}

/** `2 other files (a.txt, b.txt)`. */
export function otherFiles(names: readonly string[]): string {
  return `${names.length} other file${names.length > 1 ? 's' : ''} (${listed([...names].sort(), 4)})`;
}

/** Such as `__MACOSX (left by macOS)`; the same in several folders counts up. */
function foreignTexts(foreign: readonly Foreign[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name, reason } of foreign) {
    const text = `${name.trim()} (${reason})`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => (count > 1 ? `${count} times ${text}` : text));
}

/** All of several folders. */
export function leftOutTogether(all: readonly LeftOut[]): LeftOut {
  const joined = <Each>(of: (each: LeftOut) => readonly Each[] | undefined) =>
    all.flatMap((each) => of(each) ?? []);
  return {
    hidden: all.reduce((sum, { hidden }) => sum + hidden, 0),
    others: joined(({ others }) => others),
    unlabelled: joined(({ unlabelled }) => unlabelled),
    outside: joined(({ outside }) => outside),
    foreign: joined(({ foreign }) => foreign),
  };
}

/** The first few names, and how many more there are. */
export function listed(names: readonly string[], most: number): string {
  const rest = names.length > most ? ` and ${names.length - most} more` : '';
  return names.slice(0, most).join(', ') + rest;
}
