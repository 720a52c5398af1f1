/** Derives the recipe of a fine-tuning from a network's own. */
import type { Loss, Multiplier, Optimiser, Recipe, Schedule } from '../core/network';
import type { ImageSet } from '../data/dataset';
import type { Loader } from '../data/loader/prefetch';
import { undistortedPixels } from '../data/loader/undistorted';
import { fitRecipe, needsFitting, type FittedRecipe } from '../data/preprocess/fit';
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import { factorsOf } from '../train/step/gradient-descent';
import { lacksFitted } from '../weights/fitted-values';

/** What a fine-tuning changes in a network’s recipe. */
export interface FinetuneChoices {
  readonly input: Recipe['input'];
  /** Layers with new random weights. */
  readonly head: readonly string[];
  /** Factors of the learning rate, by layer name. */
  readonly rates: ReadonlyMap<string, number>;
  /** Whether only the head is trained. */
  readonly headAlone: boolean;
  readonly classWeights?: readonly number[] | undefined;
  /** Default: the network's own. */
  readonly optimiser?: Optimiser | undefined;
}

const batchSize = 32;

/** Adam as PyTorch sets it by default, which are the numbers of Kingma, Ba 2014. */
export const usualAdam = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 } as const;

/**
 * The first rate of all but the head with Adam and AdamW. A tenth of the rate that Kingma, Ba 2014 and PyTorch begin
 * with, as a tenth of its own rate is the first of a network that descends with momentum.
 */
const adamRate = 1e-4;

/** The weight decay of AdamW, PyTorch's default: it is scaled by the rate, and so larger than λ with other optimisers. */
const adamwDecay = 0.01;

/**
 * A network's recipe, adapted for starting from trained weights. As in Caffe's `finetune_flickr_style`, the learning
 * rate is a tenth of the initial rate of the network's own training, and ten times that for the head, which is new; it
 * then falls with half a cosine. If the head is trained alone, on fixed features, its rate is only three times as high,
 * with which the error varies less from epoch to epoch. With Adam and AdamW, whose steps do not grow with the gradients,
 * the rate is `adamRate`, and AdamW's weight decay `adamwDecay`. What is meant for a long training from random weights is
 * left out: auxiliary heads, averages of the weights, weights of another network to start from, warm-up, smoothed labels,
 * and several batches an update.
 */
export function finetuneRecipe(recipe: Recipe, choices: FinetuneChoices): Recipe {
  const { auxiliary: _, averaging: __, startFrom: ___, warmUp: ____, accumulate: _____, ...kept } = recipe;
  const { head, rates, headAlone, classWeights, optimiser = recipe.optimiser } = choices;
  const { background: _ofOthers, ...input } = choices.input; // the images to come are taken as they are
  const plainLoss = unsmoothed(kept.loss);
  const loss =
    classWeights && plainLoss.kind === 'softmaxCrossEntropy' ? { ...plainLoss, classWeights } : plainLoss;
  const adam = optimiser.kind === 'adam' || optimiser.kind === 'adamw';
  return {
    ...kept,
    input,
    // Crops are only right for the recipe's own input size.
    augment: input.shape.join() === recipe.input.shape.join() ? kept.augment : [],
    epochs: headAlone ? 60 : 8,
    batchSize,
    optimiser,
    ...(optimiser.kind === 'adamw' && { weightDecay: adamwDecay }),
    // A gradient is a batch's mean: for batches larger than the network's own, the rate is scaled up (Krizhevsky 2014).
    schedule: {
      kind: 'cosine',
      from: adam ? adamRate : (firstRate(recipe.schedule) * Math.max(1, batchSize / recipe.batchSize)) / 10,
      to: 0,
    },
    loss,
    multipliers: [
      ...(recipe.multipliers ?? []),
      ...rules(recipe.multipliers, head, rates, headAlone ? 3 : 10),
    ],
    ...(headAlone && { variants: 1 }),
    guesses: {},
  };
}

/** A loss whose labels are not smoothed. */
export function unsmoothed(loss: Loss): Loss {
  if (loss.kind !== 'softmaxCrossEntropy') return loss;
  const { labelSmoothing: _, ...plain } = loss;
  return plain;
}

/** The most passes over the images to solve a head for one weight decay; 50 to 300 usually suffice. */
const mostPasses = 2000;

/**
 * The recipe of a fine-tuning whose head is solved: see `Optimiser`. The best weight decay falls with the number of
 * images, like the influence of a prior. So λ·images goes from 10⁴ to 10⁻¹, in four steps per power of ten.
 * @param images the number of training images
 */
export function solvedRecipe(recipe: Recipe, images: number): Recipe {
  const { multipliers: _, ...kept } = recipe;
  const weightDecays = Array.from({ length: 21 }, (__, at) =>
    Number((10 ** (4 - at / 4) / images).toPrecision(3)),
  );
  return {
    ...kept,
    epochs: mostPasses,
    weightDecay: 0,
    optimiser: { kind: 'lbfgs', weightDecays, patience: 4 },
    schedule: { kind: 'constant', rate: 1 },
  };
}

/**
 * @returns one weight per class, such that the mean over all images is 1 and all classes that have images count
 *   equally; a class without images has the weight 1
 */
export function balancedWeights(labels: Int32Array, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? labels.length / (present * count) : 1));
}

/** Whether one class has over twice as many images as another, by the weights that balance them. */
export function areUneven(weights: readonly number[]): boolean {
  return Math.max(...weights) > 2 * Math.min(...weights);
}

/**
 * The recipe with the values that it takes from the training set, except those that came with the initial weights.
 * @param open opens image files
 */
export async function fittedTo(
  train: ImageSet,
  recipe: Recipe,
  fitted: FittedPreprocess,
  open: Loader['open'],
): Promise<FittedRecipe<Recipe>> {
  const pixels = undistortedPixels(train, recipe, open);
  if (lacksFitted(recipe.input, fitted)) return fitRecipe(pixels, recipe);
  const colours = { ...recipe, input: { ...recipe.input, preprocess: [] } };
  if (!needsFitting(colours)) return { recipe, fitted };
  const { augment } = (await fitRecipe(pixels, colours)).recipe;
  return { recipe: { ...recipe, augment }, fitted };
}

function rules(
  before: readonly Multiplier[] | undefined,
  head: readonly string[],
  rates: ReadonlyMap<string, number>,
  headRate: number,
): Multiplier[] {
  const factors = new Map([...head.map((name) => [name, headRate] as const), ...rates]);
  return [...factors].flatMap(([layer, factor]) =>
    (['kernel', 'bias'] as const).map((weights): Multiplier => {
      const { rate, decay } = factorsOf(layer, `${layer}/${weights}`, before);
      return { layers: [layer], weights, rate: factor * rate, decay };
    }),
  );
}

function firstRate(schedule: Schedule): number {
  switch (schedule.kind) {
    case 'constant':
      return schedule.rate;
    case 'steps':
      return schedule.steps[0]!.rate;
    case 'cosine':
    case 'polynomial':
    case 'staircase':
    case 'inverse':
    case 'plateau':
      return schedule.from;
    default:
      return schedule satisfies never;
  }
}
