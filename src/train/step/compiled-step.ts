/** The step that computes an update as one TensorFlow graph, recorded once for each shape of batch. */
import type { StepChoice } from '../../graph/precision';
import { alone } from '../../core/io/process/communicator';
import { type tf } from '../../core/tf';
import type { AnyBatch } from '../../data/loader/batches';
import { bytesTakenBy } from '../../evaluate/scores/batch-images';
import { CompiledFunction, type Computation, type ValuesFor } from '../../graph/compiled-function';
import { Program } from '../../graph/session/program';
import type { SessionOptions } from '../../graph/session/session';
import { prepareDropout } from '../../layers/seeded-dropout';
import { diagonalCurvature } from './curvature/curvature';
import {
  expectEstimate,
  imagesOfUpdate,
  rateOfMean,
  slotsOf,
  type GradientRecipe,
  type GradientStep,
} from './gradient-descent';
import { SessionState } from './session-state';
import type { StepProfile } from './step';
import { accumulatedUpdate } from './accumulated-update';
import { ranksUpdate } from './ranks-update';
import {
  after,
  floatOf,
  imagesOf,
  integerOf,
  slopesOf,
  type RecordedUpdate,
  type Slopes,
  type UpdateParts,
} from './recorded-update';
import { updateNodes } from './update-nodes';

/** A step that records its updates, and so can tell what they cost. */
export interface CompiledStep extends GradientStep {
  readonly profile: StepProfile;
}

/** The inputs of an update: images, labels, the learning rate and the number of the update. */
type UpdateInputs = readonly [tf.Tensor4D, tf.Tensor1D, tf.Scalar, tf.Scalar];

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
  { communicator = alone, wire = 'float32' }: Partial<Pick<StepChoice, 'communicator' | 'wire'>> = {},
): CompiledStep {
  const program = new Program(options);
  const slots = slotsOf(model, recipe);
  const state = new SessionState(program, model, recipe, slots);
  const scale = options.float16 ? float16Scale : 1;
  const parts = { program, model, recipe, seed, slots, scale, state };
  const update =
    communicator.size > 1
      ? ranksUpdate(parts, communicator, wire)
      : recipe.accumulate === undefined
        ? wholeUpdate(parts)
        : accumulatedUpdate(parts);
  /** Begins an update; returns its rate, as `rateOfMean` does. */
  const begin = (batch: AnyBatch, rate: number): number => {
    expectEstimate(recipe, state.estimated);
    state.ahead = true;
    return rateOfMean(recipe, rate, imagesOfUpdate(batch));
  };
  const { optimiser } = recipe;
  return {
    takesBytes: bytesTakenBy(options),
    run: async (batch, rate, step) => update.run(batch, begin(batch, rate), step),
    ...(optimiser.kind === 'diagonalLevenbergMarquardt' && {
      beforeEpoch: async (sample) => {
        await state.sync();
        await state.takeEstimate(await diagonalCurvature(model, recipe.loss, sample(optimiser.images)));
      },
    }),
    state,
    profile: {
      layerTimes: async (batch, rate, step) => update.layerTimes(batch, begin(batch, rate), step),
      recorded: () => ({ seconds: update.recordingSeconds, sessionBytes: program.heldBytes }),
    },
    dispose: () => program.dispose(),
  };
}

/** An update of one graph, for a recipe that makes each of one batch. */
function wholeUpdate(parts: UpdateParts): RecordedUpdate {
  const { program, model, recipe, seed, slots, state } = parts;
  const computation: Computation<UpdateInputs, Slopes> = {
    model,
    compute: ([images, labels, , step]) => {
      prepareDropout(model, seed, step);
      return slopesOf(parts, images, labels);
    },
    finish: ({ loss, slopes }, trace, [, , rate, step]) => {
      const { builder, variables } = trace;
      const gradients = slopes.map((slope) => trace.refOf(slope));
      const scalars = { rate: trace.refOf(rate), step: trace.refOf(step) };
      return after(
        builder,
        trace.refOf(loss),
        updateNodes(builder, recipe, slots, variables, gradients, scalars),
      );
    },
    starts: () => state.starts(),
  };
  const update = new CompiledFunction(program, computation);
  const valuesFor = (batch: AnyBatch, rate: number, step: number): ValuesFor<UpdateInputs> => [
    ...imagesOf(batch),
    floatOf(rate),
    integerOf(step),
  ];
  return {
    run: async (...given) => (await update.run(valuesFor(...given))).data[0]!,
    layerTimes: (...given) => update.layerTimes(valuesFor(...given)),
    get recordingSeconds() {
      return update.recordingSeconds;
    },
  };
}
