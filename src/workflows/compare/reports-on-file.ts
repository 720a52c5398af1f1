/** Finds and reads the reports in folders of runs, models and experiments. */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { withoutDrawing } from '../../layers/initialise/initialise';
import { countingWeights } from '../../weights/not-loaded';
import { counted } from '../../core/text/counted';
import { UserError, messageOf, systemReason } from '../../core/errors';
import type { Reported } from '../../report/compare';
import { wilson95 } from '../../evaluate/metrics/interval';
import { parsedFile, readReport } from '../../report/report-file';
import { runFiles } from '../../train/run/run-record';
import { modelFiles } from '../../weights/model-folder';
import { medianPlace } from '../reproduce/seed-figures';
import { networkOf, type Zoo } from '../context';
import { howTrained, modelSchema } from './how-trained';

const summaryName = 'summary.json';

/** The report files in a folder; empty if the folder does not exist. */
export function reportNames(folder: string): readonly string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /^report(-.*)?\.json$/.test(name)).sort();
}

/**
 * The reports in the given folders. Damaged reports are named, and the others are returned.
 * @param asked whether the user named the folders, and so expects reports in each
 * @param onDamaged called with one line for each report that cannot be read
 */
export function reportedIn(
  zoo: Zoo,
  folders: readonly string[],
  asked: boolean,
  onDamaged: (line: string) => void,
): readonly Reported[] {
  const orTold = <T>(folder: string, read: () => readonly T[]): readonly T[] => {
    try {
      return read();
    } catch (error) {
      onDamaged(damageIn(folder, error));
      return [];
    }
  };
  return folders.flatMap((folder) =>
    orTold(folder, () => readersIn(zoo, folder, asked)).flatMap((read) => orTold(folder, () => [read()])),
  );
}

/**
 * The message for a folder that cannot be read; the system's own errors do not name it.
 * @throws the error itself, if neither the user nor the system caused it
 */
export function damageIn(folder: string, error: unknown): string {
  if (error instanceof UserError) return error.message;
  if (systemReason(error) === undefined) throw error;
  return `${folder}: expected the folder of a run or a model, found ${messageOf(error)}`;
}

/**
 * Functions that each read one report in the folder of a run or a model; in an experiment's folder, one that reads the
 * mean over its seeds.
 * @throws UserError if the user asked for reports and there are none
 */
function readersIn(zoo: Zoo, folder: string, asked: boolean): readonly (() => Reported)[] {
  if (existsSync(folder) && !statSync(folder).isDirectory())
    throw new UserError(`${folder}: expected the folder of a run or a model, found a file`);
  if (existsSync(join(folder, summaryName))) return [() => reportedExperiment(zoo, folder)];
  const names = reportNames(folder);
  if (asked && names.length === 0)
    throw new UserError(
      `${folder}: expected the folder of a run or a model that was evaluated, found no report.json in it`,
    );
  return names.map((name) => () => {
    const file = join(folder, name);
    // The folder may have been moved or copied since. The files beside the report belong to it; those at its old place
    // may not.
    const report = ownReport(zoo, file);
    const drawn = report.notLoaded ? {} : notLoadedBy(zoo, folder, report);
    return { file, report: { ...report, run: folder, ...drawn }, weights: weightsIn(folder) };
  });
}

/**
 * The mean over an experiment's seeds. All other values come from the seed with the median error, or the lower of the
 * two.
 */
function reportedExperiment(zoo: Zoo, folder: string): Reported {
  const path = join(folder, summaryName);
  const summary = parsedFile(path, summarySchema, 'the summary of an experiment');
  const { mean, deviation, images, errors, seeds, command, commit, seconds, paper, experiment } = summary;
  const runOf = (seed: number) => join(partFolder(folder), `seed-${seed}`);
  const file = join(runOf(seeds[medianPlace(errors)]!), runFiles.report);
  if (!existsSync(file)) throw new UserError(`${path}: expected the reports of its seeds, found no ${file}`);
  const one = ownReport(zoo, file);
  const runs = `mean of ${counted(seeds.length, 'run')}`;
  return {
    file,
    weights: 'trained',
    experiment: {
      name: experiment ?? basename(folder),
      ...(paper !== undefined && { published: paper }),
      deviation,
      seeds: seeds.map((seed, at) => ({ seed, error: errors[at]!, run: runOf(seed) })),
    },
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

const summarySchema = z
  .looseObject({
    experiment: z.string().exactOptional(),
    paper: z.number().min(0).max(1).exactOptional(),
    mean: z.number().min(0).max(1),
    deviation: z.number().nullable().default(null),
    images: z.int().positive(),
    errors: z.array(z.number()).min(1),
    seeds: z.array(z.int()),
    command: z.string(),
    commit: z.string().nullable(),
    seconds: z.number(),
  })
  .refine(({ errors, seeds }) => errors.length === seeds.length, 'expected an error for each seed');

/** Where an experiment's seeds are: in its folder, or in the subfolder of its largest training set. */
function partFolder(folder: string): string {
  const parts = readdirSync(folder).filter((name) => /^\d+-images$/.test(name));
  const largest = parts.sort((one, other) => parseInt(other) - parseInt(one))[0];
  return largest === undefined ? folder : join(folder, largest);
}

function ownReport(zoo: Zoo, path: string): Reported['report'] {
  const report = readReport(path);
  networkOf(zoo, report.network, path);
  return { ...report, ...howTrained(zoo, dirname(path)) };
}

function weightsIn(folder: string): Reported['weights'] {
  const path = join(folder, modelFiles.record);
  if (!existsSync(path)) return 'trained';
  const { source } = parsedFile(path, modelSchema, 'the record of a model');
  if (source.kind === 'trained') return 'trained';
  if (source.kind === 'imported') return { kind: 'imported', from: source.file };
  return { kind: 'fineTuned', from: source.from.file ?? source.from.kind ?? 'trained weights' };
}

/** For a report that does not list them, the weights that the model's folder lists as neither loaded nor trained. */
function notLoadedBy(
  zoo: Zoo,
  folder: string,
  { network }: Reported['report'],
): Pick<Reported['report'], 'notLoaded'> {
  const path = join(folder, modelFiles.record);
  if (!existsSync(path)) return {};
  const { missing, classes } = parsedFile(path, modelSchema, 'the record of a model');
  if (missing.length === 0 || !classes) return {};
  const model = withoutDrawing(() => networkOf(zoo, network, path).build({ classes, seed: 0 }));
  const notLoaded = countingWeights(model, missing);
  model.dispose();
  return notLoaded.length > 0 ? { notLoaded } : {};
}
