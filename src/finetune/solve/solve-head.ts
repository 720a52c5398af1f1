/** Fits a linear head to the features of images, for a run's folder and in memory alike. */
import { UserError } from '../../core/errors';
import type { RecipeWith } from '../../core/network';
import type { tf } from '../../core/tf';
import type { ImageSet } from '../../data/dataset';
import { expectValues, expectClassesLeft, type SkippedImage } from '../../data/loader/batches';
import type { Loader } from '../../data/loader/prefetch';
import { epochPlans, plansInOrder, type BatchPlan } from '../../data/loader/sampler';
import type { Progress } from '../../train/run/checkpoint';
import { setWeights } from '../../weights/named-array';
import { SolvePath, type ChosenDecay, type Solved } from './solve-path';
import {
  designOf,
  scaleOf,
  unscaled,
  type Design,
  type FeatureRows,
  type FeatureScale,
  type LinearWeights,
} from './softmax-regression';

/** Which head is fitted to which images. */
export interface SolveHeadOptions {
  readonly recipe: RecipeWith<'lbfgs'>;
  readonly classes: number;
  readonly seed: number;
  /** The layer of the head that is trained. */
  readonly layer: tf.layers.Layer;
  /** Gives features in place of images: see `featureLoader`. */
  readonly loader: Loader;
  readonly data: ImageSet;
  /** The images that choose the weight decay. */
  readonly validation: ImageSet;
  /** Whether the head is solved again with the validation images. */
  readonly withValidation: boolean;
  readonly onDecay?: ((solved: Solved) => void) | undefined;
  /** Called with the images that could not be read, before anything is solved. */
  readonly onSkipped?: ((skipped: readonly SkippedImage[]) => Promise<void>) | undefined;
  /** Aborting it ends the search. */
  readonly signal?: AbortSignal | undefined;
}

/** How far it came, and what was chosen: null if it was interrupted. */
export interface SolvedHead {
  readonly progress: Progress;
  readonly chosen: ChosenDecay | null;
}

/** Rows handed to the backend at a time. */
const blockRows = 4096;

/**
 * Fits the layer in place, by the weight decay that suits the validation images best.
 * @throws UserError when no image can be read, or none of a class
 */
export async function solveHead(options: SolveHeadOptions): Promise<SolvedHead> {
  const { classes, recipe, layer, data, validation, seed } = options;
  const skipped: SkippedImage[] = [];
  const images = data.labels.length;
  const epochs = Array.from({ length: recipe.variants ?? 1 }, (_, epoch) => epoch);
  const shown = { ...recipe, batchSize: blockRows };
  const plans = epochs.flatMap((epoch) => [...epochPlans({ images, recipe: shown, seed, epoch })]);
  const training = await rowsOf(options, data, plans, skipped);
  if (data.kind === 'files') expectClassesLeft(data, skipped);
  const others = [...plansInOrder(validation.labels.length, blockRows)];
  const choosing = await rowsOf(options, validation, others, skipped);
  if (skipped.length > 0) await options.onSkipped?.(skipped);
  const scale = scaleOf(training, training[0]!.values.length / training[0]!.labels.length);
  const classWeights = recipe.loss.kind === 'softmaxCrossEntropy' ? recipe.loss.classWeights : undefined;
  const designs = [training, choosing].map((rows) => designOf(rows, scale, classes, classWeights)) as [
    Design,
    Design,
  ];
  try {
    const path = new SolvePath({
      training: designs[0],
      choosing: designs[1],
      recipe,
      withValidation: options.withValidation,
      name: data.name,
      signal: options.signal,
      onDecay: options.onDecay,
    });
    const found = await path.run();
    if (!found) return { progress: path.progress, chosen: null };
    give(layer, found.weights, scale, classes);
    return { progress: path.progress, chosen: found.chosen };
  } finally {
    designs.forEach((design) => design.dispose());
  }
}

/** The features of some images, in blocks. */
async function rowsOf(
  { loader, recipe }: SolveHeadOptions,
  data: ImageSet,
  plans: readonly BatchPlan[],
  skipped: SkippedImage[],
): Promise<readonly FeatureRows[]> {
  const rows: FeatureRows[] = [];
  for await (const given of loader.batches({ data, plans, transform: { recipe }, batchSize: blockRows })) {
    const batch = expectValues(given);
    skipped.push(...(batch.skipped ?? []));
    if (batch.labels.length > 0) rows.push({ values: batch.images.slice(), labels: batch.labels.slice() });
  }
  if (rows.length > 0) return rows;
  throw new UserError(`${data.name}: expected images to learn from, found none that can be read`);
}

function give(layer: tf.layers.Layer, weights: LinearWeights, scale: FeatureScale, classes: number): void {
  const { kernel, bias } = unscaled(weights, scale, classes);
  const arrays = layer.trainableWeights.map(({ originalName, shape }) => ({
    name: originalName,
    shape: shape as number[],
    values: shape.length === 2 ? kernel : bias,
  }));
  setWeights(layer.trainableWeights, arrays, layer.name);
}
