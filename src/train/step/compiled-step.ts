/** The step that computes an update as one TensorFlow graph, recorded once for each shape of batch. */
import { tf } from '../../core/tf';
import type { Batch } from '../../data/loader/batches';
import { CompiledFunction, type Computation, type ValuesFor } from '../../graph/compiled-function';
import { attr, elementTypes } from '../../graph/session/graph-def';
import { Program } from '../../graph/session/program';
import type { SessionOptions } from '../../graph/session/session';
import { prepareDropout } from '../../layers/seeded-dropout';
import { totalLoss } from '../loss';
import { diagonalCurvature } from './curvature/curvature';
import {
  expectEstimate,
  rateOfMean,
  slotsOf,
  type GradientRecipe,
  type GradientStep,
  type Slot,
} from './gradient-descent';
import { SessionState } from './session-state';
import type { StepProfile } from './step';
import { updateNodes, updateScope } from './update-nodes';

/** A step that records its updates, and so can tell what they cost. */
export interface CompiledStep extends GradientStep {
  readonly profile: StepProfile;
}

/** The inputs of an update: images, labels, the learning rate and the number of the update. */
type UpdateInputs = readonly [tf.Tensor4D, tf.Tensor1D, tf.Scalar, tf.Scalar];

/** The loss, and ∂L/∂w + λw for each slot. */
interface Slopes {
  readonly loss: tf.Tensor;
  readonly slopes: readonly tf.Tensor[];
}

const T = { T: attr.type(elementTypes.float32) };

/**
 * Loss scaling: where gradients are computed in float16, the loss is multiplied by this and the gradients are divided
 * by it. Otherwise the gradients of single pixels would fall below float16's smallest number, 6e-8. Losses here are a
 * few hundred at most, and float16's largest number is 65,504.
 */
const float16Scale = 1024;

/**
 * The same rule as `eagerStep`, recorded once for each shape of batch and run as one TensorFlow graph. The weights live
 * in the session during training; `state.sync` copies them back into the model.
 * @throws Untraceable, at the first batch of a shape, when some part of the model cannot become part of a graph
 */
export function compiledStep(
  model: tf.LayersModel,
  recipe: GradientRecipe,
  seed: number,
  options: SessionOptions = {},
): CompiledStep {
  const program = new Program(options);
  const slots = slotsOf(model, recipe);
  const state = new SessionState(program, model, recipe, slots);
  const scale = options.float16 ? float16Scale : 1;
  const update = new CompiledFunction(program, {
    ...updateOf(model, recipe, seed, slots, scale),
    starts: () => state.starts(),
  });
  /** The inputs of the update that comes next. */
  const begin = (batch: Batch, rate: number, step: number): ValuesFor<UpdateInputs> => {
    expectEstimate(recipe, state.estimated);
    state.ahead = true;
    const size = batch.labels.length;
    return [
      { shape: [size, ...batch.shape], data: batch.images },
      { shape: [size], data: batch.labels },
      { shape: [], data: Float32Array.of(rateOfMean(recipe, rate, size)) },
      { shape: [], data: Int32Array.of(step) },
    ];
  };
  const { optimiser } = recipe;
  return {
    run: async (...given) => (await update.run(begin(...given))).data[0]!,
    ...(optimiser.kind === 'diagonalLevenbergMarquardt' && {
      beforeEpoch: async (sample) => {
        await state.sync();
        await state.takeEstimate(await diagonalCurvature(model, recipe.loss, sample(optimiser.images)));
      },
    }),
    state,
    profile: {
      layerTimes: async (...given) => update.layerTimes(begin(...given)),
      recorded: () => ({ seconds: update.recordingSeconds, sessionBytes: program.heldBytes }),
    },
    dispose: () => program.dispose(),
  };
}

/** One update: TensorFlow.js computes the gradients, and further nodes apply them to the weights. */
function updateOf(
  model: tf.LayersModel,
  recipe: GradientRecipe,
  seed: number,
  slots: readonly Slot[],
  scale: number,
): Computation<UpdateInputs, Slopes> {
  const weights = slots.map(({ weight }) => weight);
  return {
    model,
    compute: ([images, labels, , step], graph) => {
      prepareDropout(model, seed, step);
      const loss = () => scaled(totalLoss(model, recipe, images, labels), scale);
      const { value, grads } = tf.variableGrads(loss, weights);
      const slopes = slots.map(({ name, weight, decay }) => {
        graph.scope = updateScope(name);
        const slope = scaled(grads[weight.name]!, 1 / scale);
        const lambda = decay * recipe.weightDecay;
        return lambda === 0 ? slope : slope.add(weight.mul(lambda));
      });
      return { loss: scaled(value, 1 / scale), slopes };
    },
    finish: ({ loss, slopes }, trace, [, , rate, step]) => {
      const { builder, variables } = trace;
      const gradients = slopes.map((slope) => trace.refOf(slope));
      const scalars = { rate: trace.refOf(rate), step: trace.refOf(step) };
      const updates = updateNodes(builder, recipe, slots, variables, gradients, scalars);
      const done = updates.map((name) => `^${name}`);
      return builder.add('Identity', [trace.refOf(loss).name, ...done], T).name;
    },
  };
}

/** The tensor times the factor; the tensor itself where the factor is 1. */
function scaled<T extends tf.Tensor>(tensor: T, factor: number): T {
  return factor === 1 ? tensor : tensor.mul(factor);
}
