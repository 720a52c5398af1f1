/** The step that computes an update operation by operation, on any backend. */
import { tf } from '../../core/tf';
import { prepareDropout } from '../../layers/seeded-dropout';
import { matched, read, type NamedArray } from '../../weights/named-array';
import { diagonalCurvature } from './curvature/curvature';
import {
  estimatedName,
  expectEstimate,
  keptFor,
  keptNames,
  rateOfMean,
  slotsOf,
  type GradientRecipe,
  type GradientStep,
  type KeptName,
  type Slot,
  type UpdateScalars,
} from './gradient-descent';
import { totalLoss } from '../loss';

/** A trainable weight and the state that the rule keeps for it. */
interface EagerSlot extends Slot {
  /** What the optimiser keeps, by name: a velocity, a curvature. */
  readonly kept: (name: KeptName) => tf.Variable;
  readonly average: tf.Variable | null;
}

/**
 * The rule of the recipe's optimiser, op by op.
 * @param model its trainable weights are updated in place
 * @param seed fixes the masks of dropout
 */
export function eagerStep(model: tf.LayersModel, recipe: GradientRecipe, seed: number): GradientStep {
  const slots = slotsOf(model, recipe).map((slot) => eagerSlot(slot, recipe));
  const weights = slots.map(({ weight }) => weight);
  const kept = slots.flatMap(({ name, kept: own, average }) => [
    ...keptNames(recipe).map((tensor) => ({ name: `${tensor}/${name}`, variable: own(tensor) })),
    ...(average ? [{ name: `average/${name}`, variable: average }] : []),
  ]);
  const { optimiser } = recipe;
  let estimated = false;
  const run: GradientStep['run'] = async ({ images, shape, labels }, rate, step) => {
    expectEstimate(recipe, estimated);
    prepareDropout(model, seed, step);
    const loss = tf.tidy(() => {
      const input = tf.tensor4d(images, [labels.length, ...shape]);
      const target = tf.tensor1d(labels, 'int32');
      const { value, grads } = tf.variableGrads(() => totalLoss(model, recipe, input, target), weights);
      const scalars = { rate: rateOfMean(recipe, rate, labels.length), step };
      for (const slot of slots) update(slot, grads[slot.weight.name]!, recipe, scalars);
      return value;
    });
    const [value] = await loss.data();
    loss.dispose();
    return value!;
  };
  return {
    run,
    ...(optimiser.kind === 'diagonalLevenbergMarquardt' && {
      beforeEpoch: async (sample) => {
        const found = await diagonalCurvature(model, recipe.loss, sample(optimiser.images));
        const tensor = estimatedName(recipe)!;
        assign(
          slots.map(({ name, kept: own }) => ({ name, variable: own(tensor) })),
          found,
          'the estimate',
        );
        estimated = true;
      },
    }),
    state: {
      memory: () => Promise.all(kept.map(({ name, variable }) => read(name, variable))),
      restore: async (memory, where) => {
        assign(kept, memory, where);
        estimated = true;
      },
      averages: async () =>
        recipe.averaging ? Promise.all(slots.map(({ name, average }) => read(name, average!))) : null,
      sync: async () => {}, // updates change the model's own weights
    },
    dispose: () => tf.dispose(kept.map(({ variable }) => variable)),
  };
}

/** Assigns to each variable the array with its name. */
function assign(
  variables: readonly { readonly name: string; readonly variable: tf.Variable }[],
  arrays: readonly NamedArray[],
  where: string,
): void {
  const wanted = variables.map(({ name, variable }) => ({ name, shape: variable.shape }));
  matched(wanted, arrays, where).forEach((values, index) => {
    const { variable } = variables[index]!;
    tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
  });
}

function eagerSlot(slot: Slot, recipe: GradientRecipe): EagerSlot {
  const { weight } = slot;
  return {
    ...slot,
    kept: keptFor(recipe, () => tf.tidy(() => tf.variable(tf.zerosLike(weight), false))),
    average: recipe.averaging ? tf.tidy(() => tf.variable(weight.clone(), false)) : null,
  };
}

function update(
  slot: EagerSlot,
  gradient: tf.Tensor,
  recipe: GradientRecipe,
  scalars: UpdateScalars<number>,
): void {
  const { weight, average } = slot;
  const decay = recipe.weightDecay * slot.decay;
  const slope = decay === 0 ? gradient : gradient.add(weight.mul(decay));
  applyRule(slot, slope, recipe.optimiser, { ...scalars, rate: scalars.rate * slot.rate });
  if (average && recipe.averaging) {
    average.assign(average.add(weight.sub(average).mul(1 - recipe.averaging.decay)));
  }
}

/**
 * Changes one weight, and what is kept for it, by the optimiser's rule.
 * @param slope ∂L/∂w + λw
 * @param scalars ε times the weight's own factor, and the number of the update
 */
function applyRule(
  { weight, kept }: EagerSlot,
  slope: tf.Tensor,
  optimiser: GradientRecipe['optimiser'],
  { rate }: UpdateScalars<number>,
): void {
  switch (optimiser.kind) {
    case 'momentum': {
      const velocity = kept('velocity');
      velocity.assign(velocity.mul(optimiser.momentum).sub(slope.mul(rate)));
      weight.assign(weight.add(velocity));
      break;
    }
    case 'diagonalLevenbergMarquardt': {
      const bend = kept('curvature').add(optimiser.mu);
      weight.assign(weight.sub(slope.div(bend).mul(rate)));
      break;
    }
    default:
      optimiser satisfies never;
  }
}
