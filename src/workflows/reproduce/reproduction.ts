/** Trains the seeds of an experiment: starts or resumes each one, or reads its result if it is already complete. */
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Splits } from '../../data/dataset';
import { evaluate, type Evaluation } from '../../evaluate/evaluate';
import { type Experiment, recipeOf } from './experiment';
import { announce } from './follow';
import type { SeedReport } from './seed-figures';
import { runFiles, openRun, type RunRecord } from '../../train/run/run-record';
import { readSealedJson, writeSealedJson } from '../../core/io/sealed-file';
import { machineOf, networkOf, type Context } from '../context';
import type { BegunData } from '../data/run-data';
import { runReport, trainToTheEnd } from '../train/finish-run';
import { UserError } from '../../core/errors';
import type { Recipe } from '../../core/network';
import { partNames, writeImagesFile } from '../../train/run/images-file';
import { stretched } from '../../train/schedule';
import { drawnModel } from '../../train/run/run';
import { createWholeRun } from '../train/whole-run';

/** The options of one reproduction of an experiment. */
export interface Reproduction {
  readonly name: string;
  readonly experiment: Experiment;
  /** The folder for all output. */
  readonly folder: string;
  readonly seeds: readonly number[];
  /** The number of epochs, if not the experiment's own; the schedule is stretched accordingly. */
  readonly epochs?: number | undefined;
  readonly data: Splits;
  /** What a run's record says of the data, and which details of it are recorded. */
  readonly begun: Pick<BegunData, 'facts' | 'kept'>;
  readonly context: Context;
}

/** One run of an experiment. */
export interface RunOfSeed {
  readonly seed: number;
  readonly folder: string;
  readonly trainingImages?: number | undefined;
  /** For a run of the search: the candidate, and how many images are held out. */
  readonly candidate?: { readonly name: string; readonly validationImages: number };
}

/** The parts of an experiment: one folder of seeds for each, or the experiment's own folder if it has no parts. */
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

/**
 * Trains and evaluates one seed, resumes it, or reads its result if it is already complete.
 * @throws UserError if the existing run began with another recipe, data set or network
 */
export async function reproduceSeed(reproduction: Reproduction, run: RunOfSeed): Promise<SeedReport> {
  const { folder, seed } = run;
  const has = (file: string) => existsSync(join(folder, file));
  const report = join(folder, runFiles.report);
  const beside = `${folder}-anew`;
  if (has(runFiles.report) && has(runFiles.last)) {
    await recordOnFile(reproduction, run);
    reproduction.context.remark(`seed ${seed} is done already, in ${folder}`);
  } else if (has(runFiles.report) || existsSync(beside)) {
    await replaceSeed(reproduction, run, beside);
  } else {
    await trainSeed(reproduction, run, folder);
  }
  return reportOnFile(report);
}

/**
 * Trains a seed whose folder contains a published record without weights. The new run is trained in a folder beside it,
 * so that the record stays complete until the new one is finished. If such a folder already exists, a killed experiment
 * left it, perhaps while it was removing the record; whatever remains of the record is not read.
 */
async function replaceSeed(reproduction: Reproduction, run: RunOfSeed, beside: string): Promise<void> {
  const { folder, seed } = run;
  if (!existsSync(beside)) await recordOnFile(reproduction, run);
  reproduction.context.remark(
    `seed ${seed}: the record in ${folder} is being replaced, for its weights are not there; trained in ${beside} until it is done`,
  );
  await trainSeed(reproduction, run, beside);
  await rm(folder, { recursive: true, force: true });
  await rename(beside, folder);
}

/**
 * @param at the folder to train in; the report names the run's own folder
 * @throws Interrupted if the workflow's signal was aborted
 */
async function trainSeed(reproduction: Reproduction, run: RunOfSeed, at: string): Promise<void> {
  const { data, context } = reproduction;
  const record = await recordOf(reproduction, { ...run, folder: at });
  const model = drawnModel(networkOf(context.zoo, record.network, at), record);
  try {
    await announce(context, { record, tested: true });
    const watched = { test: data.test };
    const { progress, finished } = await trainToTheEnd(
      { folder: at, record, data },
      { model, watched },
      context,
    );
    if (!finished) throw new SeedInterrupted(at, progress.done);
    const evaluation = await evaluate({
      ...{ model, recipe: record.recipe, data: data.test },
      communicator: context.ranks,
    });
    const report = { seed: run.seed, ...runReport(run.folder, record, progress, evaluation) };
    await writeSealedJson(join(at, runFiles.report), report);
  } finally {
    model.dispose();
  }
}

/** Thrown through the experiment when a seed was interrupted; `reproduce` returns it as its outcome. */
export class SeedInterrupted extends Error {
  constructor(
    readonly folder: string,
    /** The updates that are saved. */
    readonly updates: number,
  ) {
    super(`${folder}: interrupted after ${updates} updates`);
  }
}

type ReportOnFile = SeedReport & Evaluation & { readonly epochs: number };

/** @throws UserError if it is damaged */
export function reportOnFile(file: string): ReportOnFile {
  return readSealedJson(file, 'a report of an evaluation') as ReportOnFile;
}

/**
 * The record of a run; if there is none, the run is started.
 * @throws UserError if the run began with another recipe, data set or network
 */
export async function recordOf(reproduction: Reproduction, run: RunOfSeed): Promise<RunRecord> {
  if (existsSync(join(run.folder, runFiles.record))) {
    const record = await recordOnFile(reproduction, run);
    reproduction.context.remark(`resuming ${run.folder}`);
    return record;
  }
  const record = newRecord(reproduction, run);
  const { kept } = reproduction.begun;
  await createWholeRun(run.folder, record, async (at) => {
    if (kept) await writeImagesFile(at, kept);
  });
  return record;
}

/** @throws UserError if there is no record, or the run began with another recipe, data set or network */
export async function recordOnFile(reproduction: Reproduction, run: RunOfSeed): Promise<RunRecord> {
  const record = await openRun(run.folder);
  const { parts } = reproduction.begun.facts;
  const other = partNames.find((part) => record.parts && record.parts[part]?.sha256 !== parts![part]?.sha256);
  if (other)
    throw new UserError(
      `${run.folder}: expected the images that it began with as its ${other} set, found others in ${record.data}`,
    );
  const today = newRecord(reproduction, run);
  const inMemory = today.imageShape !== undefined;
  if (decided(record, inMemory) === decided(today, inMemory)) return record;
  throw new UserError(
    `${run.folder}: expected a run of this experiment as it is now, found one with other settings; move the folder away to start over`,
  );
}

/** Everything that determines a run's result; the size to which files are brought only where there are files. */
function decided(record: RunRecord, inMemory: boolean): string {
  const { network, data, recipe, seed, validationImages, trainingImages } = record;
  const { guesses: _reasons, ...fields } = recipe;
  const { stored: _ofFiles, ...input } = recipe.input;
  const decisive = inMemory ? { ...fields, input } : fields;
  return JSON.stringify([network, resolve(data), decisive, seed, validationImages, trainingImages]);
}

function newRecord(
  { experiment, epochs, begun, context }: Reproduction,
  { seed, trainingImages, candidate }: RunOfSeed,
): RunRecord {
  const { zoo, provenance } = context;
  const own: Recipe = recipeOf(
    experiment,
    networkOf(zoo, experiment.network, experiment.title).recipe,
    candidate?.name,
  );
  return {
    network: experiment.network,
    ...begun.facts,
    recipe: epochs === undefined ? own : stretched(own, epochs),
    seed,
    validationImages: candidate?.validationImages ?? 0,
    ...(trainingImages !== undefined && { trainingImages }),
    checkpointEvery: 5000,
    step: 'auto',
    precision: 'float32',
    ...provenance,
    started: new Date().toISOString(),
    machine: { ...machineOf(context) },
  };
}
