/** Derives the recipe of a fine-tuning from a network's own. */
import type { Multiplier, Recipe, Schedule } from '../core/network';
import { factorsOf } from '../train/step/gradient-descent';

export interface FinetuneChoices {
  readonly input: Recipe['input'];
  /** Layers that start afresh. */
  readonly head: readonly string[];
  /** Factors on the rate, by layer name. */
  readonly rates: ReadonlyMap<string, number>;
  /** Whether only the head learns. */
  readonly headAlone: boolean;
  readonly classWeights?: readonly number[] | undefined;
}

const batchSize = 32;

/**
 * A network's recipe, for starting from trained weights. As Caffe's `finetune_flickr_style` does, everything learns at a
 * tenth of the first rate of the network's own training, and the head, which starts afresh, ten times as fast; the rate
 * then falls with half a cosine. A head that learns alone, on features that stay as they are, is content with three times
 * the rate, at which the errors of its epochs differ less. What serves a long training from fresh weights is left out: auxiliary heads, averages of the
 * weights, weights of another network to start from.
 */
export function finetuneRecipe(recipe: Recipe, choices: FinetuneChoices): Recipe {
  const { auxiliary: _, averaging: __, startFrom: ___, ...kept } = recipe;
  const { input, head, rates, headAlone, classWeights } = choices;
  const loss =
    classWeights && kept.loss.kind === 'softmaxCrossEntropy' ? { ...kept.loss, classWeights } : kept.loss;
  return {
    ...kept,
    input,
    // Crops are for the recipe's own size.
    augment: input.shape.join() === recipe.input.shape.join() ? kept.augment : [],
    epochs: headAlone ? 60 : 8,
    batchSize,
    // A batch's gradient is a mean: of larger batches than the network's own, the rate is as much larger (Krizhevsky 2014).
    schedule: {
      kind: 'cosine',
      from: (firstRate(recipe.schedule) * Math.max(1, batchSize / recipe.batchSize)) / 10,
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

/** Passes over the images within which a head is solved for any weight decay; 50 to 300 do. */
const mostPasses = 2000;

/**
 * The recipe of a fine-tuning whose head is solved: see `Optimiser`. How strongly weights must decay falls with the number
 * of images, as the weight of a prior does, so that λ·images goes from 10⁴ to 10⁻¹, four steps for a power of ten.
 * @param images how many are learned from
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
 * @returns one weight a class, whose mean over all images is 1; each class that has images then counts as much as any
 *   other, and one without has the weight 1
 */
export function balancedWeights(labels: Int32Array, classes: number): readonly number[] {
  const counts = new Array<number>(classes).fill(0);
  for (const label of labels) counts[label]!++;
  const present = counts.filter((count) => count > 0).length;
  return counts.map((count) => (count > 0 ? labels.length / (present * count) : 1));
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
