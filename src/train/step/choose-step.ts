/** The step of a recipe: its optimiser, compiled into one TensorFlow graph or computed operation by operation. */
import { alone } from '../../core/io/process/communicator';
import { option } from '../../core/text/wording';
import type { tf } from '../../core/tf';
import { nativeBackend } from '../../core/tensorflow/native';
import { Untraceable } from '../../graph/record/untraceable';
import { UserError } from '../../core/errors';
import { Rbf } from '../../layers/rbf';
import type { Recipe } from '../../core/network';
import { compiledStep } from './compiled-step';
import { eagerStep } from './eager-step';
import type { GradientRecipe, GradientStep } from './gradient-descent';
import type { Step } from './step';
import { winnerTakeAllStep } from './winner-take-all/winner-take-all';
import { type StepChoice, sessionOptions, asRefusal } from '../../graph/precision';

/** The message for an optimiser that does not learn from batches. */
export function batchByBatch(): string {
  return `expected an optimiser that learns from batches (fine-tuning by ${option('method', 'solve')} solves a linear head)`;
}

/**
 * The step for a recipe's optimiser.
 * @throws UserError when the recipe does not suit the model, or the chosen step does not exist for the optimiser
 */
export function stepFor(model: tf.LayersModel, recipe: Recipe, seed: number, choice: StepChoice = {}): Step {
  const { optimiser } = recipe;
  checkRule(recipe, choice);
  chooseTrainedCodes(model, recipe);
  checkClassWeights(model, recipe);
  switch (optimiser.kind) {
    case 'momentum':
    case 'adam':
    case 'adamw':
    case 'diagonalLevenbergMarquardt':
      return gradientStep(model, { ...recipe, optimiser }, seed, choice);
    case 'winnerTakeAll':
      return winnerTakeAllStep(model, { ...recipe, optimiser });
    case 'lbfgs':
      throw new UserError(`optimiser.kind: ${batchByBatch()}, found lbfgs`);
    default:
      return optimiser satisfies never;
  }
}

/** @throws UserError when the recipe's optimiser does not support the chosen step or precision */
export function checkRule(
  { optimiser: { kind: rule } }: Recipe,
  { kind, precision, communicator = alone }: StepChoice,
): void {
  if (rule !== 'winnerTakeAll') return;
  if (communicator.size > 1)
    throw new UserError(
      `expected an optimiser whose gradients ${communicator.size} ranks can add up, found ${rule}; train it by one`,
    );
  const refuse = (name: string, expected: string, found: string) => {
    throw new UserError(
      `${option(name)}: expected ${expected} for ${rule}, which has no compiled step, found ${found}`,
    );
  };
  if (kind === 'compiled') refuse('step', 'auto or eager', kind);
  if (precision !== undefined && precision !== 'float32') refuse('precision', 'float32', precision);
}

/** Makes the codes of radial basis units trainable or fixed, as the recipe says. */
export function chooseTrainedCodes(
  model: tf.LayersModel,
  { loss, averaging }: Pick<Recipe, 'loss' | 'averaging'>,
): void {
  if (loss.kind !== 'rbfPenalty' || !loss.codes) return;
  const trained = loss.codes === 'trained';
  if (trained && averaging)
    throw new UserError('loss: expected fixed codes with averaging, found trained ones');
  for (const layer of model.layers) if (layer instanceof Rbf) layer.trainable = trained;
}

/** @throws UserError unless the loss has a weight for each class, if it has any */
export function checkClassWeights({ outputs }: tf.LayersModel, { loss }: Recipe): void {
  const given = loss.kind === 'softmaxCrossEntropy' ? loss.classWeights?.length : undefined;
  const classes = outputs[0]!.shape.at(-1);
  if (given !== undefined && given !== classes)
    throw new UserError(`loss.classWeights: expected ${classes}, one for each class, found ${given}`);
}

function gradientStep(model: tf.LayersModel, recipe: GradientRecipe, seed: number, choice: StepChoice): Step {
  const { kind = 'auto', precision = 'float32' } = choice;
  if (kind === 'eager' || (kind === 'auto' && !nativeBackend()))
    return eagerStep(model, recipe, seed, choice);
  const compiled = compiledStep(model, recipe, seed, sessionOptions(precision), choice);
  if (kind === 'compiled') return refusingUntraceable(compiled, option('step', kind));
  // Other precisions need a recorded graph; there is no fallback for a model that cannot be recorded.
  if (precision !== 'float32') return refusingUntraceable(compiled, option('precision', precision));
  return fallingBack(compiled, () => eagerStep(model, recipe, seed, choice), choice.onFallBack);
}

/**
 * A compiled step until a batch shows that the model cannot be traced; from then on an eager one with the same state.
 */
function fallingBack(
  compiled: GradientStep,
  eager: () => GradientStep,
  onFallBack: StepChoice['onFallBack'],
): Step {
  let step = compiled;
  const fallBack = async ({ message }: Untraceable) => {
    onFallBack?.(`eager step, for the model cannot be compiled: ${message}`);
    await step.state.sync();
    const memory = await step.state.memory();
    step.dispose();
    step = eager();
    await step.state.restore(memory, 'memory');
  };
  return {
    run: async (...given) => {
      try {
        return await step.run(...given);
      } catch (error) {
        if (!(error instanceof Untraceable)) throw error;
        await fallBack(error);
        return step.run(...given);
      }
    },
    get takesBytes() {
      return step.takesBytes;
    },
    get beforeEpoch() {
      return step.beforeEpoch;
    },
    get state() {
      return step.state;
    },
    get profile() {
      return step.profile;
    },
    dispose: () => step.dispose(),
  };
}

/** A compiled step that the user requested: a model that cannot be recorded is refused with a one-line message. */
function refusingUntraceable(step: Step, asked: string): Step {
  return {
    ...step,
    run: async (...given) => {
      try {
        return await step.run(...given);
      } catch (error) {
        throw asRefusal(error, asked);
      }
    },
  };
}
