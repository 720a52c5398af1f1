import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UserError } from '../src/errors';
import type { Reported } from '../src/report/compare';
import { modelFiles, type ModelRecord } from '../src/train/model-folder';

const root = join(__dirname, '..');

/** The folders under `results/`, and those of an experiment's seeds. */
export function resultFolders(): readonly string[] {
  const within = (folder: string) =>
    existsSync(folder)
      ? readdirSync(folder, { withFileTypes: true })
          .filter((entry) => entry.isDirectory())
          .map(({ name }) => join(folder, name))
          .sort()
      : [];
  const top = within(join(root, 'results'));
  return top
    .flatMap((folder) => [folder, ...within(folder).filter((inner) => /seed-\d+$/.test(inner))])
    .map((folder) => relative('', folder));
}

/** The files of reports in a folder, if it is there. */
export function reportNames(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /^report(-.*)?\.json$/.test(name)).sort();
}

/**
 * The reports in the folder of a run or a model.
 * @param asked whether the user named it, and so expects one
 * @throws UserError when there is none that was asked for, or one is damaged
 */
export function reportedIn(folder: string, asked: boolean): readonly Reported[] {
  const names = reportNames(folder);
  if (asked && names.length === 0)
    throw new UserError(
      `${folder}: expected the folder of a run or a model that was evaluated, found no report.json in it`,
    );
  const record = join(folder, modelFiles.record);
  const weights = existsSync(record) ? weightsOf(read<ModelRecord>(record)) : 'trained';
  return names.map((name) => {
    const path = join(folder, name);
    const report = read<Reported['report']>(path);
    const lacking = (['network', 'dataset', 'images', 'error', 'interval95', 'protocol'] as const).find(
      (key) => report[key] === undefined,
    );
    if (lacking === undefined) return { report, weights };
    throw new UserError(`${path}: expected a report of an evaluation, found none of its ${lacking}`);
  });
}

function read<T>(path: string): T {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as T;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new UserError(`${path}: expected JSON, found a damaged file (${error.message})`);
  }
}

function weightsOf({ source }: ModelRecord): Reported['weights'] {
  switch (source.kind) {
    case 'imported':
      return { kind: 'imported', from: source.file };
    case 'fineTuned': {
      const from = source.from as Partial<Record<'file' | 'kind', string>>;
      return { kind: 'fineTuned', from: from.file ?? from.kind ?? 'trained weights' };
    }
    default:
      return source satisfies never;
  }
}
