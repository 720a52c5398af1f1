/** Names of classes from files such as labels.txt, words.txt and synset_words.txt. */
import { join } from 'node:path';
import { UserError, codeOf, messageOf } from '../../core/errors';
import { readText } from '../../core/io/text-file';

/**
 * More classes than any data set has. A larger index is a mistake, and allocating that many classes would exhaust the
 * memory.
 */
export const mostClasses = 100_000;

/** ImageNet's classes as `synset_words.txt` lists them, in the order of their indices. */
export interface SynsetWords {
  readonly path: string;
  /** WordNet ids, such as `n01440764`. */
  readonly ids: readonly string[];
  /** Names for the classes: see `distinctNames`. */
  readonly names: readonly string[];
}

/**
 * The first `synset_words.txt` in the given folders. Each line has a class: its id, a blank and its words.
 * @throws UserError naming a line with another form, or an id that occurs twice
 */
export async function synsetWords(folders: readonly string[]): Promise<SynsetWords | undefined> {
  const found = await firstText(folders, 'synset_words.txt');
  if (!found) return undefined;
  const { path, text } = found;
  const rows = lines(text).map(({ line, number }) => {
    const match = /^(\S+)\s+(\S.*)$/.exec(line);
    if (match) return { id: match[1]!, words: match[2]!.trim() };
    throw new UserError(`${path}: expected an id, a blank and words, found "${line}" in line ${number}`);
  });
  const ids = rows.map(({ id }) => id);
  const twice = repeated(ids);
  if (twice !== undefined) throw new UserError(`${path}: expected each id once, found ${twice} twice`);
  return { path, ids, names: distinctNames(rows) };
}

/** The words of each class, followed by its id if several classes have the same words. */
export function distinctNames(
  rows: readonly { readonly id: string; readonly words: string }[],
): readonly string[] {
  const counts = new Map<string, number>();
  for (const { words } of rows) counts.set(words, (counts.get(words) ?? 0) + 1);
  return rows.map(({ id, words }) => (counts.get(words)! > 1 ? `${words} (${id})` : words));
}

/**
 * The names in the first `classes.txt` in the given folders: one per line, in the order of their indices.
 * @throws UserError when a name occurs twice
 */
export async function classesText(folders: readonly string[]): Promise<readonly string[] | undefined> {
  const found = await firstText(folders, 'classes.txt');
  if (!found) return undefined;
  const names = lines(found.text).map(({ line }) => line.trim());
  const twice = repeated(names);
  if (twice !== undefined) {
    throw new UserError(`${found.path}: expected each class once, found "${twice}" twice`);
  }
  return names;
}

/** The first name that has occurred before. */
function repeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.has(name) || !seen.add(name));
}

/** The given ids, if all of them are WordNet ids. */
export function asSynsets(ids: readonly string[] | null | undefined): readonly string[] | undefined {
  return ids && ids.length > 0 && ids.every((id) => /^n\d{8}$/.test(id)) ? ids : undefined;
}

/** The lines that are not blank, with their line numbers, counted from 1. */
export function lines(text: string): readonly { readonly line: string; readonly number: number }[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r\n?|\n/)
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => line.trim() !== '');
}

/**
 * A text file of that name in the first of the folders that has one.
 * @throws UserError when it exists but cannot be read or is not text
 */
export async function firstText(
  folders: readonly string[],
  name: string,
): Promise<{ readonly path: string; readonly text: string } | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    try {
      return { path, text: await readText(path) };
    } catch (error) {
      if (error instanceof UserError) throw error;
      if (!['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error) ?? '')) {
        throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
      }
    }
  }
  return undefined;
}
