/** A fine-tuning before its first update: either a new one, fully specified and recorded, or one that resumes. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Splits } from '../../data/dataset';
import { openFinetuneData } from '../../data/open';
import { namesOf } from '../../data/put-together';
import { openImageOf } from '../../data/loader/loader';
import { UserError } from '../../core/errors';
import { cpuFeatures } from '../../runtime/machine';
import type { tf } from '../../core/tf';
import { hasFittedFile, saveFitted } from '../../weights/fitted-file';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import { fittedTo } from '../../finetune/finetune-recipe';
import { freeze, freezeAsChosen, layersAfresh } from '../../finetune/freeze';
import { modelFiles } from '../../weights/model-folder';
import { headSeed, withNewHead, type NewHeadOptions } from '../../finetune/new-head';
import { overridden } from '../../core/recipe/overrides';
import { writeImagesFile } from '../../train/run/images-file';
import { runFiles, type RunRecord, type FinetuneRecord } from '../../train/run/run-record';
import { chooseTrainedCodes } from '../../train/step/choose-step';
import type { Network } from '../../core/network';
import { option, resumeCall } from '../../core/text/wording';
import { dataOptions, machineOf, networkOf, type Context } from '../context';
import { packedSplits, readingRecord } from '../data/packed-splits';
import { beginData } from '../data/run-data';
import {
  expectImages,
  goneOn,
  ranksRecord,
  type CommonChoices,
  type Going,
  type Run,
} from '../train/start-run';
import { holdRun, runFolderFor, beginRun } from '../train/run-folder';
import { keepStartedFrom } from '../train/started-from';
import { defaults, type ClassWeights, type FinetuneMethodName, type FinetuneOptimiser } from '../choices';
import { finetuneRecipeFor } from './finetune-recipe';
import { openStart, type FinetuneStart } from './finetune-start';
import { foundWeights } from '../trained/named-weights';
import type { Convention } from '../../weights/import/toolkit-layout';
import { mainPathOf } from '../../layers/layer-walk';
import { checkPrecision } from '../../graph/precision';
import { wholeNumber, workersOf } from '../../core/given/numbers';

/** A fine-tuning with its model, ready to start or resume. */
export interface FinetuneRun extends Run {
  readonly record: RunRecord & { readonly finetune: FinetuneRecord };
  readonly data: Required<Splits>;
  /** The model with its auxiliary heads, which do not change. */
  readonly whole: tf.LayersModel;
  /** The model's main path, which shares its weights; frozen layers are marked as not trainable. */
  readonly learning: tf.LayersModel;
}

/** What may be decided about a fine-tuning. */
export interface FinetuneRunChoices extends CommonChoices {
  /** Trained weights: a file that `importWeights` reads, the folder of a model or a run, or a name of such weights. */
  readonly weights: string;
  /**
   * The images: a folder for each class, the name of a data set, or another format that `openData` opens; of several,
   * classes of the same name are one.
   */
  readonly data: string | readonly string[];
  /** Where the images of the test lie, if elsewhere: as `data`. Their classes are some of the others'. */
  readonly test?: string | undefined;
  /**
   * Layers that keep their weights: `['all']` but the head and what was not loaded, `['none']`, or names with `*`.
   * Default: `['all']`.
   */
  readonly freeze?: readonly string[] | undefined;
  /** Solve a linear head, or descend gradients. Default: solve where that can be done. */
  readonly method?: FinetuneMethodName | undefined;
  /** Solve the head once more with the validation images, after they have chosen the weight decay. */
  readonly withValidation?: boolean | undefined;
  /** `LAYERS=FACTOR` on the learning rate. Default: 10 for the head, 3 where it learns alone. */
  readonly layerRate?: readonly string[] | undefined;
  /** The first learning rate of all but the head. */
  readonly rate?: number | undefined;
  /**
   * The rule that descends gradients; with `adam` and `adamw` the default of `rate` is 0.0001, with `adamw` the weight
   * decay 0.01. Default: the network's own.
   */
  readonly optimiser?: FinetuneOptimiser | undefined;
  /** Epochs, or a fraction of one, in which the rate rises from a hundredth of the schedule's. Default: none. */
  readonly warmUp?: number | undefined;
  /** The share of each label that is spread over all classes. Default: 0. */
  readonly labelSmoothing?: number | undefined;
  /** The largest norm of an update's gradients. Default: any. */
  readonly clipNorm?: number | undefined;
  /** Batches whose gradients make one update, for larger updates than fit into memory. Default: 1. */
  readonly accumulate?: number | undefined;
  /** At most so many epochs. Default: 60 of the head alone, else 8. */
  readonly epochs?: number | undefined;
  /** Images in a batch, which is an update unless several are accumulated. Default: 32. */
  readonly batch?: number | undefined;
  /** Variants of each image, itself and distorted ones, that frozen layers see once. Default: 1. */
  readonly variants?: number | undefined;
  /** Stop after so many epochs without a lower validation error. Default: 30 where features are kept, else 5. */
  readonly patience?: number | undefined;
  /** Default: `auto`. */
  readonly classWeights?: ClassWeights | undefined;
  /** The share of each class that is split off for each part that is missing. Default: 0.15. */
  readonly validationSplit?: number | undefined;
  /** Whose names the file of weights uses. Default: as it looks. */
  readonly names?: Convention | undefined;
}

/** Everything that a fine-tuning needs, before anything of it is written down. */
export interface PreparedFinetune {
  readonly record: FinetuneRun['record'];
  readonly data: Required<Splits>;
  readonly workers: number | undefined;
  readonly whole: tf.LayersModel;
  readonly learning: tf.LayersModel;
  readonly fitted: FittedPreprocess;
  /** Writes what a run's folder holds beside its record. */
  readonly fill: (folder: string, wanted: string) => Promise<void>;
}

/** Determines everything that a fine-tuning needs, and writes it to its folder before any training. */
export async function newFinetune(given: FinetuneRunChoices, context: Context): Promise<FinetuneRun> {
  const wanted = given.out ?? runFolderFor(given.network, namesOf(given)[0]!);
  const { fill, fitted: _, ...prepared } = await preparedFinetune(given, wanted, context);
  const { record } = prepared;
  return {
    ...(await beginRun(wanted, given.out !== undefined, record, (at) => fill(at, wanted))),
    ...prepared,
  };
}

/**
 * Determines everything that a fine-tuning needs.
 * @param wanted the folder that it will have
 */
export async function preparedFinetune(
  given: FinetuneRunChoices,
  wanted: string,
  context: Context,
): Promise<PreparedFinetune> {
  const { network: name } = given;
  const { runtime, provenance, remark } = context;
  const network = networkOf(context.zoo, name, option('network'));
  if (network.recipe.optimiser.kind === 'winnerTakeAll')
    throw new UserError(`finetune: expected a network that learns by gradients, found ${name}`);
  const { step = 'auto', precision = 'float32' } = given;
  checkPrecision(step, precision, runtime.backend, cpuFeatures());
  const share = given.validationSplit ?? defaults.validationSplit;
  if (!(share > 0 && share < 1))
    throw new UserError(`${option('validationSplit')}: expected a share between 0 and 1, found ${share}`);
  const seed = wholeNumber('seed', given.seed ?? defaults.seed, 0);
  const workers = workersOf(given.workers);
  const { cache, onBadImage } = given;
  const { path: weights } = await foundWeights(given.weights, context, { labelled: true, files: true });
  const start = await openStart(weights, name, given.names, context);
  try {
    const opened = await openFinetuneData(given, { ...dataOptions(context), validationSplit: share });
    expectImages(opened.train, { cache, onBadImage });
    for (const [file, what] of [
      [modelFiles.record, 'a model in it'],
      [runFiles.record, `a run; resume it by ${resumeCall('finetune', wanted)}`],
    ] as const)
      if (existsSync(join(wanted, file)))
        throw new UserError(`${wanted}: expected a new folder, found ${what}`);
    const begun = await beginData(given, opened, onBadImage, context);
    const found = begun.data as Required<Splits>;
    const { classes } = begun.facts;
    const models = await modelsFrom(network, start, { classes, seed, where: weights });
    const { learning } = models;
    // The valid fields of the optimiser depend on how the head learns, which depends on which layers learn.
    const set = (given.set ?? []).filter((text) => !text.startsWith('optimiser.'));
    chooseTrainedCodes(learning, overridden(network.recipe, set));
    const { frozen, learners } = freezeAsChosen(network, learning, {
      notLoaded: start.notLoaded,
      patterns: given.freeze ?? ['all'],
      where: weights,
      ...{ name, remark },
    });
    const { recipe, features, solved } = finetuneRecipeFor(
      network,
      start,
      learning,
      learners,
      found,
      given,
      context,
    );
    const reading = { ...readingRecord({ cache, onBadImage }), workers };
    const { digests } = begun;
    const data = await packedSplits(found, { ...reading, recipe, digests }, context);
    const settled = await fittedTo(data.train, recipe, start.fitted, openImageOf);
    const record = {
      network: name,
      ...begun.facts,
      recipe: settled.recipe,
      seed,
      validationImages: 0,
      validationSplit: share,
      ...readingRecord({ cache, onBadImage }),
      checkpointEvery: defaults.checkpointEvery,
      ...(!solved && { patience: wholeNumber('patience', given.patience ?? (features ? 30 : 5), 1) }),
      finetune: {
        weights: resolve(weights),
        ...(given.names && { names: given.names }),
        sha256: start.sha256,
        source: { ...start.source },
        frozen: [...frozen],
        features,
        ...(solved?.withValidation && { withValidation: true as const }),
      },
      step,
      precision,
      ...ranksRecord(given, context),
      ...provenance,
      started: new Date().toISOString(),
      machine: { ...machineOf(context) },
    } satisfies RunRecord;
    const fill: PreparedFinetune['fill'] = async (at, folder) => {
      if (begun.kept) await writeImagesFile(at, begun.kept);
      if (hasFittedFile(record.recipe)) await saveFitted(at, record.recipe, settled.fitted);
      await keepStartedFrom(record, folder, at);
    };
    return { record, data, workers, ...models, fitted: settled.fitted, fill };
  } finally {
    start.model.dispose();
  }
}

/** The record of a run that is known to be a fine-tuning. */
export function expectFinetune(record: RunRecord): FinetuneRun['record'] {
  const { finetune } = record;
  if (!finetune) throw new RangeError('expected the record of a fine-tuning, found one of a training');
  return { ...record, finetune };
}

/** A fine-tuning that was interrupted, as described by its folder. */
export async function resumedFinetune(
  folder: string,
  before: FinetuneRun['record'],
  asked: Going,
  context: Context,
): Promise<FinetuneRun> {
  const { finetune, network: name, classes, seed } = before;
  if (existsSync(join(folder, modelFiles.record)))
    throw new UserError(`${folder}: expected a fine-tuning to resume, found one that has ended`);
  const network = networkOf(context.zoo, name, folder);
  const release = await holdRun(folder);
  try {
    const { record, data: found, digests } = await goneOn(folder, before, asked, context);
    const workers = workersOf(asked.workers);
    const reading = { ...record, digests, workers };
    const data = await packedSplits(found as Required<Splits>, reading, context);
    const options = { classes, seed, where: finetune.weights };
    const models = await modelsAsBegun(folder, network, { ...record, finetune }, options, context);
    return { folder, record: { ...record, finetune }, data, workers, ...models, release };
  } catch (error) {
    await release();
    throw error;
  }
}

/** The models of a fine-tuning that resumes, from the weights that it began with. */
async function modelsAsBegun(
  folder: string,
  network: Network,
  { finetune, recipe, network: name }: FinetuneRun['record'],
  options: NewHeadOptions,
  context: Context,
): Promise<Pick<FinetuneRun, 'whole' | 'learning'>> {
  const start = await openStart(finetune.weights, name, finetune.names, context);
  try {
    if (start.sha256 !== finetune.sha256)
      throw new UserError(
        `${finetune.weights}: expected the weights that the run began with, found others; begin a new run`,
      );
    const models = await modelsFrom(network, start, options);
    chooseTrainedCodes(models.learning, recipe);
    const afresh = layersAfresh(network, models.learning, start.notLoaded);
    const still = afresh.find((layer) => finetune.frozen.includes(layer));
    if (still !== undefined)
      throw new UserError(
        `${folder}: expected frozen layers that were loaded or trained, found ${still}, which is as it was drawn; begin a new run, in which it learns`,
      );
    freeze(models.learning, finetune.frozen);
    return models;
  } finally {
    start.model.dispose();
  }
}

async function modelsFrom(
  network: Network,
  { model, source }: FinetuneStart,
  { seed, ...options }: NewHeadOptions,
): Promise<Pick<FinetuneRun, 'whole' | 'learning'>> {
  const whole = await withNewHead(network, model, { ...options, seed: headSeed(source, seed) });
  return { whole, learning: mainPathOf(whole) };
}
