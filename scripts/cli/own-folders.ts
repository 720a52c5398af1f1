/** What commands use of this source tree when nothing is named: its results, and its experiments. */
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type * as Registry from '../../experiments/registry';
import type { Experiment } from '../../index';
import { UserError } from '../../src/core/errors';
import { ownFolder } from './npm/npm-run';

const load = createRequire(__filename);

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

/** The experiments of this repository; an installed package has none, since it has no results to set beside. */
function registry(): typeof Registry | undefined {
  const folder = join(__dirname, '../../experiments');
  return existsSync(folder) ? (load('../../experiments/registry') as typeof Registry) : undefined;
}

/** The names of the experiments; undefined in an installed package. */
export function experimentNames(): readonly string[] | undefined {
  return registry()?.experimentNames;
}

/** @throws UserError in an installed package */
export function experimentOf(name: string): Experiment {
  const found = registry();
  if (found) return found.experiments[name as keyof typeof found.experiments];
  throw new UserError(
    'reproduce: expected a clone of the source, which has the experiments, found an installed package; in code, reproduce takes an experiment of your own',
  );
}
