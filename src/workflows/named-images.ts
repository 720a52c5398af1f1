/** The image files that words of a command name: files, folders of them, and patterns. */
import { existsSync, lstatSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { whyLeftOut } from '../data/image/header';
import {
  entries,
  looksLikeImage,
  imageEndings,
  imageFiles,
  type Entry,
} from '../data/formats/image-folder/image-files';
import { UserError } from '../core/errors';

export interface NamedImages {
  /** As they would be typed: below the words, relative where those are. Each once, in the order of the words. */
  readonly files: readonly string[];
  /** What was passed over, a line each. */
  readonly leftOut: readonly string[];
}

/** @throws UserError for a word that names nothing, or no image */
export async function namedImages(words: readonly string[]): Promise<NamedImages> {
  const files = new Map<string, string>();
  const leftOut = new Set<string>();
  for (const word of words) {
    const found = await ofWord(word);
    for (const line of found.leftOut) leftOut.add(line);
    if (found.files.length === 0) {
      const besides = [...found.leftOut].map((line) => `; ${line}`).join('');
      throw new UserError(`${word}: expected images (${imageEndings.join(', ')}), found none${besides}`);
    }
    for (const file of found.files) if (!files.has(resolve(file))) files.set(resolve(file), file);
  }
  return { files: [...files.values()], leftOut: [...leftOut] };
}

/** What is there under a name is meant itself, though the name be a pattern as well. */
async function ofWord(word: string): Promise<NamedImages> {
  const path = join(word);
  const there = await stat(word).catch(() => undefined);
  if (there?.isDirectory()) return inFolder(path);
  // A link to nowhere is an image that cannot be read: reading it tells why.
  if (there?.isFile() || (await lstat(word).catch(() => undefined))?.isSymbolicLink()) {
    return { files: [path], leftOut: [] };
  }
  if (there)
    throw new UserError(`${word}: expected an image, a folder or a pattern, found a pipe or a device`);
  const { base, rest } = parted(word);
  if (!/[*?[{(!]/.test(rest)) {
    throw new UserError(`${word}: expected an image, a folder or a pattern, found no such file`);
  }
  return matching(base, rest);
}

/** Lines are counted after so many. */
const mostTold = 20;

async function inFolder(folder: string): Promise<NamedImages> {
  const { files, leftOut } = await imageFiles(folder, { circles: 'leave out' });
  const { hidden, others, foreign = [] } = leftOut;
  const lines = others
    .slice(0, mostTold)
    .map((name) => `left out of ${folder}: ${name}: ${whyLeftOut(name)}`);
  if (others.length > mostTold) lines.push(`left out of ${folder}: ${others.length - mostTold} more`);
  for (const { name, reason } of foreign.slice(0, mostTold))
    lines.push(`left out of ${folder}: ${name}: ${reason}`);
  if (hidden > 0) lines.push(`left out of ${folder}: ${hidden} hidden`);
  return { files, leftOut: lines };
}

/** A pattern as the folder that it begins with and what is to match in there. */
function parted(pattern: string): { readonly base: string; readonly rest: string } {
  const parts = pattern.replace(/(?<=.)\/+$/, '').split('/');
  let known = 0;
  while (known < parts.length - 1 && isFolder(`${parts.slice(0, known + 1).join('/')}/`)) known++;
  return {
    base: parts.slice(0, known).join('/') + (known > 0 ? '/' : ''),
    rest: parts.slice(known).join('/'),
  };
}

function isFolder(path: string): boolean {
  return existsSync(path) && lstatSync(path).isDirectory();
}

/** Files that match, and images in folders that do. */
async function matching(base: string, pattern: string): Promise<NamedImages> {
  const matches = picomatch(pattern);
  // A pattern of so many parts matches nothing deeper, unless it says that it does.
  const deepest = /\*\*|[{(]/.test(pattern) ? Infinity : pattern.split('/').length;
  const files: string[] = [];
  const leftOut: string[] = [];
  const visit = async (folder: string, depth: number, around: ReadonlySet<string>): Promise<void> => {
    const own = await realpath(join(base, folder) || '.');
    if (around.has(own)) return;
    for (const entry of await entries(join(base, folder) || '.')) {
      const path = join(folder, entry.name);
      if (matches(path)) await take(join(base, path), entry);
      else if (entry.kind === 'folder' && depth < deepest && !entry.name.startsWith('.')) {
        await visit(path, depth + 1, new Set([...around, own]));
      }
    }
  };
  const take = async (path: string, { name, kind }: Entry): Promise<void> => {
    const found =
      kind === 'folder'
        ? await inFolder(path)
        : kind === 'file' && looksLikeImage(name)
          ? { files: [path], leftOut: [] }
          : { files: [], leftOut: [`left out: ${path}: ${whyLeftOut(basename(path))}`] };
    files.push(...found.files);
    leftOut.push(...found.leftOut);
  };
  await visit('', 1, new Set());
  return { files, leftOut };
}
