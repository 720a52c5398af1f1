/** A training before its first update: either a new run, fully specified and recorded, or one that resumes. */
import { join } from 'node:path';
import { zoo, type NetworkName } from '../../../models/registry';
import type { BadImagePolicy } from '../../../src/data/image/bad-image';
import type { ImageSet, Splits } from '../../../src/data/dataset';
import { distortionStages } from '../../../src/data/augment/stages';
import type { LoaderOptions } from '../../../src/data/loader/loader';
import { fitRecipe, needsFitting, type FittedRecipe } from '../../../src/data/preprocess/fit';
import { openData, settledName } from '../../../src/data/open';
import { dropUnreadable } from '../../../src/data/inspect/inspect-images';
import { undistortedPixels } from '../../../src/data/loader/undistorted';
import { counted } from '../../../src/core/text/counted';
import { UserError } from '../../../src/core/errors';
import type { Recipe } from '../../../src/core/network';
import type { Runtime } from '../../../src/runtime/backend';
import { cpuFeatures, machine } from '../../../src/runtime/machine';
import { hasFittedFile, saveFitted } from '../../../src/weights/fitted-file';
import { holdOut } from '../../../src/data/splits';
import { checkTraining, namingOptions } from '../../../src/train/check-recipe';
import { mostInRecipe } from '../../../src/core/recipe/schema';
import { expectOnce, overridden, pathsSet } from '../../../src/core/recipe/overrides';
import { partNames, writeImagesFile } from '../../../src/train/run/images-file';
import {
  expectNewRun,
  openRun,
  runFiles,
  writeRecord,
  type RunRecord,
} from '../../../src/train/run/run-record';
import { checkRule } from '../../../src/train/step/choose-step';
import { stretched } from '../../../src/train/schedule';
import { pathWord } from '../../../src/core/text/shell-words';
import { commandLine, commit, note } from '../../cli/output';
import { loaderRecord, packedSplits } from '../../cli/options/shared-options';
import { knownNetwork } from '../known-network';
import { moveImages, reopenData, type OwnPart } from '../data/reopen-data';
import { beginData, dataOptions, type Digests } from '../data/run-data';
import { holdRun, runFolderFor, beginRun } from './run-folder';
import { commandToCopy } from '../../cli/npm/npm-run';
import { keepStartedFrom } from './started-from';
import { trainedStart } from './start-from-trained';
import { noteUnsealed } from '../open-trained';
import { checkPrecision, type Precision, type StepKind } from '../../../src/graph/precision';
import { wholeNumber, workersOf } from '../../cli/numbers';

/** The defaults. The options only describe them: with --resume, the run's own values apply. */
export const defaults = { seed: 1, checkpointEvery: 1000 } as const;

export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  readonly data: Splits;
  /** Threads that prepare images. Default: see `openLoader`. */
  readonly workers?: number | undefined;
}

export interface RunChoices {
  readonly network?: NetworkName | undefined;
  readonly data?: string | undefined;
  readonly out?: string | undefined;
  /** The folder of the run whose trained weights are the starting point. */
  readonly startFrom?: string | undefined;
  readonly seed?: number | undefined;
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly set?: readonly string[] | undefined;
  /** The number of images of the training set to hold out. */
  readonly validation?: number | undefined;
  /** The fraction of each class that is split off the training set as the validation set. */
  readonly validationSplit?: number | undefined;
  readonly workers?: number | undefined;
  /** The folder for the packed images. */
  readonly cache?: string | undefined;
  readonly onBadImage?: BadImagePolicy | undefined;
  readonly checkpointEvery?: number | undefined;
  readonly step?: StepKind | undefined;
  readonly precision?: Precision | undefined;
}

/** Determines everything that a run needs, and writes it to the run's folder before any training. */
export async function newRun(choices: RunChoices, runtime: Runtime): Promise<Run> {
  const name = choices.network;
  if (name === undefined)
    throw new UserError('train: expected the name of a network or --resume RUN, found neither');
  const recipe = recipeFor(zoo[name].recipe, choices);
  distortionStages(recipe); // fails for impossible distortions
  const dataName = choices.data ?? recipe.dataset;
  const { step = 'auto', precision = 'float32', validationSplit } = choices;
  checkPrecision(step, precision, runtime.backend, cpuFeatures());
  checkRule(recipe, { kind: step, precision });
  const seed = wholeNumber('--seed', choices.seed ?? defaults.seed, 0);
  const validationImages = wholeNumber('--validation', choices.validation ?? 0, 0);
  const checkpointEvery = wholeNumber(
    '--checkpoint-every',
    choices.checkpointEvery ?? defaults.checkpointEvery,
    1,
  );
  const workers = workersOf(choices.workers);
  const earlier = await trainedStart(choices.startFrom, name, recipe);
  const opened = await openData(dataName, { ...dataOptions(), validationSplit });
  if (validationImages > 0 && opened.validation)
    throw new UserError(
      `--validation: expected a data set without a validation set, found ${opened.validation.name}`,
    );
  expectImages(opened.train, choices);
  const wanted = choices.out ?? runFolderFor(name, dataName);
  if (choices.out !== undefined) await expectNewRun(wanted);
  const start = await earlier?.takenBy({ folder: wanted, data: opened.train });
  const { data, facts, kept, digests } = await beginData(dataName, opened, choices.onBadImage);
  const startsFrom = earlier?.network ?? null;
  const set = new Set([
    ...pathsSet(choices.set ?? []),
    ...(choices.batch === undefined ? [] : ['batchSize']),
  ]);
  namingOptions(choices.batch === undefined ? {} : { '--batch': 'batchSize' }, () =>
    checkTraining(name, zoo[name], recipe, { data: data.train, set, startsFrom }),
  );
  const reading = { ...loaderRecord(choices), workers };
  const packed = await packedSplits(data, { ...reading, recipe, digests });
  const { train: learned } = holdOut(packed.train, validationImages, seed);
  const { recipe: settled, fitted } = await fittedTo(learned, recipe, reading);
  const record: RunRecord = {
    network: name,
    ...facts,
    recipe: settled,
    seed,
    validationImages,
    ...(validationSplit !== undefined && { validationSplit }),
    ...loaderRecord(choices),
    checkpointEvery,
    ...(start && { start }),
    step,
    precision,
    command: commandLine(),
    commit: commit(),
    started: new Date().toISOString(),
    machine: { ...machine(runtime) },
  };
  const folder = await beginRun(wanted, choices.out !== undefined, record, async (at) => {
    if (kept) await writeImagesFile(at, kept);
    if (hasFittedFile(settled)) await saveFitted(at, settled, fitted);
    await keepStartedFrom(record, wanted, at);
  });
  return { folder, record, data: packed, workers };
}

/** @throws UserError for an option that needs image files, if the images are held in memory */
export function expectImages(
  { kind, name }: ImageSet,
  { cache, onBadImage }: Pick<RunChoices, 'cache' | 'onBadImage'>,
): void {
  if (kind === 'files') return;
  for (const [option, given] of [
    ['--cache', cache],
    ['--on-bad-image', onBadImage],
  ] as const)
    if (given !== undefined)
      throw new UserError(
        `${option}: expected a data set of image files, found ${name}, which lies in memory`,
      );
}

/** The recipe with the values that it takes from the training set. */
async function fittedTo(
  train: ImageSet,
  recipe: Recipe,
  { onBadImage, workers }: Pick<LoaderOptions, 'onBadImage' | 'workers'>,
): Promise<FittedRecipe<Recipe>> {
  if (!needsFitting(recipe)) return { recipe, fitted: {} };
  note(`fitting the preprocessing to the ${counted(train.labels.length, 'image')} of ${train.name}`);
  const sound = onBadImage === 'skip' ? await dropUnreadable(train, recipe, workers) : train;
  return fitRecipe(undistortedPixels(sound, recipe), recipe);
}

/** A run that was interrupted, as described by its folder. */
export async function resumedRun(folder: string, runtime: Runtime, asked: GoingOn): Promise<Run> {
  const found = await openRun(folder);
  if (found.finetune)
    throw new UserError(
      `${folder}: expected a run of train, found one of finetune; resume it by ${commandToCopy('finetune', '--resume', pathWord(folder))}`,
    );
  await holdRun(folder);
  const { record, data, digests } = await goneOn(folder, found, runtime, asked);
  const options = { ...record, digests, workers: workersOf(asked.workers) };
  return { folder, record, data: await packedSplits(data, options), workers: options.workers };
}

/** The options that a resumed run accepts: none that affects its results. */
export interface GoingOn {
  readonly workers?: number | undefined;
  readonly onBadImage?: BadImagePolicy | undefined;
  /** Where the data is now. */
  readonly data?: string | undefined;
}

/** The record and the unchanged data of a run that resumes. */
export async function goneOn(
  folder: string,
  before: RunRecord,
  runtime: Runtime,
  { data: at, onBadImage }: GoingOn,
): Promise<Pick<Run, 'record' | 'data'> & { readonly digests: Digests }> {
  knownNetwork(before.network, folder);
  await noteUnsealed(join(folder, runFiles.last));
  const backend = before.machine['backend'];
  if (backend !== runtime.backend)
    note(
      `the run began on ${String(backend)} and continues on ${runtime.backend}: its figures will differ slightly`,
    );
  const record: RunRecord = {
    ...before,
    ...(at !== undefined && { data: await settledName(at, dataOptions().root) }),
    ...(onBadImage && { onBadImage: onBadImage }),
  };
  const { train, validation, test } = await reopenData(folder, before, {
    parts: partNames,
    at,
    onBadImage: record.onBadImage,
  });
  expectImages(train!.set, { onBadImage });
  if (at !== undefined) await moveImages(folder, before, at);
  if (at !== undefined || onBadImage) await writeRecord(folder, record);
  const data = { train: train!.set, ...(validation && { validation: validation.set }), test: test!.set };
  // An older run has no digests: its shards are found by file size and time.
  const known = (part: OwnPart | undefined) => (part?.sha256.length ? part.sha256 : undefined);
  const digests = { train: known(train), validation: known(validation), test: known(test) };
  return { record, data, digests };
}

function recipeFor(recipe: Recipe, { set, batch, epochs }: RunChoices): Recipe {
  if (epochs !== undefined) wholeNumber('--epochs', epochs, 1, mostInRecipe);
  if (batch !== undefined) wholeNumber('--batch', batch, 1, mostInRecipe);
  if (epochs !== undefined) expectOnce(set ?? [], [{ option: '--epochs', assignment: `epochs=${epochs}` }]);
  const options = batch === undefined ? [] : [{ option: '--batch', assignment: `batchSize=${batch}` }];
  const changed = overridden(recipe, set ?? [], options);
  if (epochs === undefined || epochs === changed.epochs) return changed;
  const longer = overridden(stretched(changed, epochs), []);
  note(`${counted(epochs, 'epoch')} instead of ${changed.epochs}: the schedule is stretched with them`);
  return longer;
}
