import { zoo, type NetworkName } from '../models/registry';
import type { BadPicturePolicy } from '../src/data/bad-picture-policy';
import { dataRoot } from '../src/data/data-root';
import type { ImageSet, Splits } from '../src/data/dataset';
import { distortionStages } from '../src/data/distortion-stages';
import type { FeedOptions } from '../src/data/feed';
import { fitRecipe, needsFitting, type FittedRecipe } from '../src/data/fit-recipe';
import { listingOf } from '../src/data/listing';
import { openData, type OpenOptions } from '../src/data/open';
import { readable } from '../src/data/readable';
import { webFetch } from '../src/data/web-fetch';
import { undistortedPixels } from '../src/data/undistorted-pixels';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import type { Recipe } from '../src/network';
import type { Runtime } from '../src/runtime/backend';
import { cpuFeatures, machine } from '../src/runtime/machine';
import { hasFittedFile, saveFitted } from '../src/train/fitted-file';
import { holdOut } from '../src/train/hold-out';
import { overridden } from '../src/train/overrides';
import { createRun, openRun, type RunRecord } from '../src/train/run-record';
import { checkPrecision, checkRule, type Precision, type StepKind } from '../src/train/step-for';
import { stretched } from '../src/train/schedule';
import { commandLine, commit, note } from './cli';
import { feedRecord, packedSplits } from './feed-options';
import { holdRun, runFolderFor, takeRunFolder } from './run-folder';
import { commandToCopy } from './shell-command';
import { trainedStart } from './trained-start';

/** Drawn and split data are the same for every run: its seed is not the run's. */
const dataSeed = 1;

export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  readonly data: Splits;
  /** Threads that prepare images. Default: as `openFeed`. */
  readonly workers?: number | undefined;
}

export interface RunChoices {
  readonly network?: NetworkName | undefined;
  readonly data?: string | undefined;
  readonly out?: string | undefined;
  /** The folder of the run whose trained weights to start from. */
  readonly startFrom?: string | undefined;
  readonly seed: number;
  readonly epochs?: number | undefined;
  readonly batch?: number | undefined;
  readonly set?: readonly string[] | undefined;
  readonly validation: number;
  /** The share of each class that is split off the training set to be the validation set. */
  readonly validationSplit?: number | undefined;
  readonly workers?: number | undefined;
  /** The folder to pack pictures in. */
  readonly cache?: string | undefined;
  readonly onBadImage?: BadPicturePolicy | undefined;
  readonly checkpointEvery: number;
  readonly step?: StepKind | undefined;
  readonly precision?: Precision | undefined;
}

/** Settles everything that a run needs, and writes it to the run's folder before any training. */
export async function newRun(choices: RunChoices, runtime: Runtime): Promise<Run> {
  const name = choices.network;
  if (name === undefined)
    throw new UserError('train: expected the name of a network or --resume RUN, found neither');
  const recipe = recipeFor(zoo[name].recipe, choices);
  distortionStages(recipe); // refuses what cannot be done
  const dataName = choices.data ?? recipe.dataset;
  const { step = 'auto', precision = 'float32' } = choices;
  checkPrecision(step, precision, runtime.backend, cpuFeatures());
  checkRule(recipe, { kind: step, precision });
  const { validationSplit } = choices;
  const data = await openRunData(dataName, validationSplit);
  if (choices.validation > 0 && data.validation) {
    throw new UserError(
      `--validation: expected a data set without a validation set, found ${data.validation.name}`,
    );
  }
  const listing = listingOf(data.train);
  const wanted = choices.out ?? runFolderFor(name, dataName);
  const classes = data.train.classes.length;
  const start = await trainedStart(choices.startFrom, name, recipe, { folder: wanted, classes });
  const seed = wholeNumber('--seed', choices.seed, 0);
  const validationImages = wholeNumber('--validation', choices.validation, 0);
  const workers = workersOf(choices.workers);
  const reading = { ...feedRecord(choices), workers };
  const packed = await packedSplits(data, { ...reading, recipe });
  const { train: learned } = holdOut(packed.train, validationImages, seed);
  const { recipe: settled, fitted } = await fittedTo(learned, recipe, reading);
  const record: RunRecord = {
    network: name,
    data: dataName,
    classes,
    recipe: settled,
    seed,
    validationImages,
    ...(validationSplit !== undefined && { validationSplit }),
    ...(listing && { listing }),
    ...feedRecord(choices),
    checkpointEvery: wholeNumber('--checkpoint-every', choices.checkpointEvery, 1),
    ...(start && { start }),
    step,
    precision,
    command: commandLine(),
    commit: commit(),
    started: new Date().toISOString(),
    machine: { ...machine(runtime) },
  };
  const folder = await takeRunFolder(wanted, choices.out !== undefined);
  await createRun(folder, record);
  if (hasFittedFile(settled)) await saveFitted(folder, settled, fitted);
  return { folder, record, data: packed, workers };
}

/** The recipe with what it leaves to the training set. */
async function fittedTo(
  train: ImageSet,
  recipe: Recipe,
  { onBadPicture, workers }: Pick<FeedOptions, 'onBadPicture' | 'workers'>,
): Promise<FittedRecipe<Recipe>> {
  if (!needsFitting(recipe)) return { recipe, fitted: {} };
  note(`fitting the preprocessing to the ${counted(train.labels.length, 'image')} of ${train.name}`);
  const sound = onBadPicture === 'skip' ? await readable(train, recipe, workers) : train;
  return fitRecipe(undistortedPixels(sound, recipe), recipe);
}

/** A run that was interrupted, as its folder describes it. */
export async function resumedRun(folder: string, runtime: Runtime, workers?: number): Promise<Run> {
  const record = await openRun(folder);
  if (record.tuning)
    throw new UserError(
      `${folder}: expected a run of train, found one of finetune; go on with it by ${commandToCopy('finetune', '--resume', folder)}`,
    );
  await holdRun(folder);
  const before = record.machine['backend'];
  if (before !== runtime.backend)
    note(
      `the run began on ${String(before)} and goes on on ${runtime.backend}: its figures will differ slightly`,
    );
  const data = await openRunData(record.data, record.validationSplit);
  const listing = listingOf(data.train);
  if (record.listing && listing?.sha256 !== record.listing.sha256) {
    throw new UserError(
      `${data.train.name}: expected the ${counted(record.listing.pictures, 'picture')} that the run began with, found others ` +
        `(${data.train.labels.length}): a picture was added, taken away or renamed`,
    );
  }
  const options = { ...record, workers: workersOf(workers) };
  return { folder, record, data: await packedSplits(data, options), workers: options.workers };
}

/** What `--workers` says, checked. */
export function workersOf(given: number | undefined): number | undefined {
  return given === undefined ? undefined : wholeNumber('--workers', given, 0);
}

export function openRunData(name: string, validationSplit?: number): Promise<Splits> {
  return openData(name, { ...dataOptions(), validationSplit });
}

/** How every command opens data. */
export function dataOptions(): OpenOptions {
  return { root: dataRoot(process.env), seed: dataSeed, fetch: webFetch(process.env), onProgress: note };
}

/** @throws UserError unless `value` is a whole number of at least `least` */
export function wholeNumber(option: string, value: number, least: number): number {
  if (Number.isInteger(value) && value >= least) return value;
  throw new UserError(`${option}: expected a whole number of at least ${least}, found ${value}`);
}

/** @throws UserError unless it is a number above 0 */
export function positiveNumber(option: string, value: number): number {
  if (value > 0 && value < Infinity) return value;
  throw new UserError(`${option}: expected a number above 0, found ${value}`);
}

function recipeFor(recipe: Recipe, { set, batch, epochs }: RunChoices): Recipe {
  const assignments = [...(batch === undefined ? [] : [`batchSize=${batch}`]), ...(set ?? [])];
  const changed = overridden(recipe, assignments);
  if (epochs === undefined || epochs === changed.epochs) return changed;
  const longer = overridden(stretched(changed, epochs), []);
  note(`${counted(epochs, 'epoch')} instead of ${changed.epochs}: the schedule is stretched with them`);
  return longer;
}
