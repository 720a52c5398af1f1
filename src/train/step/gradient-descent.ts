/** What the eager and the compiled step of an optimiser share: its weights, their multipliers and its state. */
import type { RecipeWith, Multiplier } from '../../core/network';
import type { tf } from '../../core/tf';
import type { Step, StepState } from './step';

/** Recipes whose optimiser descends a gradient, for which there is an eager and a compiled step. */
export type GradientRecipe = RecipeWith<'momentum' | 'diagonalLevenbergMarquardt'>;

/** A step that descends a gradient: it keeps a velocity or a curvature for each weight. */
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

/** The differences between optimisers, other than their updates. */
interface Traits {
  /**
   * What it keeps for each weight, in the weight's shape; a checkpoint names the tensor after this and the weight's
   * name.
   */
  readonly kept: 'velocity' | 'curvature';
  /** Whether its learning rate is meant for the mean of the losses of a batch, or for their sum. */
  readonly rateFor: 'mean' | 'sum';
  /** Whether that is estimated before each epoch. */
  readonly estimated: boolean;
}

const traits: Readonly<Record<GradientRecipe['optimiser']['kind'], Traits>> = {
  momentum: { kept: 'velocity', rateFor: 'mean', estimated: false },
  diagonalLevenbergMarquardt: { kept: 'curvature', rateFor: 'sum', estimated: true },
};

/** What the optimiser keeps for each weight: see `Traits`. */
export function keptKind({ optimiser }: GradientRecipe): Traits['kept'] {
  return traits[optimiser.kind].kept;
}

/** The factor on the gradient of a batch's mean loss: the learning rate ε, or ε times the images of the batch. */
export function rateOfMean({ optimiser }: GradientRecipe, rate: number, images: number): number {
  return traits[optimiser.kind].rateFor === 'mean' ? rate : rate * images;
}

/** @throws RangeError when an optimiser that needs an estimate would update without one */
export function expectEstimate({ optimiser }: GradientRecipe, estimated: boolean): void {
  if (traits[optimiser.kind].estimated && !estimated)
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
