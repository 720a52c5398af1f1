import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { EvaluationOnFile } from '../src/report/readme-tables';
import { reportNames } from './reported';
import { modelFiles, type ModelRecord } from '../src/train/model-folder';
import { readSealedJson } from '../src/weights/sealed-json';

const root = join(__dirname, '..');

/**
 * The JSON files under a folder of this source tree, such as the `report.json` of each run under `results/`; none
 * where there is no such folder.
 * @param fileOf the path of a file in the folder, from the name of an entry of it
 */
export function onFile<T>(folder: string, fileOf: (name: string) => string): T[] {
  const names = existsSync(join(root, folder)) ? readdirSync(join(root, folder)).sort() : [];
  const paths = names
    .map((name) => join(root, folder, fileOf(name)))
    .filter((path) => path.endsWith('.json') && existsSync(path));
  return paths.map((path) => readSealedJson(path, 'a result') as T);
}

/** The model folders under `results/`, each with the reports on it. */
export function modelsOnFile(): readonly {
  readonly record: ModelRecord;
  readonly reports: readonly Omit<EvaluationOnFile, 'source'>[];
}[] {
  const read = (path: string) => readSealedJson(path, 'a result');
  const folders = readdirSync(join(root, 'results'))
    .sort()
    .map((name) => join(root, 'results', name));
  return folders
    .filter((folder) => existsSync(join(folder, modelFiles.record)))
    .map((folder) => ({
      record: read(join(folder, modelFiles.record)) as ModelRecord,
      reports: reportNames(folder).map((name) => read(join(folder, name)) as EvaluationOnFile),
    }));
}
