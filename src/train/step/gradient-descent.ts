/** What the eager and the compiled step of an optimiser share: its weights, their multipliers and its state. */
import type { Multiplier, Optimiser, Recipe, RecipeWith } from '../../core/network';
import type { tf } from '../../core/tf';
import type { AnyBatch } from '../../data/loader/batches';
import { someImages } from '../../evaluate/scores/batch-images';
import type { Step, StepState } from './step';

/** The differences between optimisers, other than their updates. */
interface Traits {
  /**
   * The names of the tensors that it keeps for each weight, in the weight's shape and from 0; a checkpoint names them
   * after these and the weight's name.
   */
  readonly kept: readonly string[];
  /** Whether its learning rate is meant for the mean of the losses of a batch, or for their sum. */
  readonly rateFor: 'mean' | 'sum';
  /** Which of the tensors is estimated before each epoch; null for an optimiser without an estimate. */
  readonly estimated: string | null;
}

const traits = {
  momentum: { kept: ['velocity'], rateFor: 'mean', estimated: null },
  adam: { kept: ['firstMoment', 'secondMoment'], rateFor: 'mean', estimated: null },
  adamw: { kept: ['firstMoment', 'secondMoment'], rateFor: 'mean', estimated: null },
  diagonalLevenbergMarquardt: { kept: ['curvature'], rateFor: 'sum', estimated: 'curvature' },
} as const satisfies Partial<Record<Optimiser['kind'], Traits>>;

type TraitsByKind = typeof traits;

/** Recipes whose optimiser descends a gradient, for which there is an eager and a compiled step. */
export type GradientRecipe = RecipeWith<keyof TraitsByKind>;

/** The name of a tensor that some optimiser keeps for each weight. */
export type KeptName = TraitsByKind[keyof TraitsByKind]['kept'][number];

/** A step that descends a gradient. */
export interface GradientStep extends Step {
  readonly state: StepState;
}

/** A trainable weight, by the name that its layer gave it. */
export interface Slot {
  readonly name: string;
  readonly weight: tf.Variable;
  /** The factors on ε and λ. */
  readonly rate: number;
  readonly decay: number;
}

/** The trainable weights of a model, with their factors on ε and λ. */
export function slotsOf(model: tf.LayersModel, { multipliers }: GradientRecipe): Slot[] {
  return model.layers.flatMap((layer) =>
    layer.trainableWeights.map((variable) => ({
      name: variable.originalName,
      weight: variable.read() as tf.Variable,
      ...factorsOf(layer.name, variable.originalName, multipliers),
    })),
  );
}

/** What an update is given besides its gradients: as numbers, or as scalars of a graph. */
export interface UpdateScalars<Scalar> {
  /** ε, as `rateOfMean` returns it. */
  readonly rate: Scalar;
  /** Updates done before this one, over all epochs and sessions; 0 for the first. In a graph it is an int32. */
  readonly step: Scalar;
  /** For Adam, what is the same for all weights; null for others. */
  readonly adam: AdamScalars<Scalar> | null;
}

/**
 * Adam's corrections of its moments m and v, which start at 0, drawn out of the update of each weight:
 * m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + δ) is `factor` · m / (√v + `small`).
 */
export interface AdamScalars<Scalar> {
  /** √(1 − β₂ᵗ) / (1 − β₁ᵗ) */
  readonly factor: Scalar;
  /** δ√(1 − β₂ᵗ) */
  readonly small: Scalar;
}

/** What PyTorch's `clip_grad_norm_` adds to the norm by which it divides. */
export const clipSmall = 1e-6;

/** The optimisers that keep Adam's moments. */
export type AdamKind = Extract<Optimiser, { readonly kind: 'adam' | 'adamw' }>;

/** Whether the optimiser keeps Adam's moments. */
export function isAdam(optimiser: Optimiser): optimiser is AdamKind {
  return optimiser.kind === 'adam' || optimiser.kind === 'adamw';
}

/** The factor on the weight that is added to its gradient; 0 where weights decay apart from it. */
export function decayInGradient({ optimiser, weightDecay }: GradientRecipe, { decay }: Slot): number {
  return optimiser.kind === 'adamw' ? 0 : weightDecay * decay;
}

/** A part of an update's images, with the place of its first one among them and its share of them. */
export interface BatchPart {
  readonly part: AnyBatch;
  readonly first: number;
  /** In (0, 1]. */
  readonly share: number;
}

/**
 * The parts of an update's images whose gradients are computed one after the other, of the recipe's batch size. Of an
 * update that several ranks share, those of this rank's images, maybe none.
 */
export function partsOf(batch: AnyBatch, { batchSize, accumulate }: GradientRecipe): readonly BatchPart[] {
  const { labels, place = { first: 0, images: labels.length } } = batch;
  if (labels.length === 0) return [];
  const shareOf = (count: number) => count / place.images;
  if (accumulate === undefined) return [{ part: batch, first: place.first, share: shareOf(labels.length) }];
  return Array.from({ length: Math.ceil(labels.length / batchSize) }, (_, at) => {
    const [first, end] = [at * batchSize, Math.min(labels.length, (at + 1) * batchSize)];
    const part = { ...someImages(batch, first, end), labels: labels.subarray(first, end) };
    return { part, first: place.first + first, share: shareOf(end - first) };
  });
}

/** The share of an update's images that this rank has, in [0, 1]. */
export function ownShare(batch: AnyBatch): number {
  return batch.labels.length / imagesOfUpdate(batch);
}

/** How many images an update has, of all ranks. */
export function imagesOfUpdate({ labels, place }: AnyBatch): number {
  return place?.images ?? labels.length;
}

/** Whether the optimiser descends a gradient. */
export function descendsGradient(recipe: Recipe): recipe is GradientRecipe {
  return recipe.optimiser.kind in traits;
}

/** The names of the tensors that the optimiser keeps for each weight; none for one that descends no gradient. */
export function keptNames({ optimiser }: Pick<Recipe, 'optimiser'>): readonly KeptName[] {
  const all: Partial<Record<Optimiser['kind'], { readonly kept: readonly KeptName[] }>> = traits;
  return all[optimiser.kind]?.kept ?? [];
}

/** The name of the tensor that is estimated before each epoch, or null. */
export function estimatedName({ optimiser }: GradientRecipe): KeptName | null {
  return traits[optimiser.kind].estimated;
}

/**
 * What the optimiser keeps for one weight, to be had by name.
 * @param make makes it, once for each name of `keptNames`
 */
export function keptFor<T>(recipe: GradientRecipe, make: (name: KeptName) => T): (name: KeptName) => T {
  const kept = new Map(keptNames(recipe).map((name) => [name, make(name)]));
  return (name) => {
    if (!kept.has(name)) throw new RangeError(`${recipe.optimiser.kind}: keeps no ${name}`);
    return kept.get(name)!;
  };
}

/** The factor on the gradient of a batch's mean loss: the learning rate ε, or ε times the images of the batch. */
export function rateOfMean({ optimiser }: GradientRecipe, rate: number, images: number): number {
  return traits[optimiser.kind].rateFor === 'mean' ? rate : rate * images;
}

/** @throws RangeError when an optimiser that needs an estimate would update without one */
export function expectEstimate({ optimiser }: GradientRecipe, estimated: boolean): void {
  if (traits[optimiser.kind].estimated !== null && !estimated)
    throw new RangeError(`${optimiser.kind}: expected beforeEpoch before the first update`);
}

/**
 * The factors on the learning rate and the weight decay of one weight.
 * @param layer the layer's name
 * @param weight the weight's name, such as `conv1/bias`
 */
export function factorsOf(
  layer: string,
  weight: string,
  multipliers: readonly Multiplier[] = [],
): { rate: number; decay: number } {
  const kind = weight.endsWith('/bias') ? 'bias' : 'kernel';
  const rule = multipliers.findLast(
    ({ layers, weights }) =>
      (layers === 'all' || layers.includes(layer)) && (weights === 'all' || weights === kind),
  );
  return { rate: rule?.rate ?? 1, decay: rule?.decay ?? 1 };
}

/** What layers keep of the images that they see, and change in updates beside the weights that learn. */
export function statisticsOf({ layers }: tf.LayersModel): readonly tf.LayerVariable[] {
  return layers
    .filter((layer) => layer.getClassName() === 'BatchNormalization')
    .flatMap(({ nonTrainableWeights }) => nonTrainableWeights)
    .filter(({ originalName }) => /moving_(?:mean|variance)$/.test(originalName));
}
