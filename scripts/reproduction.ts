import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import type { Splits } from '../src/data/dataset';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import { evaluate, type Evaluation } from '../src/report/evaluate';
import { recipeOf, type Experiment } from '../src/report/experiment';
import type { SeedReport } from '../src/report/summary';
import type { Runtime } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { createRun, openRun, runFiles, type RunRecord } from '../src/train/run-record';
import { stretched } from '../src/train/schedule';
import { commandLine, commit, note } from './cli';
import { runReport, trainToTheEnd, writeJson } from './run-session';

/** How an experiment is run this time. */
export interface Reproduction {
  readonly name: string;
  readonly experiment: Experiment;
  /** Where everything that is written goes. */
  readonly folder: string;
  readonly seeds: readonly number[];
  /** Instead of the experiment's own, with its schedule stretched. */
  readonly epochs?: number | undefined;
  /** What was asked for, and what it opened. */
  readonly dataName: string;
  readonly data: Splits;
  /** As the user would give it again. */
  readonly command: string;
  readonly runtime: Runtime;
}

/** One run of an experiment. */
export interface RunOfSeed {
  readonly seed: number;
  readonly folder: string;
  readonly trainingImages?: number | undefined;
  /** Of the search: what is tried, on how many images held out. */
  readonly candidate?: { readonly name: string; readonly validationImages: number };
}

/** The parts of an experiment: one folder of seeds each, or the experiment's own folder where it has no parts. */
export function partsOf({ experiment, folder, seeds }: Reproduction) {
  const sizes = experiment.trainingImages ?? [undefined];
  return sizes.map((trainingImages) => {
    const part = trainingImages === undefined ? folder : join(folder, `${trainingImages}-images`);
    const runs = seeds.map((seed): RunOfSeed => ({
      seed,
      folder: join(part, `seed-${seed}`),
      trainingImages,
    }));
    return { trainingImages, runs };
  });
}

/** Trains and evaluates one seed, or goes on with it, or takes what is on file when it is done. */
export async function reproduceSeed(reproduction: Reproduction, run: RunOfSeed): Promise<SeedReport> {
  const file = join(run.folder, runFiles.report);
  if (!existsSync(file)) {
    const { data, name } = reproduction;
    const record = await recordOf(reproduction, run);
    const { model, progress } = await trainToTheEnd(
      { folder: run.folder, record, data },
      { goOn: `npm run reproduce -- ${name}`, watched: { test: data.test } },
    );
    const evaluation = await evaluate({ model, recipe: record.recipe, data: data.test });
    model.dispose();
    await writeJson(file, { seed: run.seed, ...runReport(run.folder, record, progress, evaluation) });
  }
  return reportOnFile(file);
}

type ReportOnFile = SeedReport & Evaluation & { readonly epochs: number };

export function reportOnFile(file: string): ReportOnFile {
  return JSON.parse(readFileSync(file, 'utf8')) as ReportOnFile;
}

/**
 * The record of a run, which is begun if it has not been.
 * @throws UserError when it was begun with another recipe, data set or network
 */
export async function recordOf(reproduction: Reproduction, run: RunOfSeed): Promise<RunRecord> {
  const wanted = newRecord(reproduction, run);
  if (!existsSync(join(run.folder, runFiles.record))) {
    await createRun(run.folder, wanted);
    return wanted;
  }
  const record = await openRun(run.folder);
  const decided = ({ network, data, recipe, seed, validationImages, trainingImages }: RunRecord) =>
    JSON.stringify([network, data, recipe, seed, validationImages, trainingImages]);
  if (decided(record) !== decided(wanted)) {
    throw new UserError(
      `${run.folder}: expected a run of this experiment as it is now, found one begun otherwise; move the folder away to begin anew`,
    );
  }
  note(`going on with ${run.folder}`);
  return record;
}

function newRecord(
  { experiment, epochs, dataName, data, runtime }: Reproduction,
  { seed, trainingImages, candidate }: RunOfSeed,
): RunRecord {
  const own: Recipe = recipeOf(experiment, zoo[experiment.network as NetworkName].recipe, candidate?.name);
  return {
    network: experiment.network,
    data: dataName,
    classes: data.train.classes.length,
    recipe: epochs === undefined ? own : stretched(own, epochs),
    seed,
    validationImages: candidate?.validationImages ?? 0,
    ...(trainingImages !== undefined && { trainingImages }),
    checkpointEvery: 5000,
    step: 'auto',
    precision: 'float32',
    command: commandLine(),
    commit: commit(),
    started: new Date().toISOString(),
    machine: { ...machine(runtime) },
  };
}
