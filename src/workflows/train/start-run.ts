/** A training before its first update: either a new run, fully specified and recorded, or one that resumes. */
import { join } from 'node:path';
import type { ImageSet, Splits } from '../../data/dataset';
import { distortionStages } from '../../data/augment/stages';
import type { LoaderOptions } from '../../data/loader/loader';
import { fitRecipe, needsFitting, type FittedRecipe } from '../../data/preprocess/fit';
import { openData } from '../../data/open';
import { dropUnreadable } from '../../data/inspect/inspect-images';
import { openImageOf } from '../../data/loader/loader';
import { undistortedPixels } from '../../data/loader/undistorted';
import { counted } from '../../core/text/counted';
import { UserError } from '../../core/errors';
import type { Recipe } from '../../core/network';
import { cpuFeatures } from '../../runtime/machine';
import { hasFittedFile, saveFitted } from '../../weights/fitted-file';
import { holdOut } from '../../data/splits';
import { checkTraining, namingOptions } from '../../train/check-recipe';
import { mostInRecipe } from '../../core/recipe/schema';
import { expectOnce, overridden, pathsSet } from '../../core/recipe/overrides';
import { partNames, writeImagesFile } from '../../train/run/images-file';
import { expectNewRun, runFiles, writeRecord, type RunRecord } from '../../train/run/run-record';
import { checkRule } from '../../train/step/choose-step';
import { linearlyScaled, stretched } from '../../train/schedule';
import { option } from '../../core/text/wording';
import { defaults } from '../choices';
import { dataOptions, machineOf, networkOf, type Context } from '../context';
import { wires, type Wire } from '../../core/io/process/gradient-sum';
import type { OptionNames } from '../../core/given/options';
import { packedSplits, readingOptions, readingRecord, type ReadingOptions } from '../data/packed-splits';
import { moveImages, movedSources, reopenData, type OwnPart, type ReopenOptions } from '../data/reopen-data';
import { beginData, settledSources, type Digests } from '../data/run-data';
import { beginRun, holdRun, runFolderFor, type Release } from './run-folder';
import { keepStartedFrom } from './started-from';
import { trainedStart } from './start-from-trained';
import { remarkUnsealed } from '../trained/open-folder';
import { checkPrecision, precisions, stepKinds, type Precision, type StepKind } from '../../graph/precision';
import { wholeNumber, workersOf } from '../../core/given/numbers';

export interface Run {
  readonly folder: string;
  readonly record: RunRecord;
  readonly data: Splits;
  /** Threads that prepare images. Default: see `openLoader`. */
  readonly workers?: number | undefined;
  /** Unlocks the folder. */
  readonly release: Release;
}

/** What may be decided about every new run, whatever it starts from. */
export interface CommonChoices extends ReadingOptions {
  /** The network's name in the zoo. */
  readonly network: string;
  /** The run's folder. Default: `runs/NETWORK-DATA-TIME`. */
  readonly out?: string | undefined;
  /** Fixes the weights that are drawn, order and distortions. Default: 1. */
  readonly seed?: number | undefined;
  /** Fields of the recipe with their values, such as `schedule.from=0.002`. */
  readonly set?: readonly string[] | undefined;
  /** Whether updates are recorded as one graph. Default: `auto`. */
  readonly step?: StepKind | undefined;
  /** The precision of convolutions and matrix products in a recorded update. Default: `float32`. */
  readonly precision?: Precision | undefined;
  /** The numbers in which gradients travel between several ranks. Default: `float32`. */
  readonly wire?: Wire | undefined;
}

/** The names of these. */
export const commonChoices = {
  network: 'required',
  out: 'optional',
  seed: 'optional',
  set: 'optional',
  step: stepKinds,
  precision: precisions,
  wire: wires,
  ...readingOptions,
} as const satisfies OptionNames<CommonChoices>;

/** What may be decided about a new run; its recipe decides the rest. */
export interface RunChoices extends CommonChoices {
  /** The name of a data set, or the path of a folder or of archives. Default: the recipe's. */
  readonly data?: string | undefined;
  /** The folder of the run whose trained weights are the starting point. */
  readonly startFrom?: string | undefined;
  /** So many epochs, to which the schedule is stretched. Default: the recipe's. */
  readonly epochs?: number | undefined;
  /** Images in an update. Default: the recipe's. */
  readonly batch?: number | undefined;
  /** How many training images are held out; then the best epoch on these is reported. Default: 0. */
  readonly validation?: number | undefined;
  /** The fraction of each class that is split off the training set as the validation set. */
  readonly validationSplit?: number | undefined;
  /** Updates between checkpoints. Default: 1,000. */
  readonly checkpointEvery?: number | undefined;
  /**
   * Each of several ranks takes the recipe's batch, and the rate is multiplied by their number, by the linear scaling
   * rule with a warm-up (Goyal et al. 2017). Default: they share the recipe's batch out, as one process computes it.
   */
  readonly linearScaling?: boolean | undefined;
}

/** Determines everything that a run needs, and writes it to the run's folder before any training. */
export async function newRun(choices: RunChoices, context: Context): Promise<Run> {
  const { network: name } = choices;
  const { runtime, provenance } = context;
  const network = networkOf(context.zoo, name, option('network'));
  const recipe = recipeFor(network.recipe, choices, context);
  distortionStages(recipe); // fails for impossible distortions
  const dataName = choices.data ?? recipe.dataset;
  const { step = 'auto', precision = 'float32', validationSplit } = choices;
  checkPrecision(step, precision, runtime.backend, cpuFeatures());
  checkRule(recipe, { kind: step, precision, communicator: context.ranks });
  const seed = wholeNumber('seed', choices.seed ?? defaults.seed, 0);
  const validationImages = wholeNumber('validation', choices.validation ?? 0, 0);
  const checkpointEvery = wholeNumber(
    'checkpointEvery',
    choices.checkpointEvery ?? defaults.checkpointEvery,
    1,
  );
  const workers = workersOf(choices.workers);
  const earlier = await trainedStart(choices.startFrom, name, recipe, context);
  const opened = await openData(dataName, { ...dataOptions(context), validationSplit });
  if (validationImages > 0 && opened.validation)
    throw new UserError(
      `${option('validation')}: expected a data set without a validation set, found ${opened.validation.name}`,
    );
  expectImages(opened.train, choices);
  const wanted = choices.out ?? runFolderFor(name, dataName);
  if (choices.out !== undefined) await expectNewRun(wanted);
  const start = await earlier?.takenBy({ folder: wanted, data: opened.train });
  const { data, facts, kept, digests } = await beginData(
    { data: dataName },
    opened,
    choices.onBadImage,
    context,
  );
  const startsFrom = earlier?.network ?? null;
  const set = new Set([
    ...pathsSet(choices.set ?? []),
    ...(choices.batch === undefined ? [] : ['batchSize']),
  ]);
  namingOptions(choices.batch === undefined ? {} : { [option('batch')]: 'batchSize' }, () =>
    checkTraining(name, network, recipe, { data: data.train, set, startsFrom }),
  );
  const reading = { ...readingRecord(choices), workers };
  const packed = await packedSplits(data, { ...reading, recipe, digests }, context);
  const { train: learned } = holdOut(packed.train, validationImages, seed);
  const { recipe: settled, fitted } = await fittedTo(learned, recipe, reading, context);
  const record: RunRecord = {
    network: name,
    ...facts,
    recipe: settled,
    seed,
    validationImages,
    ...(validationSplit !== undefined && { validationSplit }),
    ...readingRecord(choices),
    checkpointEvery,
    ...(start && { start }),
    step,
    precision,
    ...ranksRecord(choices, context),
    ...(choices.linearScaling === true && { linearScaling: context.ranks.size }),
    ...provenance,
    started: new Date().toISOString(),
    machine: { ...machineOf(context) },
  };
  const begun = await beginRun(wanted, choices.out !== undefined, record, async (at) => {
    if (kept) await writeImagesFile(at, kept);
    if (hasFittedFile(settled)) await saveFitted(at, settled, fitted);
    await keepStartedFrom(record, wanted, at);
  });
  return { ...begun, record, data: packed, workers };
}

/** @throws UserError for an option that needs image files, if the images are held in memory */
export function expectImages(
  { kind, name }: ImageSet,
  { cache, onBadImage }: Pick<RunChoices, 'cache' | 'onBadImage'>,
): void {
  if (kind === 'files') return;
  for (const [asked, given] of [
    ['cache', cache],
    ['onBadImage', onBadImage],
  ] as const)
    if (given !== undefined)
      throw new UserError(
        `${option(asked)}: expected a data set of image files, found ${name}, which lies in memory`,
      );
}

/** The recipe with the values that it takes from the training set. */
async function fittedTo(
  train: ImageSet,
  recipe: Recipe,
  { onBadImage, workers }: Pick<LoaderOptions, 'onBadImage' | 'workers'>,
  { remark }: Context,
): Promise<FittedRecipe<Recipe>> {
  if (!needsFitting(recipe)) return { recipe, fitted: {} };
  remark(`fitting the preprocessing to the ${counted(train.labels.length, 'image')} of ${train.name}`);
  const sound = onBadImage === 'skip' ? await dropUnreadable(train, recipe, workers) : train;
  return fitRecipe(undistortedPixels(sound, recipe, openImageOf), recipe);
}

/** A run that was interrupted, as described by its folder. */
export async function resumedRun(
  folder: string,
  found: RunRecord,
  asked: Going,
  context: Context,
): Promise<Run> {
  const release = await holdRun(folder);
  try {
    const { record, data, digests } = await goneOn(folder, found, asked, context);
    const options = { ...record, digests, workers: workersOf(asked.workers) };
    const packed = await packedSplits(data, options, context);
    return { folder, record, data: packed, workers: options.workers, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The options that a resumed run accepts: none that affects its results. */
export interface GoingOn extends Omit<ReadingOptions, 'cache'> {
  /** Where the data is now; as many places as the run began with. */
  readonly data?: string | readonly string[] | undefined;
  /** Where the data of a test set of its own is now. */
  readonly test?: string | undefined;
}

/** What a run goes on with: as it is asked to, and what its ranks found among its images. */
export type Going = GoingOn & Pick<ReopenOptions, 'looked'>;

/** The record and the unchanged data of a run that resumes. */
export async function goneOn(
  folder: string,
  before: RunRecord,
  { data, test: testData, onBadImage, looked }: Going,
  context: Context,
): Promise<Pick<Run, 'record' | 'data'> & { readonly digests: Digests }> {
  const { runtime, remark, zoo } = context;
  networkOf(zoo, before.network, folder);
  await remarkUnsealed(join(folder, runFiles.last), context);
  const backend = before.machine['backend'];
  if (backend !== runtime.backend)
    remark(
      `the run began on ${String(backend)} and continues on ${runtime.backend}: its figures will differ slightly`,
    );
  const at = movedSources(folder, before, { data, test: testData });
  const record: RunRecord = {
    ...before,
    ...(at && (await settledSources(at, context))),
    ...(onBadImage && { onBadImage: onBadImage }),
  };
  const { train, validation, test } = await reopenData(
    folder,
    before,
    {
      parts: partNames,
      at,
      onBadImage: record.onBadImage,
      looked,
    },
    context,
  );
  expectImages(train!.set, { onBadImage });
  if (at) await moveImages(folder, before, at);
  if (at || onBadImage) await writeRecord(folder, record);
  const splits = { train: train!.set, ...(validation && { validation: validation.set }), test: test!.set };
  // An older run has no digests: its shards are found by file size and time.
  const known = (part: OwnPart | undefined) => (part?.sha256.length ? part.sha256 : undefined);
  const digests = { train: known(train), validation: known(validation), test: known(test) };
  return { record, data: splits, digests };
}

/**
 * What a run's record keeps of how ranks work together.
 * @throws UserError for an option that would have no effect on one process
 */
export function ranksRecord(
  { wire }: Pick<CommonChoices, 'wire'>,
  { ranks }: Pick<Context, 'ranks'>,
): Pick<RunRecord, 'wire'> {
  if (wire === undefined) return {};
  expectSeveral('wire', ranks);
  return { wire };
}

function expectSeveral(name: string, { size }: Context['ranks']): void {
  if (size === 1) throw new UserError(`${option(name)}: expected it for several ranks, found one process`);
}

function recipeFor(
  recipe: Recipe,
  { set, batch, epochs, linearScaling }: RunChoices,
  { remark, ranks }: Context,
): Recipe {
  if (epochs !== undefined) wholeNumber('epochs', epochs, 1, mostInRecipe);
  if (batch !== undefined) wholeNumber('batch', batch, 1, mostInRecipe);
  if (epochs !== undefined)
    expectOnce(set ?? [], [{ option: option('epochs'), assignment: `epochs=${epochs}` }]);
  const options = batch === undefined ? [] : [{ option: option('batch'), assignment: `batchSize=${batch}` }];
  const changed = overridden(recipe, set ?? [], options);
  const longer =
    epochs === undefined || epochs === changed.epochs ? changed : overridden(stretched(changed, epochs), []);
  if (longer !== changed)
    remark(
      `${counted(longer.epochs, 'epoch')} instead of ${changed.epochs}: the schedule is stretched with them`,
    );
  if (linearScaling !== true) return longer;
  expectSeveral('linearScaling', ranks);
  if (longer.optimiser.kind !== 'momentum')
    throw new UserError(
      `${option('linearScaling')}: expected stochastic gradient descent (momentum), for which the rule is known, found ${longer.optimiser.kind}`,
    );
  const scaled = overridden(linearlyScaled(longer, ranks.size), []);
  remark(
    `linear scaling by ${ranks.size}: batches of ${scaled.batchSize} instead of ${longer.batchSize}, and the rate times ${ranks.size} after ${scaled.warmUp!.epochs} epochs`,
  );
  return scaled;
}
