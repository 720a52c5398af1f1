import type { Dirent } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError, codeOf, messageOf } from '../errors';
import { foreignFormat } from './foreign-pictures';

/** What a folder holds, at any depth. */
export interface PictureFiles {
  /** Paths of files whose names end as pictures' do, in an order that no locale changes. */
  readonly files: readonly string[];
  /** What else lies there. */
  readonly leftOut: LeftOut;
}

/** Nothing vanishes in silence: what was passed over, and why. */
export interface LeftOut {
  /** Names that begin with a dot. */
  readonly hidden: number;
  /** Names of files that are no pictures by their endings, of pipes and devices, and of names that are no UTF-8. */
  readonly others: readonly string[];
  /** Pictures that a label file does not name. */
  readonly unlabelled?: readonly string[];
}

/** Files that say something of the pictures beside them, and are no pictures themselves by right. */
const companions: readonly string[] = ['labels.txt', 'classes.txt', 'synset_words.txt'];

/** The endings of picture files, in any case; what is in a file is told by its first bytes. */
export const pictureEndings: readonly string[] = [
  ...['.jpg', '.jpeg', '.jpe', '.jfif', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif', '.bmp'],
];

export function looksLikePicture(name: string): boolean {
  const lower = name.toLowerCase();
  return pictureEndings.some((ending) => lower.endsWith(ending));
}

/**
 * All pictures in a folder and the folders in it. Links are followed; one that leads nowhere counts as a picture that
 * cannot be read, if its name is a picture's.
 * @throws UserError when a folder cannot be read, or a link leads to a folder that it lies in
 */
export async function pictureFiles(folder: string): Promise<PictureFiles> {
  const found = { files: [], hidden: 0, others: [] };
  await walk(folder, new Set(), found);
  return { files: found.files, leftOut: { hidden: found.hidden, others: found.others } };
}

interface Walked {
  readonly files: string[];
  readonly others: string[];
  hidden: number;
}

/** @param around the real paths of the folders that this one lies in */
async function walk(folder: string, around: ReadonlySet<string>, found: Walked): Promise<void> {
  const own = await realpath(folder).catch((error: unknown) => {
    throw unreadableFolder(folder, error);
  });
  if (around.has(own)) {
    throw new UserError(`${folder}: expected folders in folders, found a link in a circle, back to ${own}`);
  }
  for (const { name, kind } of await entries(folder)) {
    const path = join(folder, name);
    if (name.startsWith('.')) found.hidden++;
    else if (kind === 'folder') await walk(path, new Set([...around, own]), found);
    else if (kind === 'file' && looksLikePicture(name) && !name.includes(notUtf8)) found.files.push(path);
    else if (!companions.includes(name)) found.others.push(name);
  }
}

/** What stands in a name for bytes that are no UTF-8; no file can be opened by it. */
const notUtf8 = '\ufffd';

export interface Entry {
  readonly name: string;
  /** What a link leads to; a link to nowhere counts as a file. */
  readonly kind: 'file' | 'folder' | 'other';
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
    .map(({ name }, index) => ({ name, kind: kinds[index]! }))
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
  return new UserError(`${folder}: expected a folder of pictures, cannot be read: ${messageOf(error)}`);
}

/** `2 hidden, 3 no pictures (notes.txt, …)`; undefined where nothing was left out. */
export function leftOutText({ hidden, others, unlabelled = [] }: LeftOut): string | undefined {
  const foreign = others.filter((name) => foreignFormat(name) !== undefined);
  const rest = others.filter((name) => foreignFormat(name) === undefined);
  const counted = (names: readonly string[], what: string) =>
    names.length > 0 ? `${names.length} ${what} (${listed(names, 4)})` : '';
  const texts = [
    hidden > 0 ? `${hidden} hidden` : '',
    counted(foreign, 'of formats that are not read'),
    counted(rest, rest.length > 1 ? 'no pictures' : 'no picture'),
    counted(unlabelled, 'without a label'),
  ].filter(Boolean);
  return texts.length > 0 ? texts.join(', ') : undefined;
}

/** The first few names, and how many more there are. */
export function listed(names: readonly string[], most: number): string {
  const rest = names.length > most ? ` and ${names.length - most} more` : '';
  return names.slice(0, most).join(', ') + rest;
}
