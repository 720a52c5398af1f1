import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import type { Reported } from '../src/report/compare';
import { wilson95 } from '../src/report/interval';
import type { Recipe } from '../src/network';
import { runFiles, type RunRecord } from '../src/train/run-record';
import { stretched } from '../src/train/schedule';
import { modelFiles, type ModelRecord } from '../src/train/model-folder';
import { medianPlace } from '../src/report/summary';
import type { Summary } from './reproduction-summary';

const root = join(__dirname, '..');
const summaryName = 'summary.json';

/** The results of this source tree; of the working directory, where the package is installed without them. */
export function resultsFolder(): string {
  const own = join(root, 'results');
  return existsSync(own) ? relative('', own) || '.' : 'results';
}

/** The folders in a folder of the working directory, or in `results/` of this source tree. */
export function foldersIn(folder = join(root, 'results')): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => relative('', join(folder, name)))
    .sort();
}

/** The files of reports in a folder, if it is there. */
export function reportNames(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /^report(-.*)?\.json$/.test(name)).sort();
}

/**
 * The reports in the folder of a run or a model; of an experiment, one of the mean over its seeds.
 * @param asked whether the user named it, and so expects one
 * @throws UserError when there is none that was asked for, or one is damaged
 */
export function reportedIn(folder: string, asked: boolean): readonly Reported[] {
  if (existsSync(join(folder, summaryName))) return [reportedExperiment(folder)];
  const names = reportNames(folder);
  if (asked && names.length === 0)
    throw new UserError(
      `${folder}: expected the folder of a run or a model that was evaluated, found no report.json in it`,
    );
  const record = join(folder, modelFiles.record);
  const weights = existsSync(record) ? weightsOf(read<ModelRecord>(record)) : 'trained';
  return names.map((name) => ({
    file: join(folder, name),
    report: readReport(join(folder, name)),
    weights,
  }));
}

/** The mean of an experiment's seeds, with all else from the one with the median error, the lower of two. */
function reportedExperiment(folder: string): Reported {
  const { mean, images, errors, seeds, command, commit, seconds } = read<Summary>(join(folder, summaryName));
  const file = join(partFolder(folder), `seed-${seeds[medianPlace(errors)]!}`, 'report.json');
  const one = readReport(file);
  const runs = `mean of ${counted(seeds.length, 'run')}`;
  return {
    file,
    weights: 'trained',
    report: {
      ...one,
      run: folder,
      error: mean,
      interval95: wilson95(Math.round(mean * images), images),
      protocol: `${one.protocol}; ${runs}`,
      command,
      commit,
      totalSeconds: seconds,
    },
  };
}

/** Where an experiment's seeds lie: in its folder, or in that of its largest training set. */
function partFolder(folder: string): string {
  const parts = readdirSync(folder).filter((name) => /^\d+-images$/.test(name));
  const largest = parts.sort((one, other) => parseInt(other) - parseInt(one))[0];
  return largest === undefined ? folder : join(folder, largest);
}

function readReport(path: string): Reported['report'] {
  const report = { ...read<Reported['report']>(path), ...changedIn(dirname(path)) };
  const lacking = (['network', 'dataset', 'images', 'error', 'interval95', 'protocol'] as const).find(
    (key) => report[key] === undefined,
  );
  if (lacking === undefined) return report;
  throw new UserError(`${path}: expected a report of an evaluation, found none of its ${lacking}`);
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

/** Which fields of its recipe a run has otherwise than its network; a schedule that was stretched with the epochs is the same. */
function changedIn(folder: string): { readonly changed?: readonly string[] } {
  const file = join(folder, runFiles.record);
  if (!existsSync(file)) return {};
  const { network, recipe, tuning } = read<Pick<RunRecord, 'network' | 'recipe' | 'tuning'>>(file);
  if (tuning || !(network in zoo)) return {};
  const own: Recipe = stretched(zoo[network as NetworkName].recipe, recipe.epochs);
  const { guesses: _, dataset: __, input: ___, ...fields } = { ...own, ...recipe };
  const same = (field: keyof typeof fields) => JSON.stringify(own[field]) === JSON.stringify(recipe[field]);
  return { changed: (Object.keys(fields) as (keyof typeof fields)[]).filter((field) => !same(field)) };
}
