/** What both steps that descend a gradient share, compiled and eager: the rule's numbers and the weights it changes. */
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

export function slotsOf(model: tf.LayersModel, { multipliers }: GradientRecipe): Slot[] {
  return model.layers.flatMap((layer) =>
    layer.trainableWeights.map((variable) => ({
      name: variable.originalName,
      weight: variable.read() as tf.Variable,
      ...factorsOf(layer.name, variable.originalName, multipliers),
    })),
  );
}

/** What the rule keeps for each weight, in its shape; a checkpoint names the tensor by this and the weight's name. */
export function keptKind({ optimiser }: GradientRecipe): 'velocity' | 'curvature' {
  return optimiser.kind === 'momentum' ? 'velocity' : 'curvature';
}

/** The factor on the gradient of a batch's mean loss: ε, or ε times the images for a rule of the summed loss. */
export function rateOfMean({ optimiser }: GradientRecipe, rate: number, images: number): number {
  return optimiser.kind === 'momentum' ? rate : rate * images;
}

/** @throws RangeError when a rule that needs an estimate would update without one */
export function expectEstimate({ optimiser }: GradientRecipe, estimated: boolean): void {
  if (optimiser.kind === 'diagonalLevenbergMarquardt' && !estimated)
    throw new RangeError('diagonalLevenbergMarquardt: expected beforeEpoch before the first update');
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
