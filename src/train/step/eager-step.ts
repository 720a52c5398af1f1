/** The step that computes an update operation by operation, on any backend. */
import { tf } from '../../core/tf';
import { prepareDropout } from '../../layers/seeded-dropout';
import { matched, read, type NamedArray } from '../../weights/named-array';
import { diagonalCurvature } from './curvature/curvature';
import {
  expectEstimate,
  keptKind,
  rateOfMean,
  slotsOf,
  type GradientRecipe,
  type GradientStep,
  type Slot,
} from './gradient-descent';
import { totalLoss } from '../loss';

/** A trainable weight and the state that the rule keeps for it. */
interface EagerSlot extends Slot {
  /** The velocity v, or the curvature h. */
  readonly kept: tf.Variable;
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
  const kind = keptKind(recipe);
  const kept = slots.flatMap(({ name, kept: own, average }) => [
    { name: `${kind}/${name}`, variable: own },
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
      const scaled = rateOfMean(recipe, rate, labels.length);
      for (const slot of slots) update(slot, grads[slot.weight.name]!, recipe, scaled);
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
        assign(
          slots.map(({ name, kept: own }) => ({ name, variable: own })),
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

function eagerSlot(slot: Slot, { averaging }: GradientRecipe): EagerSlot {
  const { weight } = slot;
  return {
    ...slot,
    kept: tf.tidy(() => tf.variable(tf.zerosLike(weight), false)),
    average: averaging ? tf.tidy(() => tf.variable(weight.clone(), false)) : null,
  };
}

function update(slot: EagerSlot, gradient: tf.Tensor, recipe: GradientRecipe, rate: number): void {
  const { weight, kept, average } = slot;
  const { optimiser } = recipe;
  const decay = recipe.weightDecay * slot.decay;
  const slope = decay === 0 ? gradient : gradient.add(weight.mul(decay));
  switch (optimiser.kind) {
    case 'momentum':
      kept.assign(kept.mul(optimiser.momentum).sub(slope.mul(rate * slot.rate)));
      weight.assign(weight.add(kept));
      break;
    case 'diagonalLevenbergMarquardt':
      weight.assign(weight.sub(slope.div(kept.add(optimiser.mu)).mul(rate * slot.rate)));
      break;
    default:
      optimiser satisfies never;
  }
  if (average && recipe.averaging) {
    average.assign(average.add(weight.sub(average).mul(1 - recipe.averaging.decay)));
  }
}
