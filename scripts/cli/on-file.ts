/** Reads what runs and experiments of this source tree left under `results/`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSealedJson } from '../../src/core/io/sealed-file';
import { ownFolder } from './npm/npm-run';

/** The files of that name in the folders under `results/`; empty if there are none, as in an installed package. */
export function onFile<T>(name: string): T[] {
  return jsonIn('results', (folder) => join(folder, name));
}

/**
 * The JSON files under a folder of this source tree, such as the `report.json` of each run under `results/`.
 * @param fileOf maps the name of a folder's entry to a file's path in the folder
 */
export function jsonIn<T>(folder: string, fileOf: (name: string) => string): T[] {
  const names = existsSync(join(ownFolder, folder)) ? readdirSync(join(ownFolder, folder)).sort() : [];
  const paths = names
    .map((name) => join(ownFolder, folder, fileOf(name)))
    .filter((path) => path.endsWith('.json') && existsSync(path));
  return paths.map((path) => readSealedJson(path, 'a result') as T);
}
