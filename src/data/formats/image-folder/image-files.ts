/** Finds the image files below a folder, and says which files are left out and why. */
import { listed } from '../../../core/text/counted';
import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UserError, codeOf, messageOf } from '../../../core/errors';
import { leftBy, madeFor } from './foreign-folders';
import { foreignFormat } from '../../image/header';

/** What a folder holds, at any depth. */
export interface FoundImages {
  /** Paths of files with the extension of an image, in an order that does not depend on the locale. */
  readonly files: readonly string[];
  /** What else lies there. */
  readonly leftOut: LeftOut;
  /** Whether any of these was found through a link. */
  readonly linked: boolean;
}

/** What was left out and why, so that nothing is ignored silently. */
export interface LeftOut {
  /** The number of names that begin with a dot. */
  readonly hidden: number;
  /** Names of files without an image's extension, of pipes and devices, and names that are not UTF-8. */
  readonly others: readonly string[];
  /** Images that a label file does not name. */
  readonly unlabelled?: readonly string[];
  /** Images beside the class folders. */
  readonly outside?: readonly string[];
  /** Folders and files that programs left or made, this one included. */
  readonly foreign?: readonly Foreign[];
}

/** What a program left or made among images. */
export interface Foreign {
  readonly name: string;
  /** Which program left it, or what it is, for messages. */
  readonly reason: string;
  /** Whether this program made it, not another one. */
  readonly made?: boolean;
}

/** Files that describe the images beside them; they are expected there and not reported as other files. */
export const companions: readonly string[] = ['labels.txt', 'classes.txt', 'synset_words.txt'];

/** The extensions of image files, in upper or lower case; the format itself is recognised by a file's first bytes. */
export const imageEndings: readonly string[] = [
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp'],
];

export function looksLikeImage(name: string): boolean {
  const lower = name.toLowerCase();
  return imageEndings.some((ending) => lower.endsWith(ending));
}

/**
 * All images in a folder, at any depth. Links are followed; a broken link with the name of an image counts as an image
 * that cannot be read.
 * @param circles what to do about a link to a folder that contains it. Default: `refuse`
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
 * @param around the real paths of the folders that contain this one
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
 * The description of a file or folder that a program left or made; undefined for any other.
 * @param inside what lies in it, if it is a folder
 */
export function foreignIn({ name, kind }: Entry, inside: readonly Entry[]): Foreign | undefined {
  const by = leftBy(name, kind);
  if (by !== undefined) return { name, reason: `left by ${by}` };
  const what = kind === 'folder' ? madeFor(name, inside, looksLikeImage) : undefined;
  return what === undefined ? undefined : { name, reason: what, made: true };
}

/** The folders in a folder, except hidden ones and those whose names are other programs'. */
export async function visibleFolders(folder: string): Promise<readonly string[]> {
  return (await entries(folder))
    .filter(({ name, kind }) => kind === 'folder' && !name.startsWith('.') && !leftBy(name, kind))
    .map(({ name }) => name);
}

/** Deeper than any folder of images; circular links are reported when the images are listed. */
const mostDepth = 16;

/** Whether `imageFiles` would find an image in the folder. The search stops at the first one. */
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

/** The replacement character for bytes that are not UTF-8; a file cannot be opened by such a name. */
const notUtf8 = '\ufffd';

export interface Entry {
  readonly name: string;
  /** For a link, the kind of its target; a broken link counts as a file. */
  readonly kind: 'file' | 'folder' | 'other';
  /** Whether it is a link. */
  readonly linked?: boolean;
}

/** How many entries of a folder are asked of the system at once, where they are links. */
const lookedAtOnce = 256;

/**
 * What lies in a folder, sorted by the names' UTF-16 code units.
 * @throws UserError when it cannot be read
 */
export async function entries(folder: string): Promise<readonly Entry[]> {
  const found = await readdir(folder, { withFileTypes: true }).catch((error: unknown) => {
    throw unreadableFolder(folder, error);
  });
  const kinds: Entry['kind'][] = [];
  // All links of a large folder at once would fill the memory with what is asked of the system.
  for (let at = 0; at < found.length; at += lookedAtOnce)
    kinds.push(
      ...(await Promise.all(found.slice(at, at + lookedAtOnce).map((entry) => kindOf(folder, entry)))),
    );
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

/** Text such as `2 hidden, 3 other files (notes.txt, …)`; undefined if nothing was left out. */
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

/** Text such as `2 other files (a.txt, b.txt)`. */
export function otherFiles(names: readonly string[]): string {
  return `${names.length} other file${names.length > 1 ? 's' : ''} (${listed([...names].sort(), 4)})`;
}

/** Texts such as `__MACOSX (left by macOS)`; the same name in several folders is listed once with a count. */
function foreignTexts(foreign: readonly Foreign[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const { name, reason } of foreign) {
    const text = `${name.trim()} (${reason})`;
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return [...counts].map(([text, count]) => (count > 1 ? `${count} times ${text}` : text));
}

/** What was left out in several folders together. */
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
