/** The image files that the words of a command refer to: files, folders of images, and patterns. */
import { existsSync, lstatSync } from 'node:fs';
import { lstat, realpath, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import picomatch from 'picomatch';
import { whyLeftOut } from '../../data/image/header';
import {
  entries,
  looksLikeImage,
  imageEndings,
  imageFiles,
  type Entry,
} from '../../data/formats/image-folder/image-files';
import { UserError } from '../../core/errors';

export interface NamedImages {
  /**
   * The paths as a user would type them: below the given words, and relative if these are. Each path appears once, in
   * the order of the words.
   */
  readonly files: readonly string[];
  /** What was left out, one line for each item. */
  readonly leftOut: readonly string[];
}

/** @throws UserError for a word that matches nothing, or no image */
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

/** A file or folder that exists under the exact name is used, even if the name is also a valid pattern. */
async function ofWord(word: string): Promise<NamedImages> {
  const path = join(word);
  const there = await stat(word).catch(() => undefined);
  if (there?.isDirectory()) return inFolder(path);
  // A broken link counts as an image that cannot be read: reading it gives the reason.
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

/** The most lines to list for a folder; further ones are only counted. */
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

/** Splits a pattern into the folder that it begins with and the part to match inside that folder. */
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

/** Files that match the pattern, and images in folders that match it. */
async function matching(base: string, pattern: string): Promise<NamedImages> {
  const matches = picomatch(pattern);
  // A pattern matches nothing deeper than its number of parts, unless it has a wildcard for that.
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
