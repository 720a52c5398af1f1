import type { tf } from '../tf';
import { nativeBackend } from '../native-backend';
import type { SessionOptions } from '../graph/session';
import { Untraceable } from '../graph/untraceable';
import { UserError } from '../errors';
import { Rbf } from '../layers/rbf';
import type { Recipe } from '../network';
import { compiledStep } from './compiled-step';
import { eagerStep } from './eager-step';
import type { GradientRecipe } from './gradient-rule';
import type { Step } from './step';
import { winnerTakeAllStep } from './winner-take-all';

/** How updates are computed: op by op, as one recorded graph, or so where that can be done. */
export const stepKinds = ['auto', 'eager', 'compiled'] as const;
export type StepKind = (typeof stepKinds)[number];

export const precisions = ['float32', 'bfloat16', 'float16'] as const;
export type Precision = (typeof precisions)[number];

export interface StepChoice {
  /** Default: `auto`. */
  readonly kind?: StepKind;
  /** Of convolutions and matrix products in a compiled step; the rest stays float32. Default: `float32`. */
  readonly precision?: Precision;
  /** Told in one line when `auto` turns to the eager step. */
  readonly onFallBack?: (why: string) => void;
}

/** What is expected of an optimiser where a training goes through batches. */
export const batchByBatch =
  'expected a rule that learns batch by batch (finetune --method solve solves a linear head)';

/**
 * The step that a recipe's optimiser asks for.
 * @throws UserError when the recipe does not suit the model, or the choice the optimiser
 */
export function stepFor(model: tf.LayersModel, recipe: Recipe, seed: number, choice: StepChoice = {}): Step {
  const { optimiser } = recipe;
  checkRule(recipe, choice);
  chooseTrainedCodes(model, recipe);
  checkClassWeights(model, recipe);
  switch (optimiser.kind) {
    case 'momentum':
    case 'diagonalLevenbergMarquardt':
      return gradientStep(model, { ...recipe, optimiser }, seed, choice);
    case 'winnerTakeAll':
      return winnerTakeAllStep(model, { ...recipe, optimiser });
    case 'lbfgs':
      throw new UserError(`optimiser.kind: ${batchByBatch}, found lbfgs`);
    default:
      return optimiser satisfies never;
  }
}

/** @throws UserError for a step or a precision that the rule of a recipe does not have */
export function checkRule({ optimiser: { kind: rule } }: Recipe, { kind, precision }: StepChoice): void {
  if (rule !== 'winnerTakeAll') return;
  const refuse = (option: string, expected: string, found: string) => {
    throw new UserError(
      `--${option}: expected ${expected} for ${rule}, which has no compiled step, found ${found}`,
    );
  };
  if (kind === 'compiled') refuse('step', 'auto or eager', kind);
  if (precision !== undefined && precision !== 'float32') refuse('precision', 'float32', precision);
}

/** Lets the updates reach the codes of distances, or not, as the recipe says. */
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

export function checkClassWeights({ outputs }: tf.LayersModel, { loss }: Recipe): void {
  const given = loss.kind === 'softmaxCrossEntropy' ? loss.classWeights?.length : undefined;
  const classes = outputs[0]!.shape.at(-1);
  if (given !== undefined && given !== classes)
    throw new UserError(`loss.classWeights: expected ${classes}, one for each class, found ${given}`);
}

function gradientStep(model: tf.LayersModel, recipe: GradientRecipe, seed: number, choice: StepChoice): Step {
  switch (choice.kind ?? 'auto') {
    case 'eager':
      return eagerStep(model, recipe, seed);
    case 'compiled':
      return refusingUntraceable(
        compiledStep(model, recipe, seed, sessionOptions(choice.precision)),
        'step compiled',
      );
    case 'auto':
      return nativeBackend() ? automaticStep(model, recipe, seed, choice) : eagerStep(model, recipe, seed);
  }
}

/** Instruction sets one of which oneDNN needs for a precision; without, TensorFlow is slower than in float32, or fails. */
const needed: Readonly<Record<Precision, readonly string[]>> = {
  float32: [],
  bfloat16: ['avx512f', 'bf16'],
  float16: ['avx512_fp16', 'amx_fp16'],
};

/**
 * Whether a processor computes in a precision.
 * @param features its instruction sets, by Linux's names; where none are known, it may
 */
export function computesIn(precision: Precision, features: readonly string[]): boolean {
  const sets = needed[precision];
  return sets.length === 0 || features.length === 0 || sets.some((set) => features.includes(set));
}

/**
 * @param features of the processor: see `computesIn`
 * @throws UserError for a step or a precision that the backend or the processor does not have
 */
export function checkPrecision(
  kind: StepKind,
  precision: Precision,
  backend: string,
  features: readonly string[],
): void {
  const native = backend.startsWith('tensorflow');
  if (kind === 'compiled' && !native)
    throw new UserError(`--step: expected backend tensorflow for a compiled step, found ${backend}`);
  if (precision !== 'float32' && (kind === 'eager' || !native)) {
    throw new UserError(`--precision: expected float32 for a step that is not compiled, found ${precision}`);
  }
  if (backend === 'tensorflow-gpu' && precision === 'bfloat16') {
    throw new UserError('--precision: expected float32 or float16 on a GPU, found bfloat16');
  }
  if (backend === 'tensorflow' && !computesIn(precision, features)) {
    throw new UserError(
      `--precision ${precision}: expected a processor with ${needed[precision].join(' or ')}, found one without; float32 is faster there`,
    );
  }
}

/** What a precision asks of the session. */
export function sessionOptions(precision: Precision = 'float32'): SessionOptions {
  return { bfloat16: precision === 'bfloat16', float16: precision === 'float16' };
}

/**
 * Compiled, until a batch shows that the model cannot be traced; a precision that only recorded graphs have is
 * not given up for that.
 */
function automaticStep(
  model: tf.LayersModel,
  recipe: GradientRecipe,
  seed: number,
  choice: StepChoice,
): Step {
  const { precision = 'float32' } = choice;
  let step = compiledStep(model, recipe, seed, sessionOptions(precision));
  if (precision !== 'float32') return refusingUntraceable(step, `precision ${precision}`);
  return {
    ...delegating(() => step),
    run: async (batch, rate, index) => {
      try {
        return await step.run(batch, rate, index);
      } catch (error) {
        if (!(error instanceof Untraceable)) throw error;
        choice.onFallBack?.(`eager step, for the model cannot be compiled: ${error.message}`);
        await step.sync();
        const memory = await step.memory();
        step.dispose();
        step = eagerStep(model, recipe, seed);
        await step.restore(memory, 'memory');
        return step.run(batch, rate, index);
      }
    },
  };
}

/** A step whose user asked for what only a recorded graph has: what cannot be recorded is refused in one line. */
function refusingUntraceable(step: Step, asked: string): Step {
  return {
    ...delegating(() => step),
    run: async (batch, rate, index) => {
      try {
        return await step.run(batch, rate, index);
      } catch (error) {
        throw asRefusal(error, asked);
      }
    },
  };
}

/**
 * What went wrong, in words for whoever asked for a recorded graph where it cannot be recorded.
 * @param asked the option, without its dashes
 */
export function asRefusal(error: unknown, asked: string): Error {
  if (!(error instanceof Untraceable)) return error as Error;
  return new UserError(
    `--${asked}: expected a network that can be recorded as one graph (--step eager in float32 does without): ${error.message}`,
  );
}

/** A step that does what another does, which may be replaced. */
function delegating(step: () => Step): Step {
  return {
    run: (...given) => step().run(...given),
    ...(step().beforeEpoch && { beforeEpoch: (sample) => step().beforeEpoch!(sample) }),
    memory: () => step().memory(),
    restore: (...given) => step().restore(...given),
    averages: () => step().averages(),
    sync: () => step().sync(),
    layerTimes: (...given) => step().layerTimes(...given),
    recorded: () => step().recorded(),
    dispose: () => step().dispose(),
  };
}
