import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import type { ImageSet, Splits } from '../src/data/dataset';
import { fitRecipe } from '../src/data/fit-recipe';
import { listingOf } from '../src/data/listing';
import { openTuningData } from '../src/data/open';
import { undistortedPixels } from '../src/data/undistorted-pixels';
import { counted } from '../src/counted';
import { UserError } from '../src/errors';
import type { Loss, Recipe } from '../src/network';
import type { Runtime } from '../src/runtime/backend';
import { cpuFeatures, machine } from '../src/runtime/machine';
import type { tf } from '../src/tf';
import { featureBytes } from '../src/train/features';
import { hasFittedFile, lacksFitted, saveFitted } from '../src/train/fitted-file';
import { freeze, layersLike } from '../src/train/freeze';
import { mainPathOf, partedAboveFrozen } from '../src/train/frozen-trunk';
import { modelFiles } from '../src/train/model-folder';
import { withNewHead, type NewHeadOptions } from '../src/train/new-head';
import { overridden } from '../src/train/overrides';
import { createRun, openRun, runFiles, type RunRecord } from '../src/train/run-record';
import { checkPrecision } from '../src/train/step-for';
import type { Tuning } from '../src/train/tuning';
import { balancedWeights, tuningRecipe } from '../src/train/tuning-recipe';
import { commandLine, commit, note } from './cli';
import { feedRecord, packedSplits } from './feed-options';
import { holdRun, runFolderFor, takeRunFolder } from './run-folder';
import { dataOptions, wholeNumber, workersOf, type Run } from './run-start';
import { commandToCopy } from './shell-command';
import { openStart, type TuningStart } from './tuning-start';
import type { TuningArguments } from './tuning-options';

/** A fine-tuning with its model, ready to go on. */
export interface TuningRun extends Run {
  readonly record: RunRecord & { readonly tuning: Tuning };
  readonly data: Required<Splits>;
  /** With auxiliary heads, which stay as they are. */
  readonly whole: tf.LayersModel;
  /** Its main path, on the same weights; frozen layers are marked so. */
  readonly learning: tf.LayersModel;
}

type Choices = Omit<TuningArguments, 'backend' | 'json' | 'resume'>;

/** Most bytes of features that are kept; where there would be more, frozen layers are computed anew each time. */
const mostFeatures = 2e9;

/** Settles everything that a fine-tuning needs, and writes it to its folder before any training. */
export async function newTuning(given: Choices, runtime: Runtime): Promise<TuningRun> {
  const { network: name, weights, data: dataName } = given;
  if (name === undefined || weights === undefined || dataName === undefined)
    throw new UserError(
      'finetune: expected NETWORK --weights FILE --data DIR, or --resume RUN; found not all of them',
    );
  if (zoo[name].recipe.optimiser.kind === 'winnerTakeAll')
    throw new UserError(`finetune: expected a network that learns by gradients, found ${name}`);
  checkPrecision(given.step, given.precision, runtime.backend, cpuFeatures());
  const share = given['validation-split'];
  if (!(share > 0 && share < 1))
    throw new UserError(`--validation-split: expected a share between 0 and 1, found ${share}`);
  const found = await openTuningData(dataName, { ...dataOptions(), validationSplit: share });
  const seed = wholeNumber('--seed', given.seed, 0);
  const workers = workersOf(given.workers);
  const wanted = given.out ?? runFolderFor(name, dataName);
  for (const [file, what] of [
    [modelFiles.record, 'a model'],
    [runFiles.record, 'a run, to go on with by --resume'],
  ] as const)
    if (existsSync(join(wanted, file)))
      throw new UserError(`${wanted}: expected a new folder, found ${what} in it`);
  const start = await openStart(weights, name, given.names);
  try {
    const classes = found.train.classes.length;
    const models = await modelsFrom(name, start, { classes, seed, where: weights });
    const { learning } = models;
    const frozen = frozenLayers(name, learning, given.freeze);
    freeze(learning, frozen);
    const { recipe, features } = recipeFor(name, start, learning, found, given);
    const listing = listingOf(found.train);
    const reading = { ...feedRecord({ cache: given.cache, onBadImage: given['on-bad-image'] }), workers };
    const data = (await packedSplits(found, { ...reading, recipe })) as Required<Splits>;
    const fitting = lacksFitted(start.input, start.fitted);
    const settled = fitting
      ? await fitRecipe(undistortedPixels(data.train, recipe), recipe)
      : { recipe, fitted: start.fitted };
    const record = {
      network: name,
      data: dataName,
      classes,
      recipe: settled.recipe,
      seed,
      validationImages: 0,
      validationSplit: share,
      ...(listing && { listing }),
      ...feedRecord({ cache: given.cache, onBadImage: given['on-bad-image'] }),
      checkpointEvery: 1000,
      patience: wholeNumber('--patience', given.patience ?? (features ? 30 : 5), 1),
      tuning: {
        weights,
        ...(given.names && { names: given.names }),
        sha256: start.sha256,
        source: { ...start.source },
        frozen: [...frozen],
        features,
      },
      step: given.step,
      precision: given.precision,
      command: commandLine(),
      commit: commit(),
      started: new Date().toISOString(),
      machine: { ...machine(runtime) },
    } satisfies RunRecord;
    const folder = await takeRunFolder(wanted, given.out !== undefined);
    await createRun(folder, record);
    if (hasFittedFile(record.recipe)) await saveFitted(folder, record.recipe, settled.fitted);
    return { folder, record, data, workers, ...models };
  } finally {
    start.model.dispose();
  }
}

/** A fine-tuning that was interrupted, as its folder describes it. */
export async function resumedTuning(folder: string, runtime: Runtime, workers?: number): Promise<TuningRun> {
  const record = await openRun(folder);
  const { tuning, network, classes, seed, listing } = record;
  if (!tuning)
    throw new UserError(
      `${folder}: expected a run of finetune, found one of train; go on with it by ${commandToCopy('train', '--resume', folder)}`,
    );
  if (existsSync(join(folder, modelFiles.record)))
    throw new UserError(`${folder}: expected a fine-tuning to go on with, found one that has ended`);
  await holdRun(folder);
  if (record.machine['backend'] !== runtime.backend)
    note(
      `the run began on ${String(record.machine['backend'])} and goes on on ${runtime.backend}: its figures will differ slightly`,
    );
  const found = await openTuningData(record.data, {
    ...dataOptions(),
    validationSplit: record.validationSplit!,
  });
  if (listing && listingOf(found.train)?.sha256 !== listing.sha256)
    throw new UserError(
      `${found.train.name}: expected the ${counted(listing.pictures, 'picture')} that the run began with, found others`,
    );
  const data = (await packedSplits(found, { ...record, workers: workersOf(workers) })) as Required<Splits>;
  const start = await openStart(tuning.weights, network as NetworkName, tuning.names);
  try {
    if (start.sha256 !== tuning.sha256)
      throw new UserError(
        `${tuning.weights}: expected the weights that the run was begun with, found others; begin a new run`,
      );
    const models = await modelsFrom(network as NetworkName, start, { classes, seed, where: tuning.weights });
    freeze(models.learning, tuning.frozen);
    return { folder, record: { ...record, tuning }, data, workers: workersOf(workers), ...models };
  } finally {
    start.model.dispose();
  }
}

async function modelsFrom(
  name: NetworkName,
  { model }: TuningStart,
  options: NewHeadOptions,
): Promise<Pick<TuningRun, 'whole' | 'learning'>> {
  const whole = await withNewHead(zoo[name], model, options);
  return { whole, learning: mainPathOf(whole) };
}

function frozenLayers(
  name: NetworkName,
  model: tf.LayersModel,
  patterns: readonly string[],
): readonly string[] {
  const head: readonly string[] = zoo[name].head;
  if (patterns.length === 1 && patterns[0] === 'none') return [];
  if (patterns.length === 1 && patterns[0] === 'all')
    return layersLike(model, ['*']).filter((layer) => !head.includes(layer));
  const frozen = layersLike(model, patterns);
  const own = frozen.find((layer) => head.includes(layer));
  if (own === undefined) return frozen;
  throw new UserError(`--freeze: expected layers below the head, which starts afresh, found ${own}`);
}

/**
 * The recipe, and whether what frozen layers make of the images is computed once. It is where they end in one tensor that
 * fits in memory, and the layers above may do without new distortions: the head may, others only if nothing is distorted
 * or a number of variants is asked for.
 */
function recipeFor(
  name: NetworkName,
  { input }: TuningStart,
  model: tf.LayersModel,
  { train: training, validation, test }: Required<Splits>,
  given: Choices,
): { readonly recipe: Recipe; readonly features: boolean } {
  const head = zoo[name].head.filter((layer) => model.layers.some((one) => one.name === layer));
  const rates = new Map((given['layer-rate'] ?? []).flatMap((text) => ratesOf(model, text)));
  const headAlone = model.layers.every(
    ({ name: layer, trainableWeights }) => trainableWeights.length === 0 || head.includes(layer as never),
  );
  const plain = tuningRecipe(zoo[name].recipe, {
    input,
    head,
    rates,
    headAlone,
    classWeights: weightsOf(zoo[name].recipe.loss, training, given['class-weights']),
  });
  const recipe = overridden(plain, [
    ...(given.batch === undefined ? [] : [`batchSize=${given.batch}`]),
    ...(given.epochs === undefined ? [] : [`epochs=${given.epochs}`]),
    ...(given.rate === undefined ? [] : [`schedule.from=${given.rate}`]),
    ...(given.set ?? []),
  ]);
  const parts = partedAboveFrozen(model);
  const versions = wholeNumber('--variants', given.variants ?? recipe.versions ?? 1, 1);
  const several = { ...recipe, versions };
  const allowed = headAlone || given.variants !== undefined || recipe.augment.length === 0;
  if (parts && allowed) {
    const bytes = featureBytes({ ...parts, recipe: several, training, others: [validation, test] });
    if (bytes <= mostFeatures) return { recipe: several, features: true };
    note(
      `the frozen layers are computed anew for each image: what they make of them would take ${(bytes / 1e9).toFixed(1)} GB`,
    );
  }
  if (given.variants !== undefined && !parts)
    throw new UserError(
      '--variants: expected frozen layers, which see each image so often, found none that all else is above',
    );
  const { versions: _, ...anew } = recipe;
  return { recipe: anew, features: false };
}

function ratesOf(model: tf.LayersModel, text: string): (readonly [string, number])[] {
  const at = text.lastIndexOf('=');
  const factor = Number(text.slice(at + 1));
  if (at < 1 || !(factor >= 0) || text.endsWith('='))
    throw new UserError(`--layer-rate: expected LAYERS=FACTOR, such as inception_5*=2, found ${text}`);
  return layersLike(model, [text.slice(0, at)]).map((layer) => [layer, factor] as const);
}

function weightsOf(
  { kind }: Loss,
  { labels, classes }: ImageSet,
  asked: TuningArguments['class-weights'],
): readonly number[] | undefined {
  if (asked === 'none') return undefined;
  if (kind !== 'softmaxCrossEntropy') {
    if (asked === 'auto') return undefined;
    throw new UserError(`--class-weights: expected none for a loss of kind ${kind}, found ${asked}`);
  }
  const weights = balancedWeights(labels, classes.length);
  if (asked === 'auto' && Math.max(...weights) <= 2 * Math.min(...weights)) return undefined;
  if (asked === 'auto')
    note('classes count the same in the loss, since some have over twice as many images as others');
  return weights;
}
