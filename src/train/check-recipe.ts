/**
 * Checks that a recipe suits the network that it trains: refuses everything that would fail later or have no effect.
 */
import { option } from '../core/text/wording';
import type { tf } from '../core/tf';
import type { ImageSet } from '../data/dataset';
import { distortionStages } from '../data/augment/stages';
import { createTransform } from '../data/loader/transform';
import { UserError } from '../core/errors';
import { ClassVotes } from '../layers/neocognitron/class-votes';
import { Rbf } from '../layers/rbf';
import type { Initialiser, Network, Recipe, Schedule } from '../core/network';
import { withoutDrawing } from '../layers/initialise/initialise';
import { expectCurvature } from './step/curvature/curvature';
import { factorsOf } from './step/gradient-descent';
import { touches } from '../core/recipe/overrides';
import { batchByBatch, checkClassWeights, chooseTrainedCodes } from './step/choose-step';
import { competitorsOf } from './step/winner-take-all/winner-take-all';
import { counted } from '../core/text/counted';

/** A recipe together with what it is to be used for. */
export interface RecipeUse {
  /** The name of the network, for messages. */
  readonly name: string;
  /** The model that learns; its weights need not be initialised. */
  readonly model: tf.LayersModel;
  /** The training set. */
  readonly data: ImageSet;
  /**
   * The fields that the user set, as `pathsSet` returns them. Only these are refused for having no effect, because a
   * network's own recipe has parts for other uses.
   */
  readonly set: ReadonlySet<string>;
  /** Whether new weights are trained, perhaps starting from those of a run, or trained weights are fine-tuned. */
  readonly mode: TrainingMode | FinetuneMode;
}

export interface TrainingMode {
  readonly kind: 'training';
  /** The network of the run whose weights the training starts from; null if it starts from none. */
  readonly startsFrom: string | null;
}

export interface FinetuneMode {
  readonly kind: 'finetune';
  /**
   * The layers above the frozen ones, whose features are computed once; null if images go through the whole network.
   */
  readonly head: tf.LayersModel | null;
  /** Whether the head is a linear layer that is solved for directly. */
  readonly solved?: boolean;
}

/**
 * Checks a recipe for training a network from new weights, before the run's folder is created.
 * @throws UserError as `checkRecipe`, and for an input that the network cannot take
 */
export function checkTraining(
  name: string,
  network: Network,
  recipe: Recipe,
  use: Pick<RecipeUse, 'data' | 'set'> & Pick<TrainingMode, 'startsFrom'>,
): void {
  const { data, set, startsFrom } = use;
  const classes = data.classes.length;
  const model = withoutDrawing(() => network.build({ classes, input: recipe.input.shape, seed: 1 }));
  try {
    checkRecipe(recipe, { name, model, data, set, mode: { kind: 'training', startsFrom } });
  } finally {
    model.dispose();
  }
}

/** @throws UserError for everything that would fail after the first update, or that was set but has no effect */
export function checkRecipe(recipe: Recipe, use: RecipeUse): void {
  for (const check of checks) check(recipe, use);
}

/**
 * Runs a check; if it refuses a field, the message names the option that set the field instead.
 * @param options for each option that was given, the field that it sets
 */
export function namingOptions<T>(options: Readonly<Record<string, string>>, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { message } = error;
    const set = Object.entries(options).find(([, field]) => message.startsWith(`${field}: `));
    throw set ? new UserError(message.replace(set[1], () => set[0])) : error;
  }
}

type Check = (recipe: Recipe, use: RecipeUse) => void;

function refuse(field: string, expected: string, found: string): never {
  throw new UserError(`${field}: expected ${expected}, found ${found}`);
}

const checkLoss: Check = ({ loss, optimiser }, { name, model, set }) => {
  const last = model.outputs[0]!.sourceLayer;
  if (optimiser.kind === 'winnerTakeAll') {
    if (touches(set, 'loss'))
      refuse('loss', 'none to be set for winnerTakeAll, which descends no loss', loss.kind);
    return;
  }
  if (last instanceof ClassVotes)
    refuse('optimiser.kind', `winnerTakeAll for ${name}, which no gradient goes through`, optimiser.kind);
  if (last instanceof Rbf !== (loss.kind === 'rbfPenalty')) {
    const [kinds, are] =
      last instanceof Rbf
        ? ['rbfPenalty', 'are distances from codes, of which the least wins']
        : ['softmaxCrossEntropy or squaredError', 'are not distances from codes'];
    refuse('loss.kind', `${kinds} for ${name}, whose scores ${are}`, loss.kind);
  }
  if (loss.kind === 'squaredError' && loss.on <= loss.off)
    refuse('loss', 'a target "on" above "off", for the largest score wins', `${loss.on} and ${loss.off}`);
};

const checkOptimiser: Check = (recipe, { model, mode }) => {
  const { optimiser } = recipe;
  if (optimiser.kind === 'winnerTakeAll') competitorsOf(model, { ...recipe, optimiser });
  if (optimiser.kind === 'lbfgs' && !(mode.kind === 'finetune' && mode.solved))
    throw new UserError(`optimiser.kind: ${batchByBatch()}, found lbfgs`);
  if (optimiser.kind !== 'diagonalLevenbergMarquardt') return;
  expectCurvature((mode.kind === 'finetune' && mode.head) || model, recipe.loss);
};

const checkBatch: Check = ({ batchSize, accumulate, clipNorm, optimiser }, { set, data }) => {
  const gradients = { accumulate, clipNorm };
  for (const field of ['accumulate', 'clipNorm'] as const)
    if (optimiser.kind === 'winnerTakeAll' && touches(set, field) && gradients[field] !== undefined)
      refuse(field, 'none for winnerTakeAll, which has no gradients', String(gradients[field]));
  const images = data.labels.length;
  if (touches(set, 'accumulate') && accumulate !== undefined && batchSize >= images)
    refuse(
      'accumulate',
      `batches smaller than the ${counted(images, 'image')} of ${data.name}, of which several make an update`,
      `${accumulate} of ${batchSize}`,
    );
  if (optimiser.kind === 'winnerTakeAll' && touches(set, 'batchSize') && batchSize > 1)
    refuse(
      'batchSize',
      '1 for winnerTakeAll, which learns from one image after the other',
      String(batchSize),
    );
};

const checkHeads: Check = ({ auxiliary = {} }, { name, model, mode }) => {
  const heads = model.outputNames.slice(1);
  const found = Object.keys(auxiliary);
  if (found.length === heads.length && heads.every((head) => head in auxiliary)) return;
  if (mode.kind === 'finetune')
    refuse('auxiliary', 'none in fine-tuning, which trains the main path alone', found.join(', '));
  const expected =
    heads.length > 0 ? `a weight for each of ${heads.join(', ')}` : `none for ${name}, which has one head`;
  refuse('auxiliary', expected, found.join(', ') || 'none');
};

/** The layer of this name that has trainable weights. */
function learner(model: tf.LayersModel, name: string): tf.layers.Layer | undefined {
  return model.layers.find((layer) => layer.name === name && layer.trainableWeights.length > 0);
}

/** @throws UserError if no layer with trainable weights has this name */
function expectLearner(field: string, name: string, { model, name: network }: RecipeUse): tf.layers.Layer {
  const found = learner(model, name);
  if (found) return found;
  const layer = model.layers.find((one) => one.name === name);
  const what = !layer
    ? 'no such layer'
    : layer.weights.length > 0
      ? 'one that stays as it is'
      : 'one without weights';
  return refuse(field, `names of layers of ${network} that learn`, `${name}, ${what}`);
}

const checkMultipliers: Check = ({ multipliers = [], weightDecay, optimiser }, use) => {
  const { model, set, mode } = use;
  if (mode.kind === 'finetune' ? set.has('multipliers') : touches(set, 'multipliers'))
    for (const { layers, weights } of multipliers)
      for (const name of layers === 'all' ? [] : layers) {
        const kinds = expectLearner('multipliers', name, use).trainableWeights.map(({ originalName }) =>
          originalName.endsWith('/bias') ? 'bias' : 'kernel',
        );
        if (weights !== 'all' && !kinds.includes(weights))
          refuse('multipliers', `a ${weights} in ${name}`, 'none');
      }
  if (optimiser.kind === 'winnerTakeAll') return;
  const factors = model.layers.flatMap((layer) =>
    layer.trainableWeights.map(({ originalName }) => factorsOf(layer.name, originalName, multipliers)),
  );
  if (factors.every(({ rate }) => rate === 0))
    refuse('multipliers', 'weights that learn', factors.length > 0 ? 'a rate of 0 for all' : 'none');
  if (touches(set, 'weightDecay') && weightDecay > 0 && factors.every(({ decay }) => decay === 0))
    refuse('weightDecay', 'weights that decay', 'a factor of 0 on the decay of all (multipliers)');
};

const checkInitialiser: Check = ({ initialiser }, use) => {
  const { model, set, mode } = use;
  if (!touches(set, 'initialiser')) return;
  if (mode.kind === 'finetune')
    refuse('initialiser', 'none to be set in fine-tuning, whose head is drawn as the network’s own', 'one');
  for (const name of Object.keys(initialiser.layers ?? {})) expectLearner('initialiser.layers', name, use);
  for (const layer of model.layers) expectDirections(layer, initialiser);
};

/** Only the kernels of a convolution have preferred directions. */
function expectDirections(layer: tf.layers.Layer, initialiser: Initialiser): void {
  const { kernel, bias } = { ...initialiser, ...initialiser.layers?.[layer.name] };
  if (kernel.kind !== 'preferredDirections') return;
  const odd = layer.trainableWeights.find(({ originalName, shape }) => {
    const isBias = /\/(?:bias|inhibition)$/.test(originalName);
    return shape.length !== 4 && (!isBias || bias === 'asKernel');
  });
  if (odd)
    refuse(
      'initialiser',
      'kernels [side, side, inputs, maps] to give preferred directions',
      `${odd.originalName} [${odd.shape.join(', ')}]`,
    );
}

const checkVariants: Check = ({ augment, variants }, { set, mode, data }) => {
  if (touches(set, 'variants') && variants! > 1 && augment.length === 0)
    refuse('variants', 'distortions (augment), by which variants differ', 'none');
  if (touches(set, 'augment') && augment.length > 0 && variants === 1) {
    const more =
      mode.kind === 'finetune'
        ? `${option('variants')} above 1, for frozen layers see each image so often`
        : 'variants above 1';
    refuse('augment', `${more}, or no distortions`, 'one variant, which is the undistorted image');
  }
  const all = (variants ?? 1) * data.labels.length;
  if (all >= 2 ** 31) refuse('variants', 'fewer than 2^31 images in all variants', String(all));
};

const checkImages: Check = (recipe, use) => {
  const { name, model } = use;
  distortionStages(recipe);
  const wanted = model.inputs[0]!.shape.slice(1);
  if (recipe.input.shape.join() !== wanted.join())
    refuse('input.shape', `${wanted.join('x')}, which ${name} was trained for`, recipe.input.shape.join('x'));
  expectImages(recipe, use);
};

/** @throws UserError where preprocessing does not turn the data set's images into the input that the network takes */
export function expectImages(
  { input, augment }: Pick<Recipe, 'input' | 'augment'>,
  { name, model, data }: Pick<RecipeUse, 'name' | 'model' | 'data'>,
): void {
  const wanted = model.inputs[0]!.shape.slice(1);
  // Steps that are fitted to the training set do not change the size.
  const preprocess = input.preprocess.filter(({ kind }) => kind !== 'subtractMean' && kind !== 'whiten');
  const stored = data.kind === 'pixels' ? data.shape : null;
  const { shape } = createTransform({ recipe: { input: { ...input, preprocess }, augment }, stored });
  if (shape.join() === wanted.join()) return;
  const of = stored ? ` of the ${stored.join('x')} of ${data.name}` : '';
  refuse(
    'input.preprocess',
    `steps that make images ${wanted.join('x')}${of}, as ${name} takes them`,
    shape.join('x'),
  );
}

const checkStart: Check = ({ startFrom }, use) => {
  const { set, mode } = use;
  if (!touches(set, 'startFrom') || !startFrom) return;
  if (mode.kind === 'finetune')
    refuse('startFrom', `none in fine-tuning, which starts from ${option('weights')}`, startFrom.network);
  if (mode.startsFrom !== startFrom.network)
    refuse(
      'startFrom',
      `${option('startFrom')} with a run of ${startFrom.network}`,
      mode.startsFrom ? `one of ${mode.startsFrom}` : `no ${option('startFrom')}`,
    );
  for (const name of startFrom.layers) expectLearner('startFrom.layers', name, use);
};

const checks: readonly Check[] = [
  checkLoss,
  checkBatch,
  (recipe, { model }) => chooseTrainedCodes(model, recipe),
  (recipe, { model }) => checkClassWeights(model, recipe),
  checkHeads,
  checkOptimiser,
  checkMultipliers,
  checkInitialiser,
  checkVariants,
  checkImages,
  checkStart,
  ({ warmUp, epochs }, { set }) => {
    if (touches(set, 'warmUp') && warmUp && warmUp.epochs >= epochs)
      refuse(
        'warmUp.epochs',
        `fewer than the ${counted(epochs, 'epoch')} of the training`,
        String(warmUp.epochs),
      );
  },
  ({ schedule, epochs }, { set }) => {
    if (['steps', 'epochs', 'patience'].some((part) => touches(set, `schedule.${part}`)))
      checkSchedule(schedule, epochs);
  },
];

/**
 * @param epochs of the whole training
 * @throws UserError for a schedule of which a part lies after the end of the training
 */
export function checkSchedule(schedule: Schedule, epochs: number): void {
  const late = lateIn(schedule, epochs);
  const all = counted(epochs, 'epoch');
  if (late) throw new UserError(`schedule: expected rates within a training of ${all}, found ${late}`);
}

/** Describes the part of the schedule that would never be reached. */
function lateIn(schedule: Schedule, epochs: number): string | undefined {
  switch (schedule.kind) {
    case 'steps': {
      const late = schedule.steps.find(({ epoch }) => epoch >= epochs);
      return late && `a step at epoch ${late.epoch}, counted from 0`;
    }
    case 'staircase':
      return schedule.epochs >= epochs ? `a stair of ${schedule.epochs} epochs` : undefined;
    case 'plateau':
      return schedule.drops > 0 && schedule.patience >= epochs
        ? `a patience of ${schedule.patience} epochs`
        : undefined;
    case 'constant':
    case 'cosine':
    case 'polynomial':
    case 'inverse':
      return undefined;
    default:
      return schedule satisfies never;
  }
}
