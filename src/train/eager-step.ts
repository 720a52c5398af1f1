import { tf } from '../tf';
import type { RecipeWith } from '../network';
import { prepareDropout } from '../layers/seeded-dropout';
import { matched, read } from '../weights/named-array';
import { factorsOf } from './multipliers';
import type { Step } from './step';
import { totalLoss } from './total-loss';

/** A trainable weight and what the rule keeps beside it. */
interface Slot {
  readonly name: string;
  readonly weight: tf.Variable;
  readonly velocity: tf.Variable;
  readonly average: tf.Variable | null;
  /** The factors on ε and λ. */
  readonly rate: number;
  readonly decay: number;
}

/**
 * Momentum SGD, op by op: v ← μv − ε(∂L/∂w + λw), w ← w + v.
 * @param model its trainable weights are updated in place
 * @param seed fixes the masks of dropout
 */
export function eagerStep(model: tf.LayersModel, recipe: RecipeWith<'momentum'>, seed: number): Step {
  const slots = slotsOf(model, recipe);
  const weights = slots.map(({ weight }) => weight);
  const kept = slots.flatMap(({ name, velocity, average }) => [
    { name: `velocity/${name}`, variable: velocity },
    ...(average ? [{ name: `average/${name}`, variable: average }] : []),
  ]);
  return {
    run: async ({ images, shape, labels }, rate, step) => {
      prepareDropout(model, seed, step);
      const loss = tf.tidy(() => {
        const input = tf.tensor4d(images, [labels.length, ...shape]);
        const target = tf.tensor1d(labels, 'int32');
        const { value, grads } = tf.variableGrads(() => totalLoss(model, recipe, input, target), weights);
        for (const slot of slots) update(slot, grads[slot.weight.name]!, recipe, rate);
        return value;
      });
      const [value] = await loss.data();
      loss.dispose();
      return value!;
    },
    memory: () => Promise.all(kept.map(({ name, variable }) => read(name, variable))),
    restore: async (memory, where) => {
      const wanted = kept.map(({ name, variable }) => ({ name, shape: variable.shape }));
      matched(wanted, memory, where).forEach((values, index) => {
        const { variable } = kept[index]!;
        tf.tidy(() => variable.assign(tf.tensor(values, variable.shape)));
      });
    },
    averages: async () =>
      recipe.averaging ? Promise.all(slots.map(({ name, average }) => read(name, average!))) : null,
    sync: async () => {},
    dispose: () => tf.dispose(kept.map(({ variable }) => variable)),
  };
}

function slotsOf(model: tf.LayersModel, recipe: RecipeWith<'momentum'>): Slot[] {
  return model.layers.flatMap((layer) =>
    layer.trainableWeights.map((layerVariable) => {
      const name = layerVariable.originalName;
      const weight = layerVariable.read() as tf.Variable;
      return {
        name,
        weight,
        velocity: tf.tidy(() => tf.variable(tf.zerosLike(weight), false)),
        average: recipe.averaging ? tf.tidy(() => tf.variable(weight.clone(), false)) : null,
        ...factorsOf(layer.name, name, recipe.multipliers),
      };
    }),
  );
}

function update(slot: Slot, gradient: tf.Tensor, recipe: RecipeWith<'momentum'>, rate: number): void {
  const { weight, velocity, average } = slot;
  const decay = recipe.weightDecay * slot.decay;
  const slope = decay === 0 ? gradient : gradient.add(weight.mul(decay));
  velocity.assign(velocity.mul(recipe.optimiser.momentum).sub(slope.mul(rate * slot.rate)));
  weight.assign(weight.add(velocity));
  if (average && recipe.averaging) {
    average.assign(average.add(weight.sub(average).mul(1 - recipe.averaging.decay)));
  }
}
