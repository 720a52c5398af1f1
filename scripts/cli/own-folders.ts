/** The folders that commands use when none are named: the results of this source tree, and runs. */
import { existsSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ownFolder } from './npm/npm-run';

/** The results of this source tree, or of the working directory if the package is installed without them. */
export function resultsFolder(): string {
  const own = join(ownFolder, 'results');
  return existsSync(own) ? relative('', own) || '.' : 'results';
}

/** The folders inside a folder of the working directory, or of this source tree's `results/`. */
export function foldersIn(folder = join(ownFolder, 'results')): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => relative('', join(folder, name)))
    .sort();
}
