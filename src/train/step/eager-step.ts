/** The step that computes an update operation by operation, on any backend. */
import type { StepChoice } from '../../graph/precision';
import { alone, sumArrays, type Communicator } from '../../core/io/process/communicator';
import { gradientSum } from '../../core/io/process/gradient-sum';
import { elementCount } from '../../core/shape';
import { tf } from '../../core/tf';
import { prepareDropout } from '../../layers/seeded-dropout';
import { matched, read, type NamedArray } from '../../weights/named-array';
import { diagonalCurvature } from './curvature/curvature';
import type { AnyBatch } from '../../data/loader/batches';
import { imageTensor } from '../../evaluate/scores/batch-images';
import {
  clipSmall,
  decayInGradient,
  estimatedName,
  expectEstimate,
  keptFor,
  imagesOfUpdate,
  isAdam,
  keptNames,
  ownShare,
  statisticsOf,
  partsOf,
  rateOfMean,
  slotsOf,
  type AdamScalars,
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
 * @param ranks those that share each update's images, and the numbers in which gradients travel between them
 */
export function eagerStep(
  model: tf.LayersModel,
  recipe: GradientRecipe,
  seed: number,
  { communicator = alone, wire = 'float32' }: Partial<Pick<StepChoice, 'communicator' | 'wire'>> = {},
): GradientStep {
  const slots = slotsOf(model, recipe).map((slot) => eagerSlot(slot, recipe));
  const weights = slots.map(({ weight }) => weight);
  const kept = slots.flatMap(({ name, kept: own, average }) => [
    ...keptNames(recipe).map((tensor) => ({ name: `${tensor}/${name}`, variable: own(tensor) })),
    ...(average ? [{ name: `average/${name}`, variable: average }] : []),
  ]);
  const { optimiser } = recipe;
  let estimated = false;
  /** The loss of a batch, then the gradients of the weights. */
  const slopesOf = (batch: AnyBatch): tf.Tensor[] => {
    const input = imageTensor(batch);
    const target = tf.tensor1d(batch.labels, 'int32');
    const { value, grads } = tf.variableGrads(() => totalLoss(model, recipe, input, target), weights);
    return [value, ...weights.map(({ name }) => grads[name]!)];
  };
  const run: GradientStep['run'] = async (batch, rate, step) => {
    expectEstimate(recipe, estimated);
    let sums: tf.Tensor[] | null = null; // of the parts so far, each weighted by its share of the images
    for (const { part, first, share } of partsOf(batch, recipe)) {
      prepareDropout(model, seed, step, first);
      const before: tf.Tensor[] | null = sums;
      sums = tf.tidy((): tf.Tensor[] => {
        const found = slopesOf(part);
        if (share === 1) return found;
        const shares = found.map((tensor) => tensor.mul(share));
        return before ? shares.map((tensor, at) => before[at]!.add(tensor)) : shares;
      });
      tf.dispose(before ?? []);
    }
    if (communicator.size > 1) {
      const [loss, ...gradients] = sums ?? [];
      const slopes = weights.map(({ shape }) => shape);
      sums = [
        ...(await summedOver(communicator, loss ? [loss] : null, [[]])),
        ...(await summedOver(communicator, loss ? gradients : null, slopes, gradientSum(communicator, wire))),
      ];
      await averageStatistics(communicator, model, batch);
    }
    const [loss, ...gradients] = sums!;
    tf.tidy(() => {
      const scalars = {
        rate: rateOfMean(recipe, rate, imagesOfUpdate(batch)),
        step,
        adam: adamOf(recipe, step),
      };
      const clipped = clip(gradients, slots, recipe);
      slots.forEach((slot, at) => update(slot, clipped[at]!, recipe, scalars));
    });
    tf.dispose(gradients);
    const [value] = await loss!.data();
    loss!.dispose();
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

/**
 * The sums of tensors over all ranks, through memory in one flat buffer.
 * @param own disposed of; null on a rank without images
 */
async function summedOver(
  communicator: Communicator,
  own: tf.Tensor[] | null,
  shapes: readonly (readonly number[])[],
  sumUp?: (values: Float32Array) => Promise<void>,
): Promise<tf.Tensor[]> {
  const values = own && (await Promise.all(own.map((tensor) => tensor.data<'float32'>())));
  tf.dispose(own ?? []);
  const sums = await sumArrays(communicator, values, shapes.map(elementCount), sumUp);
  return sums.map((sum, at) => tf.tensor(sum, [...shapes[at]!], 'float32'));
}

/** As of the compiled step: each rank's statistics come of its own images, and all take their mean. */
async function averageStatistics(
  communicator: Communicator,
  model: tf.LayersModel,
  batch: AnyBatch,
): Promise<void> {
  const statistics = statisticsOf(model);
  if (statistics.length === 0) return;
  const share = ownShare(batch);
  const own = statistics.map((weight) => tf.tidy(() => weight.read().mul(share)));
  const shapes = own.map(({ shape }) => shape);
  const means = await summedOver(communicator, own, shapes);
  statistics.forEach((weight, at) => weight.write(means[at]!));
  tf.dispose(means);
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

/** The gradients of all weights, scaled down together where their norm is more than the recipe allows. */
function clip(
  gradients: readonly tf.Tensor[],
  slots: readonly Slot[],
  { clipNorm }: GradientRecipe,
): readonly tf.Tensor[] {
  if (clipNorm === undefined) return gradients;
  // Sums of rows first: single precision would lose what a long sum adds at its end.
  const squares = gradients
    .filter((_, at) => slots[at]!.rate > 0)
    .map((gradient) => gradient.square().sum(-1).sum().asScalar());
  const norm = tf.addN(squares).sqrt();
  const factor = tf.minimum(1, tf.div(clipNorm, norm.add(clipSmall)));
  return gradients.map((gradient) => gradient.mul(factor));
}

/** Adam's corrections before an update; with β in single precision, as the moments have it. */
function adamOf({ optimiser }: GradientRecipe, step: number): AdamScalars<number> | null {
  if (!isAdam(optimiser)) return null;
  const done = (beta: number) => -Math.expm1((step + 1) * Math.log(Math.fround(beta))); // 1 − βᵗ
  const root = Math.sqrt(done(optimiser.beta2));
  return { factor: root / done(optimiser.beta1), small: optimiser.epsilon * root };
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
  const decay = decayInGradient(recipe, slot);
  const slope = decay === 0 ? gradient : gradient.add(weight.mul(decay));
  applyRule(slot, slope, recipe, { ...scalars, rate: scalars.rate * slot.rate });
  if (average && recipe.averaging) {
    average.assign(average.add(weight.sub(average).mul(1 - recipe.averaging.decay)));
  }
}

/**
 * Changes one weight, and what is kept for it, by the optimiser's rule.
 * @param slope ∂L/∂w + λw, without λw where weights decay apart from the gradient
 * @param scalars with ε times the weight's own factor
 */
function applyRule(
  { weight, kept, decay }: EagerSlot,
  slope: tf.Tensor,
  { optimiser, weightDecay }: GradientRecipe,
  { rate, adam }: UpdateScalars<number>,
): void {
  switch (optimiser.kind) {
    case 'momentum': {
      const velocity = kept('velocity');
      velocity.assign(velocity.mul(optimiser.momentum).sub(slope.mul(rate)));
      weight.assign(weight.add(velocity));
      break;
    }
    case 'adam':
    case 'adamw': {
      const [first, second] = [kept('firstMoment'), kept('secondMoment')];
      first.assign(first.add(slope.sub(first).mul(1 - Math.fround(optimiser.beta1))));
      second.assign(
        second.add(
          slope
            .square()
            .sub(second)
            .mul(1 - Math.fround(optimiser.beta2)),
        ),
      );
      const move = first.div(second.sqrt().add(adam!.small)).mul(rate * adam!.factor);
      const apart = optimiser.kind === 'adamw' ? rate * weightDecay * decay : 0;
      weight.assign((apart === 0 ? weight : weight.sub(weight.mul(apart))).sub(move));
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
