import { datasetInMemory, type Dataset } from '../../src/data/dataset';
import { openLoader, openImageOf } from '../../src/data/loader/loader';
import { fitRecipe } from '../../src/data/preprocess/fit';
import { undistortedPixels } from '../../src/data/loader/undistorted';
import { initialise } from '../../src/layers/initialise/initialise';
import { fullyConnected } from '../../src/layers/fully-connected';
import { Lrn } from '../../src/layers/lrn';
import { Rbf } from '../../src/layers/rbf';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import type { Recipe } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { compiledForward, eagerForward } from '../../src/evaluate/scores/forward';
import { freeze } from '../../src/finetune/freeze';
import { splitAboveFrozen } from '../../src/finetune/split-model';
import { recipeSchema } from '../../src/core/recipe/schema';
import { stepFor } from '../../src/train/step/choose-step';
import { train } from '../../src/train/train';
import { arraysOf } from '../../src/weights/named-array';
import { itOnTensorFlow } from '../support/fixtures';
import { leavesIn, leavesOf } from '../support/schema-leaves';

const classes = 4;

/** What every case changes something of. */
const plain: Recipe = {
  dataset: 'toy',
  input: { shape: [8, 8, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 2,
  batchSize: 4,
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.02 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: 1.7 }, bias: 0.1 },
  guesses: {},
};

type Build = (recipe: Recipe) => tf.LayersModel;

interface Case {
  readonly recipe?: Partial<Recipe>;
  /** Default: `logits`. */
  readonly build?: Build;
  /** Of the stored images; default: the recipe's. */
  readonly side?: number;
}

function chain(recipe: Recipe, ...layers: readonly tf.layers.Layer[]): tf.SymbolicTensor[] {
  const image = tf.input({ shape: [...recipe.input.shape] });
  return [image, layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, image)];
}

const convolution = () =>
  tf.layers.conv2d({ name: 'conv', filters: 4, kernelSize: 3, kernelInitializer: 'zeros' });
const flat = () => tf.layers.flatten({ name: 'flat' });
const units = (name: string, count: number) =>
  tf.layers.dense({ name, units: count, kernelInitializer: 'zeros' });

const squashed: Build = (recipe) => {
  const layers = [convolution(), new ScaledTanh({ name: 'conv/tanh' }), flat(), units('output', classes)];
  const [image, scores] = chain(recipe, ...layers, new ScaledTanh({ name: 'output/tanh' }));
  return tf.model({ inputs: image!, outputs: scores! });
};

const distances: Build = (recipe) => {
  const codes = Array.from({ length: classes }, (_, unit) =>
    Array.from({ length: 6 }, (__, at) => ((unit >> (at % 2)) & 1 ? 1 : -1)),
  );
  const layers = [convolution(), flat(), units('F6', 6), new ScaledTanh({ name: 'F6/tanh' })];
  const [image, scores] = chain(recipe, ...layers, new Rbf({ name: 'output', codes }));
  return tf.model({ inputs: image!, outputs: scores! });
};

/** Batch normalisation, LRN, dropout and, where the recipe weighs it, an auxiliary head. */
const logits: Build = (recipe) => {
  const [image, hidden] = chain(
    recipe,
    convolution(),
    tf.layers.batchNormalization({ name: 'norm' }),
    tf.layers.reLU({ name: 'relu' }),
    new Lrn({ name: 'lrn', size: 3, k: 2, alpha: 0.1, beta: 0.75 }),
    flat(),
    new SeededDropout({ name: 'drop', rate: 0.3 }),
  );
  const heads = ['main', ...Object.keys(recipe.auxiliary ?? {})];
  const outputs = heads.map((name) => units(name, classes).apply(hidden!) as tf.SymbolicTensor);
  return tf.model({ inputs: image!, outputs });
};

/** What fine-tuning trains: a head that is fed with what frozen layers give, flat or as maps. */
const headOf =
  (...frozen: string[]): Build =>
  (recipe) => {
    const image = tf.input({ shape: [...recipe.input.shape] });
    const below = new ScaledTanh({ name: 'tanh' }).apply(convolution().apply(image)) as tf.SymbolicTensor;
    const maps = tf.layers.conv2d({ name: 'conv2', filters: 5, kernelSize: 3 }).apply(below);
    const hidden = fullyConnected(maps as tf.SymbolicTensor, { name: 'fc6', units: 8, activation: 'relu' });
    const whole = tf.model({
      inputs: image,
      outputs: fullyConnected(hidden, { name: 'fc7', units: classes }),
    });
    freeze(whole, frozen);
    return splitAboveFrozen(whole)!.head;
  };

const frozenNormalisation: Build = (recipe) => {
  const model = logits(recipe);
  freeze(model, ['norm']);
  return model;
};

const gaussian = { kind: 'gaussian', deviation: 0.2 } as const;
const rated = (rate: number, layers: 'all' | string[], weights: 'all' | 'kernel' | 'bias') => ({
  layers,
  weights,
  rate,
  decay: rate / 2,
});

const cases: Readonly<Record<string, Case>> = {
  'momentum, weight decay and factors': {
    recipe: {
      weightDecay: 0.01,
      multipliers: [rated(1, 'all', 'all'), rated(2, 'all', 'bias'), rated(0.5, ['conv'], 'kernel')],
    },
  },
  'no momentum, layers that do not learn': {
    recipe: { optimiser: { kind: 'momentum', momentum: 0 }, multipliers: [rated(0, ['conv'], 'all')] },
  },
  adam: {
    recipe: {
      optimiser: { kind: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 0.01 },
      weightDecay: 0.01,
      schedule: { kind: 'constant', rate: 0.005 },
      multipliers: [rated(2, 'all', 'bias')],
    },
  },
  'adamw, warmed up, clipped, of several batches': {
    recipe: {
      optimiser: { kind: 'adamw', beta1: 0.8, beta2: 0.99, epsilon: 0.01 },
      weightDecay: 0.1,
      batchSize: 1,
      accumulate: 4,
      clipNorm: 0.5,
      schedule: { kind: 'constant', rate: 0.005 },
      warmUp: { epochs: 1.5, from: 0.1 },
      multipliers: [rated(2, 'all', 'bias'), rated(0, ['norm'], 'all')],
      averaging: { kind: 'exponential', decay: 0.8 },
    },
  },
  'several batches and an auxiliary head': {
    recipe: { batchSize: 3, accumulate: 2, auxiliary: { side: 0.3 }, weightDecay: 0.01 },
  },
  'clipped gradients': { recipe: { clipNorm: 0.3, weightDecay: 0.01 } },
  'smoothed labels': {
    recipe: { loss: { kind: 'softmaxCrossEntropy', labelSmoothing: 0.1, classWeights: [0.5, 3, 1, 0.25] } },
  },
  'second derivatives': {
    build: squashed,
    recipe: {
      optimiser: { kind: 'diagonalLevenbergMarquardt', mu: 0.1, images: 8 },
      loss: { kind: 'squaredError', on: 1, off: -1 },
    },
  },
  'second derivatives of trained codes': {
    build: distances,
    recipe: {
      optimiser: { kind: 'diagonalLevenbergMarquardt', mu: 0.1, images: 8 },
      loss: { kind: 'rbfPenalty', rival: 0.5, codes: 'trained' },
    },
  },
  'class weights': { recipe: { loss: { kind: 'softmaxCrossEntropy', classWeights: [0.5, 3, 1, 0.25] } } },
  'class weights and an auxiliary head': {
    recipe: {
      loss: { kind: 'softmaxCrossEntropy', classWeights: [0.5, 3, 1, 0.25] },
      auxiliary: { side: 0.3 },
    },
  },
  'eq. 8': { build: distances, recipe: { loss: { kind: 'rbfPenalty', rival: null } } },
  'eq. 9, fixed codes': {
    build: distances,
    recipe: { loss: { kind: 'rbfPenalty', rival: 0.5, codes: 'fixed' } },
  },
  'eq. 9, trained codes': {
    build: distances,
    recipe: { loss: { kind: 'rbfPenalty', rival: 0.5, codes: 'trained' } },
  },
  'squared error': { build: squashed, recipe: { loss: { kind: 'squaredError', on: 0.9, off: -0.3 } } },
  averages: { recipe: { averaging: { kind: 'exponential', decay: 0.8 } } },
  'frozen normalisation': { build: frozenNormalisation },
  'a head on flat features': { build: headOf('conv', 'conv2') },
  'a head on maps': { build: headOf('conv') },
  steps: {
    recipe: {
      schedule: {
        kind: 'steps',
        steps: [
          { epoch: 0, rate: 0.02 },
          { epoch: 1, rate: 0.01 },
        ],
      },
    },
  },
  cosine: { recipe: { schedule: { kind: 'cosine', from: 0.02, to: 0.001 } } },
  polynomial: { recipe: { schedule: { kind: 'polynomial', from: 0.02, power: 0.5 } } },
  staircase: { recipe: { schedule: { kind: 'staircase', from: 0.02, factor: 0.5, epochs: 1 } } },
  inverse: { recipe: { schedule: { kind: 'inverse', from: 0.02, gamma: 0.1, power: 0.75 } } },
  plateau: { recipe: { schedule: { kind: 'plateau', from: 0.02, factor: 0.1, patience: 1, drops: 2 } } },
  'a constant order of variants': {
    recipe: { order: 'constant', variants: 2, augment: [{ kind: 'flip' }] },
  },
  'a new order, flips and shifts': {
    recipe: { order: 'new', augment: [{ kind: 'flip' }, { kind: 'translate', shift: 2 }] },
  },
  'distortions and colours': {
    recipe: {
      augment: [
        { kind: 'affine', shift: 1, scale: 0.1, squeeze: 0.1, shear: 0.1 },
        { kind: 'photometric', strength: 0.3 },
        { kind: 'pcaLighting', deviation: 0.1, colours: 'trainingSet' },
      ],
    },
  },
  'given colours': {
    recipe: {
      augment: [
        {
          kind: 'pcaLighting',
          deviation: 0.1,
          colours: {
            eigenvalues: [0.2, 0.02, 0.01],
            eigenvectors: [
              [1, 0, 0],
              [0, 1, 0],
              [0, 0, 1],
            ],
          },
        },
      ],
    },
  },
  'crops of whole sides': {
    side: 10,
    recipe: { augment: [{ kind: 'randomCrop', size: 8, shortSide: 10, longSide: 'kept' }] },
  },
  'crops of the middle square': {
    side: 10,
    recipe: { augment: [{ kind: 'randomCrop', size: 8, shortSide: 9, longSide: 'cropped' }] },
  },
  'crops of squeezed images': {
    side: 10,
    recipe: { augment: [{ kind: 'randomCrop', size: 8, shortSide: 9, longSide: 'squeezed' }] },
  },
  'crops at several scales': {
    side: 10,
    recipe: { augment: [{ kind: 'scaleJitter', size: 8, least: 9, most: 11 }] },
  },
  'crops of parts': {
    side: 10,
    recipe: { augment: [{ kind: 'areaCrop', size: 8, area: [0.3, 1], aspect: [0.8, 1.2] }] },
  },
  'shrunk, padded, less the channels’ means': {
    side: 12,
    recipe: {
      input: {
        shape: [8, 8, 3],
        preprocess: [
          { kind: 'shrink', height: 6, width: 6 },
          { kind: 'pad', height: 8, width: 8, value: 9 },
          { kind: 'subtract', mean: [120, 110, 100], deviation: [60, 60, 60] },
        ],
        stored: [6, 6],
        background: 'black', // both are for image files alone
      },
    },
  },
  'the mean of each pixel': {
    recipe: {
      input: { shape: [8, 8, 3], preprocess: [{ kind: 'subtractMean', per: 'pixel' }] },
      schedule: { kind: 'constant', rate: 1e-5 },
    },
  },
  'the mean of each channel': {
    recipe: {
      input: { shape: [8, 8, 3], preprocess: [{ kind: 'subtractMean', per: 'channel' }] },
      schedule: { kind: 'constant', rate: 1e-5 },
    },
  },
  'contrast and whitening': {
    recipe: {
      input: {
        shape: [8, 8, 3],
        preprocess: [
          { kind: 'contrastNormalise', scale: 55 },
          { kind: 'whiten', bias: 0.1 },
        ],
      },
    },
  },
  'starts over the fan-in': {
    recipe: { initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 2.4 }, bias: 'asKernel' } },
  },
  'Gaussian starts': { recipe: { initialiser: { kernel: gaussian, bias: 0 } } },
  'starts by layer': {
    recipe: {
      initialiser: {
        kernel: { kind: 'truncatedGaussian', deviation: 0.2 },
        bias: 0,
        layers: {
          conv: { kernel: { kind: 'preferredDirections', sum: 0.5, preference: 0.2 }, bias: 0.3 },
          main: { kernel: { kind: 'uniformOverFanIn', scale: 3 }, bias: 'asKernel' },
          side: { kernel: { kind: 'uniformOverRootFanIn', scale: 1 } },
          other: { kernel: gaussian },
          last: { kernel: { kind: 'truncatedGaussian', deviation: 0.1 } },
        },
      },
      auxiliary: { side: 0.3, other: 0.1, last: 0 },
    },
  },
  'preferred directions': {
    build: (recipe) => {
      const [image, maps] = chain(recipe, convolution());
      const pooled = tf.layers.globalAveragePooling2d({ name: 'pool' }).apply(maps!) as tf.SymbolicTensor;
      return tf.model({ inputs: image!, outputs: pooled });
    },
    recipe: {
      initialiser: { kernel: { kind: 'preferredDirections', sum: 0.5, preference: 0.2 }, bias: 0.1 },
    },
  },
  'a start from another network, and guesses': {
    recipe: { startFrom: { network: 'vgg-a', layers: ['conv'] }, guesses: { epochs: 'a guess' } },
  },
  // Has no compiled step, and refuses one: see below.
  competition: {
    recipe: { optimiser: { kind: 'winnerTakeAll', layers: [{ name: 'US1', speed: 1, column: 5 }] } },
  },
  // Has no step at all: see below.
  'a head that is solved': {
    recipe: { optimiser: { kind: 'lbfgs', weightDecays: [1, 0.1], patience: 2 } },
  },
};

const recipeOf = ({ recipe = {} }: Case): Recipe => ({ ...plain, ...recipe });

function images(side: number, channels: number): Dataset {
  const random = seededRandom(5);
  const count = 8;
  return datasetInMemory({
    name: 'toy',
    synthetic: true,
    classes: ['a', 'b', 'c', 'd'],
    shape: [side, side, channels],
    labels: Int32Array.from({ length: count }, () => random.integer(classes)),
    pixels: Uint8Array.from({ length: count * side * side * channels }, () => random.integer(256)),
  });
}

/** Two epochs of two updates: their losses, the weights afterwards, and the scores of one batch by them. */
async function trained(given: Case, kind: 'eager' | 'compiled') {
  const model = (given.build ?? logits)(recipeOf(given));
  const [, height, , channels] = model.inputs[0]!.shape as [null, number, number, number];
  const shape = [height, height, channels] as const;
  const wanted = { ...recipeOf(given), input: { ...recipeOf(given).input, shape } };
  const data = images(given.side ?? height, channels);
  const { recipe, fitted } = await fitRecipe(undistortedPixels(data, wanted, openImageOf), wanted);
  initialise(model, recipe.initialiser, 3);
  const step = stepFor(model, recipe, 7, { kind });
  const feed = openLoader({ workers: 0 });
  const losses: number[] = [];
  let drops = 0;
  const options = { model, recipe, data, seed: 7, step, fitted, feed, drops: () => drops };
  for await (const { loss, epoch } of train(options)) {
    losses.push(loss);
    drops = epoch;
  }
  const weights = await arraysOf(model.weights);
  const averages = (await step.state?.averages()) ?? [];
  const batch = {
    images: new Float32Array(2 * height * height * channels).fill(0.3),
    shape,
  };
  const forward = kind === 'eager' ? eagerForward(model) : compiledForward(model);
  const scores = await forward.run(batch);
  forward.dispose();
  step.dispose();
  await feed.close();
  model.dispose();
  return { losses, numbers: [...weights, ...averages, { name: 'scores', values: scores }] };
}

beforeAll(async () => void (await useBackend('tensorflow')));

it('has a case for each field, kind and word that a recipe may hold', () => {
  const recipes = Object.values(cases).map(recipeOf);
  for (const recipe of recipes) expect(recipeSchema.parse(recipe)).toEqual(recipe);
  const found = new Set(recipes.flatMap((recipe) => leavesIn(recipeSchema, recipe)));
  expect(leavesOf(recipeSchema).filter((leaf) => !found.has(leaf))).toEqual([]);
});

const byGradient = Object.entries(cases).filter(
  ([, { recipe }]) => !['winnerTakeAll', 'lbfgs'].includes(recipe?.optimiser?.kind ?? 'momentum'),
);

itOnTensorFlow.each(byGradient)('trains compiled as op by op: %s', async (_, given) => {
  const [eager, compiled] = [await trained(given, 'eager'), await trained(given, 'compiled')];
  expect(eager.losses.length).toBe(4);
  expect(new Set(eager.losses).size).toBe(4);
  compiled.losses.forEach((loss, at) => expect(Math.abs(loss / eager.losses[at]! - 1)).toBeLessThan(1e-4));
  expect(compiled.numbers.map(({ name }) => name)).toEqual(eager.numbers.map(({ name }) => name));
  compiled.numbers.forEach(({ name, values }, index) => {
    const expected = eager.numbers[index]!.values;
    const furthest = values.reduce((most, value, at) => Math.max(most, Math.abs(value - expected[at]!)), 0);
    expect({ name, furthest: furthest < 1e-3 ? 0 : furthest }).toEqual({ name, furthest: 0 });
  });
});

it('refuses a compiled step for competition, which has none, in one line', () => {
  const given = cases['competition']!;
  const model = logits(recipeOf(given));
  expect(() => stepFor(model, recipeOf(given), 1, { kind: 'compiled' })).toThrow(
    /^step: expected auto or eager for winnerTakeAll, which has no compiled step, found compiled$/,
  );
  model.dispose();
});

it('refuses a step for a head that is solved, in one line', () => {
  const recipe = recipeOf(cases['a head that is solved']!);
  const model = logits(recipe);
  expect(() => stepFor(model, recipe, 1)).toThrow(/^optimiser.kind: expected an optimiser .*, found lbfgs$/);
  model.dispose();
});
