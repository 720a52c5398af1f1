/** Finds a file or folder that a user names, or this package's own, and checks a place for output. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../../core/errors';
import { option } from '../../core/text/wording';

/** The path itself if it exists, else in the folder that downloaded weights go to, else in the data root. */
export function foundPath(given: string, root: string): string {
  const places = [given, join(root, 'weights', given), join(root, given)];
  return places.find((place) => existsSync(place)) ?? given;
}

/** The folder of this package, wherever it was compiled to. */
export function packageFolder(below = __dirname): string {
  if (existsSync(join(below, 'package.json'))) return below;
  const above = dirname(below);
  if (above === below) throw new Error('expected a package.json above this file, found none');
  return packageFolder(above);
}

/** The version of this package. */
export function packageVersion(): string {
  const path = join(packageFolder(), 'package.json');
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly version: string }).version;
}

/**
 * @param verb what takes these folders
 * @throws UserError for a folder that is named twice, even if written differently
 */
export function expectEachOnce(verb: string, folders: readonly string[]): void {
  const seen = new Map<string, string>();
  for (const folder of folders) {
    const place = placeOf(folder);
    const before = seen.get(place);
    if (before !== undefined) {
      const how = before === folder ? `${folder} twice` : `${before} and ${folder}, which are one`;
      throw new UserError(`${verb}: expected each folder once, found ${how}`);
    }
    seen.set(place, folder);
  }
}

function placeOf(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder); // opening it will report that it does not exist
  }
}

/** @throws UserError if a file's name does not match the format that is written into it */
export function expectEnding(name: string, file: string, ending: string): void {
  if (file.toLowerCase().endsWith(ending) && file.length > ending.length) return;
  throw new UserError(`${option(name)}: expected a file that ends in ${ending}, found ${file}`);
}

/** @throws UserError if the folder that a file is to be written into does not exist */
export function expectPlaceFor(name: string, file: string): void {
  if (existsSync(dirname(file))) return;
  throw new UserError(`${option(name)}: expected a file in a folder that is there, found ${file}`);
}

/** @throws UserError if the path exists and is not a folder, or has the name of a file */
export function expectFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found || /\.(?:html|json|md|csv|svg|png)$/i.test(folder))
    throw new UserError(
      `${option('out')}: expected a folder, found ${found ? 'a file,' : 'the name of a file,'} ${folder}`,
    );
}
