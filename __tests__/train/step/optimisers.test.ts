import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Optimiser, Recipe, RecipeWith } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';
import { useBackend } from '../../../src/runtime/backend';
import { SeededDropout } from '../../../src/layers/seeded-dropout';
import { warmedRate } from '../../../src/train/schedule';
import { compiledStep } from '../../../src/train/step/compiled-step';
import { eagerStep } from '../../../src/train/step/eager-step';
import type { GradientRecipe, GradientStep } from '../../../src/train/step/gradient-descent';
import { itOnTensorFlow, onEveryBackend, randomTensor } from '../../support/fixtures';

/** A problem and what PyTorch made of it, written by `optimisers.py` beside it. */
interface Problem {
  readonly kernel: number[][];
  readonly bias: number[];
  /** `[update][image][input]` */
  readonly values: number[][][];
  readonly labels: number[][];
  readonly cases: readonly {
    readonly optimiser: Extract<Optimiser, { readonly kind: 'momentum' | 'adam' | 'adamw' }>;
    readonly weightDecay: number;
    readonly rate: number;
    readonly warmUp?: { readonly updates: number; readonly start: number };
    readonly clipNorm?: number;
    readonly labelSmoothing?: number;
    readonly accumulate?: number;
    readonly found: {
      readonly kernel: number[][];
      readonly bias: number[];
      readonly losses: number[];
      readonly norms: number[];
    };
  }[];
}

type Case = Problem['cases'][number];

const { cases, ...problem } = JSON.parse(
  readFileSync(join(__dirname, '../../fixtures/training/optimisers.json'), 'utf8'),
) as Problem;

const images = problem.labels[0]!.length;

function recipeOf(given: Case): GradientRecipe {
  const { optimiser, weightDecay, rate, warmUp, clipNorm, labelSmoothing, accumulate } = given;
  return {
    dataset: 'toy',
    input: { shape: [1, 4, 1], preprocess: [] },
    epochs: 10,
    batchSize: accumulate === undefined ? images : images / accumulate,
    ...(accumulate !== undefined && { accumulate }),
    weightDecay,
    optimiser,
    ...(clipNorm !== undefined && { clipNorm }),
    schedule: { kind: 'constant', rate },
    // An update is an epoch of these six images.
    ...(warmUp && { warmUp: { epochs: warmUp.updates, from: warmUp.start } }),
    loss: { kind: 'softmaxCrossEntropy', ...(labelSmoothing !== undefined && { labelSmoothing }) },
    augment: [],
    initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 1 }, bias: 0 },
    multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 0.5 }],
    guesses: {},
  };
}

function linearModel(): tf.LayersModel {
  const input = tf.input({ shape: [1, 4, 1] });
  const flat = tf.layers.flatten().apply(input);
  const scores = tf.layers.dense({ units: 3, name: 'dense' }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: scores });
  const weights = [tf.tensor2d(problem.kernel), tf.tensor1d(problem.bias)];
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

type Make = (model: tf.LayersModel, recipe: GradientRecipe) => GradientStep;

/** The losses and the weights after all updates. */
async function fitted(recipe: GradientRecipe, make: Make) {
  const model = linearModel();
  const step = make(model, recipe);
  const losses: number[] = [];
  for (const [at, labels] of problem.labels.entries()) {
    const rate = warmedRate(recipe, { step: at, stepsPerEpoch: 1, epochs: recipe.epochs });
    const batch = {
      images: Float32Array.of(...problem.values[at]!.flat()),
      shape: [1, 4, 1] as const,
      labels: Int32Array.of(...labels),
    };
    losses.push(await step.run(batch, rate, at));
  }
  await step.state.sync();
  const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
  step.dispose();
  model.dispose();
  return { losses, weights: weights.map((values) => [...values]) };
}

function expectTheirs(ours: Awaited<ReturnType<typeof fitted>>, { found }: Case): void {
  const theirs = [found.kernel.flat(), found.bias];
  const apart = (one: readonly number[], other: readonly number[]) =>
    one.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
  expect(ours.losses.length).toBe(found.losses.length);
  expect(apart(ours.losses, found.losses)).toBeLessThan(5e-6);
  ours.weights.forEach((values, at) => expect(apart(values, theirs[at]!)).toBeLessThan(5e-6));
}

const named = cases.map((given) => {
  const { found: _, ...said } = given;
  return [JSON.stringify(said), given] as const;
});

it('has cases of gradients that are clipped and that are not', () => {
  const clipped = cases.flatMap(({ clipNorm, found }) => found.norms.map((norm) => clipNorm! < norm));
  expect(new Set(clipped)).toEqual(new Set([true, false]));
  for (const { clipNorm, found } of cases)
    if (clipNorm !== undefined) expect(found.norms.some((norm) => norm > 1.1 * clipNorm)).toBe(true);
});

it.each(named)('updates as PyTorch does, on every backend: %s', async (_, given) =>
  onEveryBackend(async () =>
    expectTheirs(await fitted(recipeOf(given), (...made) => eagerStep(...made, 1)), given),
  ),
);

itOnTensorFlow.each(named)('updates as PyTorch does, compiled: %s', async (_, given) => {
  await useBackend('tensorflow');
  expectTheirs(await fitted(recipeOf(given), (...made) => compiledStep(...made, 1)), given);
});

/** Dropout, and no statistics of a batch. */
function droppingModel(): tf.LayersModel {
  const input = tf.input({ shape: [1, 4, 1] });
  const flat = tf.layers.flatten().apply(input);
  const hidden = tf.layers.dense({ units: 5, name: 'hidden' }).apply(flat);
  const dropped = new SeededDropout({ name: 'drop', rate: 0.4 }).apply(hidden);
  const scores = tf.layers.dense({ units: 3, name: 'dense' }).apply(dropped) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: scores });
  const weights = [
    randomTensor([4, 5], 1),
    randomTensor([5], 2),
    randomTensor([5, 3], 3),
    randomTensor([3], 4),
  ];
  model.setWeights(weights);
  tf.dispose(weights);
  return model;
}

/** The weights after updates by seven images and by five, of batches of this size. */
async function dropping(batchSize: number, accumulate: number | undefined, make: Make) {
  const own = recipeOf({ ...cases[1]!, clipNorm: 0.5 });
  const { accumulate: _, ...one } = own;
  const recipe: Recipe = { ...one, batchSize, ...(accumulate !== undefined && { accumulate }) };
  const model = droppingModel();
  const step = make(model, recipe as RecipeWith<'adamw'>);
  const losses: number[] = [];
  for (const [at, count] of [7, 5, 7].entries()) {
    const values = randomTensor([count, 4], 10 + at);
    const batch = {
      images: (await values.data()) as Float32Array,
      shape: [1, 4, 1] as const,
      labels: Int32Array.from({ length: count }, (__, image) => (image + at) % 3),
    };
    losses.push(await step.run(batch, 0.02, at));
    values.dispose();
  }
  await step.state.sync();
  const weights = await Promise.all(model.getWeights().map((weight) => weight.data()));
  const memory = (await step.state.memory()).map(({ name }) => name);
  step.dispose();
  model.dispose();
  return { numbers: [...losses, ...weights.flatMap((array) => [...array])], memory };
}

async function expectSame(make: Make): Promise<void> {
  const whole = await dropping(7, undefined, make);
  const parts = await dropping(3, 3, make);
  parts.numbers.forEach((value, at) => expect(Math.abs(value - whole.numbers[at]!)).toBeLessThan(2e-6));
  expect(parts.memory).toEqual(whole.memory);
}

it('makes of several batches the update of one batch of their images, with the same dropout, on every backend', () =>
  onEveryBackend(async () => expectSame((...made) => eagerStep(...made, 1))));

itOnTensorFlow('makes of several batches the update of one, compiled', async () => {
  await useBackend('tensorflow');
  await expectSame((...made) => compiledStep(...made, 1));
});

it('holds no tensors after updates of several batches, on every backend', () =>
  onEveryBackend(async () => {
    const model = droppingModel();
    const recipe = { ...recipeOf(cases.at(-1)!), batchSize: 2 };
    const step = eagerStep(model, recipe, 1);
    const batch = {
      images: new Float32Array(20).fill(0.3),
      shape: [1, 4, 1] as const,
      labels: new Int32Array(5),
    };
    await step.run(batch, 0.01, 0);
    const before = tf.memory().numTensors;
    await step.run(batch, 0.01, 1);
    expect(tf.memory().numTensors).toBe(before);
    step.dispose();
    model.dispose();
  }));
