/** Fine-tunes a trained network on the classes of a page's images, in memory. */
import { UserError } from '../core/errors';
import { wholeNumber } from '../core/given/numbers';
import { expectOptions, type OptionNames } from '../core/given/options';
import type { Recipe, RecipeWith } from '../core/network';
import type { tf } from '../core/tf';
import type { ImageSet, Splits } from '../data/dataset';
import type { Loader } from '../data/loader/prefetch';
import type { FittedRecipe } from '../data/preprocess/fit';
import { forFinetuning } from '../data/splits';
import type { Evaluation } from '../evaluate/evaluate';
import { errorOf } from '../evaluate/scores/predict';
import { featureLoader } from '../finetune/feature-cache';
import {
  areUneven,
  balancedWeights,
  finetuneRecipe,
  fittedTo,
  solvedRecipe,
} from '../finetune/finetune-recipe';
import { fineTunedFacts } from '../finetune/fine-tuned-facts';
import { freezeAsChosen } from '../finetune/freeze';
import { headSeed, withNewHead } from '../finetune/new-head';
import { linearHeadOf, type LinearHead } from '../finetune/solve/linear-head';
import { solveHead } from '../finetune/solve/solve-head';
import type { ChosenDecay } from '../finetune/solve/solve-path';
import { splitAboveFrozen } from '../finetune/split-model';
import { mainPathOf } from '../layers/layer-walk';
import { chooseTrainedCodes } from '../train/step/choose-step';
import { arraysOf, setWeights } from '../weights/named-array';
import { pageLoader } from './images/loader';
import { pageTrained, type PageTrained } from './models/trained';
import { evaluate, guarded, train, type Cancellable } from './training';

/** What a fine-tuning tells of itself. */
export type FinetuneEvent =
  | { readonly kind: 'remark'; readonly line: string }
  /** Images of which the frozen layers' features are computed. */
  | { readonly kind: 'features'; readonly done: number; readonly all: number }
  /** A weight decay for which the head was solved. */
  | { readonly kind: 'solved'; readonly weightDecay: number; readonly validationError: number }
  /** An epoch of layers that learn batch by batch. */
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly validationError: number;
    };

/** How a page fine-tunes. */
export interface PageFinetuneOptions extends Cancellable {
  /** The trained network to start from, which is not changed. */
  readonly from: PageTrained;
  /** Images by their classes: see `labelledImages`. */
  readonly data: ImageSet;
  /** Fixes the new head, the split and the order of images. Default: 1. */
  readonly seed?: number | undefined;
  /** The share of each class that chooses the weight decay or the best epoch, and as much again for the test. Default: 0.15. */
  readonly validationSplit?: number | undefined;
  /** Layers that keep their weights: `['all']` but the head, `['none']`, or names with `*`. Default: `['all']`. */
  readonly freeze?: readonly string[] | undefined;
  /** Epochs of layers that learn batch by batch; a head that is solved takes none. Default: see `finetuneRecipe`. */
  readonly epochs?: number | undefined;
  /** Told of each step. */
  readonly onProgress?: ((event: FinetuneEvent) => void) | undefined;
}

const names: OptionNames<PageFinetuneOptions> = {
  from: 'required',
  data: 'required',
  seed: 'optional',
  validationSplit: 'optional',
  freeze: 'optional',
  epochs: 'optional',
  onProgress: 'optional',
  signal: 'optional',
};

/** A fine-tuned network, and what it was measured by. */
export interface PageFinetuned {
  /** The network for the new classes; the caller disposes of it. */
  readonly trained: PageTrained;
  /** Its errors on the images that were set aside for the test. */
  readonly test: Evaluation;
  /** For a head that was solved: the weight decay, and by what it was chosen. */
  readonly solved: ChosenDecay | null;
}

/**
 * Teaches a trained network the classes of other images, as `finetune` does in Node: the head is made again, all other
 * layers keep their weights unless `freeze` says otherwise, what they make of each image is computed once, and a linear
 * head is solved. The split, the weight decay and the head are those that Node finds for the same images.
 * @throws UserError for images or options that do not fit; DeviceLost; the signal's reason
 * @example
 * const { trained, test } = await finetune({ from, data: labelledImages({ cup: cups, pen: pens }) });
 * const [best] = await trained.classify(video);
 */
export async function finetune(options: PageFinetuneOptions): Promise<PageFinetuned> {
  expectOptions('finetune', options, names);
  const { from, data, signal, seed = 1, validationSplit: share = 0.15 } = options;
  wholeNumber('seed', seed, 0);
  if (from.builder.recipe.optimiser.kind === 'winnerTakeAll')
    throw new UserError(`finetune: expected a network that learns by gradients, found ${from.network}`);
  const parts = forFinetuning({ train: data }, data.name, { share, seed });
  return guarded('fine-tuning', signal, () => tuned(options, parts, seed));
}

async function tuned(
  options: PageFinetuneOptions,
  parts: Required<Splits>,
  seed: number,
): Promise<PageFinetuned> {
  const { from } = options;
  const classes = parts.train.classes.length;
  const where = `the weights of ${from.network}`;
  const whole = await withNewHead(from.builder, from.model, {
    ...{ classes, where },
    seed: headSeed(from.source, seed),
  });
  try {
    const learning = mainPathOf(whole);
    chooseTrainedCodes(learning, from.builder.recipe);
    const { frozen, learners } = freezeAsChosen(from.builder, learning, {
      notLoaded: from.notLoaded ?? [],
      patterns: options.freeze ?? ['all'],
      name: from.network,
      where,
      remark: (line) => options.onProgress?.({ kind: 'remark', line }),
    });
    const plan = await planOf(learning, learners, parts, options);
    const loader = pageLoader();
    const found = await learned({ ...plan, learning, parts, seed, loader }, options);
    const { recipe, fitted } = plan;
    const test = await evaluate({
      ...{ model: found.model, recipe, data: parts.test, loader: found.loader, fitted },
      ...(options.signal && { signal: options.signal }),
    });
    const record = fineTunedFacts({
      ...{ network: from.network, whole, learning, recipe, images: parts.train, data: parts.train.name },
      ...{ epochs: found.epochs, frozen, from: from.source, seed },
      ...{ command: 'finetune in a page', commit: null },
    });
    const { labels, synsets, source } = record;
    const trained = { network: from.network, model: whole, recipe, fitted, labels, synsets, source };
    const notLoaded = record.missing;
    return {
      trained: pageTrained({ ...trained, notLoaded }, from.builder, record),
      test,
      solved: found.solved,
    };
  } catch (error) {
    whole.dispose();
    throw error;
  }
}

/** How the layers that are not frozen learn. */
interface Plan extends FittedRecipe<Recipe> {
  readonly solving: LinearHead;
}

async function planOf(
  learning: tf.LayersModel,
  learners: readonly string[],
  { train: training }: Required<Splits>,
  { from, epochs }: PageFinetuneOptions,
): Promise<Plan> {
  const { recipe: own } = from.builder;
  const layers = learning.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const heads = layers.map(({ name }) => name).filter((name) => learners.includes(name));
  const weights = balancedWeights(training.labels, training.classes.length);
  const descended = finetuneRecipe(own, {
    input: from.recipe.input,
    head: heads,
    rates: new Map(),
    headAlone: heads.length === layers.length,
    classWeights: areUneven(weights) ? weights : undefined,
  });
  const solving = epochs === undefined ? linearHeadOf(learning, descended.loss) : other;
  const recipe =
    solving.kind === 'linear'
      ? solvedRecipe(descended, training.labels.length)
      : { ...descended, ...(epochs !== undefined && { epochs: wholeNumber('epochs', epochs, 1) }) };
  return { ...(await fittedTo(training, recipe, from.fitted, pageLoader().open)), solving };
}

/** Who asks for epochs asks for gradient descent. */
const other: LinearHead = { kind: 'other', why: 'epochs, in which it learns batch by batch' };

interface Learning extends Plan {
  readonly learning: tf.LayersModel;
  readonly parts: Required<Splits>;
  readonly seed: number;
  readonly loader: Loader;
}

/** What has learned, and the loader of what it takes: images, or the features of frozen layers. */
interface Learned {
  readonly model: tf.LayersModel;
  readonly loader: Loader;
  readonly epochs: number;
  readonly solved: ChosenDecay | null;
}

async function learned(plan: Learning, options: PageFinetuneOptions): Promise<Learned> {
  const { learning, solving, recipe, fitted, parts, seed } = plan;
  const { onProgress, signal } = options;
  const split = solving.kind === 'linear' ? solving.parts : splitAboveFrozen(learning);
  const alone = recipe.variants !== undefined || recipe.augment.length === 0;
  const features =
    split && alone ? { ...split, recipe: { ...recipe, variants: recipe.variants ?? 1 } } : null;
  const loader = features
    ? await featureLoader({
        ...features,
        ...{ seed, fitted, loader: plan.loader, training: parts.train },
        others: [parts.validation, parts.test],
        onProgress: (done, all) => {
          signal?.throwIfAborted();
          onProgress?.({ kind: 'features', done, all });
        },
      })
    : plan.loader;
  const model = features ? features.head : learning;
  if (solving.kind !== 'linear') return descended({ ...plan, model, loader }, options);
  const { progress, chosen } = await solveHead({
    recipe: recipe as RecipeWith<'lbfgs'>,
    classes: parts.train.classes.length,
    ...{ seed, layer: solving.layer, loader, data: parts.train, validation: parts.validation, signal },
    withValidation: false,
    onDecay: ({ summary }) =>
      onProgress?.({
        kind: 'solved',
        weightDecay: summary.weightDecay,
        validationError: summary.validationError,
      }),
  });
  signal?.throwIfAborted();
  return { model, loader, epochs: progress.epochs, solved: chosen };
}

/** Learns batch by batch, and keeps the weights of the epoch that is best on the validation images. */
async function descended(
  { model, loader, recipe, fitted, parts, seed }: Learning & Pick<Learned, 'model'>,
  { signal, onProgress }: PageFinetuneOptions,
): Promise<Learned> {
  const weights = model.layers.flatMap((layer) => layer.trainableWeights);
  let best = { error: Infinity, kept: await arraysOf(weights) };
  const shown = { model, recipe, fitted, loader };
  for await (const { step, epoch, stepsPerEpoch } of train({ ...shown, data: parts.train, seed, signal })) {
    if (step % stepsPerEpoch > 0) continue;
    const validationError = await errorOf({ ...shown, data: parts.validation });
    onProgress?.({ kind: 'epoch', epoch, epochs: recipe.epochs, validationError });
    if (validationError < best.error) best = { error: validationError, kept: await arraysOf(weights) };
  }
  setWeights(weights, best.kept, 'the best epoch');
  return { model, loader, epochs: recipe.epochs, solved: null };
}
