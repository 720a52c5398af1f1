/** The imported and fine-tuned models under `results/`, for the README's tables. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readSealedJson } from '../../src/core/io/sealed-json';
import { modelFiles, type ModelRecord } from '../../src/weights/model-folder';
import { reportNames } from '../../src/workflows/compare/reports-on-file';
import { ownFolder } from '../cli/npm/npm-run';
import type { EvaluationOnFile } from './tables';

/** The model folders, each with its reports. */
export function modelsOnFile(): readonly {
  readonly record: ModelRecord;
  readonly reports: readonly Omit<EvaluationOnFile, 'source'>[];
}[] {
  const read = (path: string) => readSealedJson(path, 'a result');
  const folders = readdirSync(join(ownFolder, 'results'))
    .sort()
    .map((name) => join(ownFolder, 'results', name));
  return folders
    .filter((folder) => existsSync(join(folder, modelFiles.record)))
    .map((folder) => ({
      record: read(join(folder, modelFiles.record)) as ModelRecord,
      reports: reportNames(folder).map((name) => read(join(folder, name)) as EvaluationOnFile),
    }));
}
