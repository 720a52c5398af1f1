/** A fine-tuning before its first update: either a new one, fully specified and recorded, or one that resumes. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zoo, type NetworkName } from '../../../models/registry';
import type { ImageSet, Splits } from '../../../src/data/dataset';
import { fitRecipe, needsFitting } from '../../../src/data/preprocess/fit';
import { openFinetuneData } from '../../../src/data/open';
import { undistortedPixels } from '../../../src/data/loader/undistorted';
import { UserError } from '../../../src/core/errors';
import type { Recipe } from '../../../src/core/network';
import type { Runtime } from '../../../src/runtime/backend';
import { cpuFeatures, machine } from '../../../src/runtime/machine';
import type { tf } from '../../../src/core/tf';
import { hasFittedFile, lacksFitted, saveFitted } from '../../../src/weights/fitted-file';
import { freeze, layersLike, learnersOf } from '../../../src/finetune/freeze';
import { modelFiles } from '../../../src/weights/model-folder';
import { withNewHead, type NewHeadOptions } from '../../../src/finetune/new-head';
import { overridden } from '../../../src/core/recipe/overrides';
import { writeImagesFile } from '../../../src/train/run/images-file';
import { openRun, runFiles, type RunRecord, type FinetuneRecord } from '../../../src/train/run/run-record';
import { chooseTrainedCodes } from '../../../src/train/step/choose-step';
import { deriveSeed } from '../../../src/core/random';
import { few } from '../../../src/weights/import/mapping-report';
import { pathWord } from '../../../src/core/text/shell-words';
import { commandLine, commit, note } from '../../cli/output';
import { loaderRecord, packedSplits, foundPath } from '../../cli/options/shared-options';
import { beginData, dataOptions } from '../data/run-data';
import { defaults, expectImages, goneOn, type GoingOn, type Run } from '../train/start-run';
import { holdRun, runFolderFor, beginRun } from '../train/run-folder';
import { commandToCopy } from '../../cli/npm/npm-run';
import { keepStartedFrom } from '../train/started-from';
import { finetuneRecipeFor } from './finetune-recipe';
import { openStart, type FinetuneStart } from './finetune-start';
import type { FinetuneArguments } from '../../cli/options/finetune-options';
import { mainPathOf } from '../../../src/layers/layer-walk';
import { checkPrecision } from '../../../src/graph/precision';
import { wholeNumber, workersOf } from '../../cli/numbers';

/** A fine-tuning with its model, ready to start or resume. */
export interface FinetuneRun extends Run {
  readonly record: RunRecord & { readonly finetune: FinetuneRecord };
  readonly data: Required<Splits>;
  /** The model with its auxiliary heads, which do not change. */
  readonly whole: tf.LayersModel;
  /** The model's main path, which shares its weights; frozen layers are marked as not trainable. */
  readonly learning: tf.LayersModel;
}

export type Choices = Omit<FinetuneArguments, 'backend' | 'json' | 'resume'>;

/** The fraction of each class that goes into each part that has to be split off. */
export const defaultShare = 0.15;

/** Determines everything that a fine-tuning needs, and writes it to its folder before any training. */
export async function newFinetune(given: Choices, runtime: Runtime): Promise<FinetuneRun> {
  const { network: name, weights, data: dataName } = given;
  if (name === undefined || weights === undefined || dataName === undefined)
    throw new UserError(
      'finetune: expected NETWORK --weights FILE --data DIR, or --resume RUN; found only some of them',
    );
  if (zoo[name].recipe.optimiser.kind === 'winnerTakeAll')
    throw new UserError(`finetune: expected a network that learns by gradients, found ${name}`);
  const { step = 'auto', precision = 'float32' } = given;
  checkPrecision(step, precision, runtime.backend, cpuFeatures());
  const share = given['validation-split'] ?? defaultShare;
  if (!(share > 0 && share < 1))
    throw new UserError(`--validation-split: expected a share between 0 and 1, found ${share}`);
  const seed = wholeNumber('--seed', given.seed ?? defaults.seed, 0);
  const workers = workersOf(given.workers);
  const onBadImage = given['on-bad-image'];
  const start = await openStart(weights, name, given.names);
  try {
    const opened = await openFinetuneData(dataName, { ...dataOptions(), validationSplit: share });
    expectImages(opened.train, { cache: given.cache, onBadImage });
    const wanted = given.out ?? runFolderFor(name, dataName);
    for (const [file, what] of [
      [modelFiles.record, 'a model'],
      [runFiles.record, 'a run, which --resume continues'],
    ] as const)
      if (existsSync(join(wanted, file)))
        throw new UserError(`${wanted}: expected a new folder, found ${what} in it`);
    const begun = await beginData(dataName, opened, onBadImage);
    const found = begun.data as Required<Splits>;
    const { classes } = begun.facts;
    const models = await modelsFrom(name, start, { classes, seed, where: weights });
    const { learning } = models;
    // The valid fields of the optimiser depend on how the head learns, which depends on which layers learn.
    const set = (given.set ?? []).filter((text) => !text.startsWith('optimiser.'));
    chooseTrainedCodes(learning, overridden(zoo[name].recipe, set));
    const afresh = layersAfresh(name, learning, start);
    const learners = [...new Set([...learnersOf(learning, zoo[name].head), ...afresh])];
    const frozen = frozenLayers(name, learning, { learners, afresh }, given.freeze ?? ['all']);
    if (afresh.length > 0)
      note(
        `${weights}: not all weights of ${few(afresh)} were loaded or trained: such layers start afresh and learn, as the head does`,
      );
    freeze(learning, frozen);
    if (learning.trainableWeights.length === 0)
      throw new UserError(
        `--freeze: expected at least one layer that learns, of ${learners.join(', ')}, found all of them frozen`,
      );
    const { recipe, features, solved } = finetuneRecipeFor(name, start, learning, learners, found, given);
    const reading = { ...loaderRecord({ cache: given.cache, onBadImage }), workers };
    const { digests } = begun;
    const data = (await packedSplits(found, { ...reading, recipe, digests })) as Required<Splits>;
    const settled = await fittedTo(data.train, recipe, start);
    const record = {
      network: name,
      ...begun.facts,
      recipe: settled.recipe,
      seed,
      validationImages: 0,
      validationSplit: share,
      ...loaderRecord({ cache: given.cache, onBadImage }),
      checkpointEvery: defaults.checkpointEvery,
      ...(!solved && { patience: wholeNumber('--patience', given.patience ?? (features ? 30 : 5), 1) }),
      finetune: {
        weights: absolute(weights),
        ...(given.names && { names: given.names }),
        sha256: start.sha256,
        source: { ...start.source },
        frozen: [...frozen],
        features,
        ...(solved?.withValidation && { withValidation: true as const }),
      },
      step,
      precision,
      command: commandLine(),
      commit: commit(),
      started: new Date().toISOString(),
      machine: { ...machine(runtime) },
    } satisfies RunRecord;
    const folder = await beginRun(wanted, given.out !== undefined, record, async (at) => {
      if (begun.kept) await writeImagesFile(at, begun.kept);
      if (hasFittedFile(record.recipe)) await saveFitted(at, record.recipe, settled.fitted);
      await keepStartedFrom(record, wanted, at);
    });
    return { folder, record, data, workers, ...models };
  } finally {
    start.model.dispose();
  }
}

/** The recipe with the values that it takes from the training set, except those that came with the initial weights. */
async function fittedTo(train: ImageSet, recipe: Recipe, { fitted }: FinetuneStart) {
  const pixels = undistortedPixels(train, recipe);
  if (lacksFitted(recipe.input, fitted)) return fitRecipe(pixels, recipe);
  const colours = { ...recipe, input: { ...recipe.input, preprocess: [] } };
  if (!needsFitting(colours)) return { recipe, fitted };
  const { augment } = (await fitRecipe(pixels, colours)).recipe;
  return { recipe: { ...recipe, augment }, fitted };
}

/** A fine-tuning that was interrupted, as described by its folder. */
export async function resumedFinetune(
  folder: string,
  runtime: Runtime,
  asked: GoingOn,
): Promise<FinetuneRun> {
  const before = await openRun(folder);
  const { finetune, network, classes, seed } = before;
  if (!finetune)
    throw new UserError(
      `${folder}: expected a run of finetune, found one of train; resume it by ${commandToCopy('train', '--resume', pathWord(folder))}`,
    );
  if (existsSync(join(folder, modelFiles.record)))
    throw new UserError(`${folder}: expected a fine-tuning to resume, found one that has ended`);
  await holdRun(folder);
  const { record, data: found, digests } = await goneOn(folder, before, runtime, asked);
  const workers = workersOf(asked.workers);
  const data = (await packedSplits(found, { ...record, digests, workers })) as Required<Splits>;
  const start = await openStart(finetune.weights, network as NetworkName, finetune.names);
  try {
    if (start.sha256 !== finetune.sha256)
      throw new UserError(
        `${finetune.weights}: expected the weights that the run began with, found others; begin a new run`,
      );
    const models = await modelsFrom(network as NetworkName, start, {
      classes,
      seed,
      where: finetune.weights,
    });
    chooseTrainedCodes(models.learning, record.recipe);
    const afresh = layersAfresh(network as NetworkName, models.learning, start);
    const still = afresh.find((layer) => finetune.frozen.includes(layer));
    if (still !== undefined)
      throw new UserError(
        `${folder}: expected frozen layers that were loaded or trained, found ${still}, which is as it was drawn; begin a new run, in which it learns`,
      );
    freeze(models.learning, finetune.frozen);
    return { folder, record: { ...record, finetune }, data, workers, ...models };
  } finally {
    start.model.dispose();
  }
}

/** The path that `foundPath` finds, made absolute so that it means the same in any working directory. */
function absolute(weights: string): string {
  return resolve(foundPath(weights));
}

async function modelsFrom(
  name: NetworkName,
  { model, source }: FinetuneStart,
  { seed, ...options }: NewHeadOptions,
): Promise<Pick<FinetuneRun, 'whole' | 'learning'>> {
  // A network trained here with the same seed began with a head of the same numbers.
  const own = source['kind'] === 'imported' ? seed : deriveSeed(seed, 'new head');
  const whole = await withNewHead(zoo[name], model, { ...options, seed: own });
  return { whole, learning: mainPathOf(whole) };
}

/**
 * The layers below the head that start from new weights like the head, because not all their weights were loaded or
 * trained.
 */
function layersAfresh(
  name: NetworkName,
  learning: tf.LayersModel,
  { notLoaded }: FinetuneStart,
): readonly string[] {
  const drawn = new Set(notLoaded);
  return learning.layers
    .filter(({ trainableWeights }) => trainableWeights.length > 0)
    .filter(({ weights }) => weights.some(({ originalName }) => drawn.has(originalName)))
    .map((layer) => layer.name)
    .filter((layer) => !zoo[name].head.some((own) => own === layer));
}

/** The layers that learn by default: the head or its replacement, and the layers that start from new weights. */
interface Learning {
  readonly learners: readonly string[];
  readonly afresh: readonly string[];
}

function frozenLayers(
  name: NetworkName,
  model: tf.LayersModel,
  { learners, afresh }: Learning,
  patterns: readonly string[],
): readonly string[] {
  const head: readonly string[] = zoo[name].head;
  if (patterns.length === 1 && patterns[0] === 'none') return [];
  if (patterns.length === 1 && patterns[0] === 'all') {
    if (!learners.some((layer) => head.includes(layer)))
      note(
        `no layer in the head of ${name} can learn; the layers above its last sub-sampling learn instead: ${learners.join(', ')}`,
      );
    return layersLike(model, ['*']).filter((layer) => !head.includes(layer) && !learners.includes(layer));
  }
  const frozen = layersLike(model, patterns);
  const drawn = frozen.find((layer) => afresh.includes(layer));
  if (drawn !== undefined)
    throw new UserError(
      `--freeze: expected layers that were loaded or trained, found ${drawn}, which is as it was drawn; without --freeze such layers learn`,
    );
  const own = frozen.find((layer) => head.includes(layer));
  if (own === undefined) return frozen;
  throw new UserError(`--freeze: expected layers below the head, which starts afresh, found ${own}`);
}
