/** Reads what runs and experiments of this source tree left under `results/`. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ExperimentSummary, RunOnFile } from '../../src/report/overview';
import { readSealedJson } from '../../src/core/io/sealed-json';
import { ownFolder } from './npm/npm-run';

/**
 * The JSON files under a folder of this source tree, such as the `report.json` of each run under `results/`; empty if
 * there is no such folder.
 * @param fileOf maps the name of a folder's entry to a file's path in the folder
 */
export function onFile<T>(folder: string, fileOf: (name: string) => string): T[] {
  const names = existsSync(join(ownFolder, folder)) ? readdirSync(join(ownFolder, folder)).sort() : [];
  const paths = names
    .map((name) => join(ownFolder, folder, fileOf(name)))
    .filter((path) => path.endsWith('.json') && existsSync(path));
  return paths.map((path) => readSealedJson(path, 'a result') as T);
}

export const reportsOnFile = () => onFile<RunOnFile>('results', (name) => `${name}/report.json`);
export const summariesOnFile = () => onFile<ExperimentSummary>('results', (name) => `${name}/summary.json`);
