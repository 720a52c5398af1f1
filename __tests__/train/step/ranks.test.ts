/** Several ranks that share an update’s images learn what one process learns from all of them. */
import { alone, shareOf, type Communicator } from '../../../src/core/io/process/communicator';
import type { Recipe } from '../../../src/core/network';
import { tf } from '../../../src/core/tf';
import { datasetInMemory, type Dataset } from '../../../src/data/dataset';
import { trainingBatches } from '../../../src/data/loader/batches';
import { SeededDropout } from '../../../src/layers/seeded-dropout';
import { initialise } from '../../../src/layers/initialise/initialise';
import { seededRandom } from '../../../src/core/random';
import { useBackend } from '../../../src/runtime/backend';
import { stepFor } from '../../../src/train/step/choose-step';
import { train } from '../../../src/train/train';
import { arraysOf } from '../../../src/weights/named-array';
import { isSetUp } from '../../../src/runtime/native/native';
import { ranksTogether } from '../../runtime/mpi/ranks-together';

const classes = 4;
const plain: Recipe = {
  dataset: 'toy',
  input: { shape: [8, 8, 1], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 2,
  batchSize: 7,
  weightDecay: 0.001,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.02 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [{ kind: 'flip' }],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: 1.7 }, bias: 0.1 },
  guesses: {},
};

/** 22 images: three batches of 7 and one of a single image, of which but one rank has any. */
function images(): Dataset {
  const random = seededRandom(3);
  return datasetInMemory({
    name: 'toy',
    synthetic: true,
    classes: ['a', 'b', 'c', 'd'],
    labels: Int32Array.from({ length: 22 }, () => random.integer(classes)),
    shape: [8, 8, 1],
    pixels: Uint8Array.from({ length: 22 * 64 }, () => random.integer(256)),
  });
}

function build(recipe: Recipe, normalised: boolean): tf.LayersModel {
  const model = tf.sequential({
    layers: [
      tf.layers.conv2d({ name: 'conv', inputShape: [8, 8, 1], filters: 5, kernelSize: 3 }),
      ...(normalised ? [tf.layers.batchNormalization({ name: 'norm' })] : []),
      tf.layers.reLU({ name: 'relu' }),
      tf.layers.flatten({ name: 'flat' }),
      new SeededDropout({ name: 'drop', rate: 0.4 }),
      tf.layers.dense({ name: 'output', units: classes }),
    ],
  });
  initialise(model, recipe.initialiser, 5);
  return model;
}

interface Learned {
  readonly counts: readonly number[];
  readonly losses: readonly number[];
  readonly weights: readonly (readonly number[])[];
}

async function learned(
  recipe: Recipe,
  kind: 'eager' | 'compiled',
  communicator: Communicator,
  normalised = false,
): Promise<Learned> {
  const model = build(recipe, normalised);
  const step = stepFor(model, recipe, 9, { kind, communicator });
  const losses: number[] = [];
  const counts: number[] = []; // of all ranks’ images
  for await (const { loss, images: count } of train({
    ...{ model, recipe, data: images(), seed: 9, step, communicator },
  })) {
    losses.push(loss);
    counts.push(count);
  }
  const weights = (await arraysOf(model.weights)).map(({ values }) => [...values]);
  step.dispose();
  model.dispose();
  return { counts, losses, weights };
}

const byRanks = (size: number, recipe: Recipe, kind: 'eager' | 'compiled', normalised = false) =>
  Promise.all(ranksTogether(size).map((each) => learned(recipe, kind, each, normalised)));

/** The largest difference of two lists of numbers. */
function apart(one: readonly number[], other: readonly number[]): number {
  expect(other).toHaveLength(one.length);
  return Math.max(...one.map((value, at) => Math.abs(value - other[at]!)));
}

const kinds = isSetUp(false) ? (['eager', 'compiled'] as const) : (['eager'] as const);
const adam = { beta1: 0.9, beta2: 0.99, epsilon: 0.01 } as const;

beforeAll(() => useBackend());

describe.each(kinds)('a step that is %s', (kind) => {
  it.each([
    ['momentum', {}],
    ['several batches an update', { batchSize: 3, accumulate: 2 }],
    ['gradients clipped by the norm of all', { clipNorm: 0.05 }],
    [
      'AdamW and averaged weights',
      {
        optimiser: { kind: 'adamw', ...adam },
        averaging: { kind: 'exponential', decay: 0.9 },
      },
    ],
  ] satisfies [string, Partial<Recipe>][])('learns the same with 2 and 3 ranks: %s', async (_, changes) => {
    const recipe = { ...plain, ...changes };
    const one = await learned(recipe, kind, alone);
    for (const size of [2, 3]) {
      const all = await byRanks(size, recipe, kind);
      for (const { counts, losses, weights } of all) {
        expect(counts).toEqual(one.counts);
        expect(apart(one.losses, losses)).toBeLessThan(2e-6);
        weights.forEach((values, at) => expect(apart(one.weights[at]!, values)).toBeLessThan(5e-6));
      }
      for (const other of all) expect(other).toEqual(all[0]); // bit for bit
      if (size === 2) expect(await byRanks(size, recipe, kind)).toEqual(all);
    }
  });

  it('normalises each rank’s images by themselves, and keeps the mean of the ranks’ statistics', async () => {
    const recipe = { ...plain, batchSize: 22, epochs: 1, augment: [] };
    const [one, ...others] = await byRanks(2, recipe, kind, true);
    expect(others).toEqual([one]);
    // The mean of the halves’ means is that of all; so it is not with the variances.
    const whole = await learned(recipe, kind, alone, true);
    const [mean, variance] = [-2, -1].map((at) => [whole.weights.at(at)!, one!.weights.at(at)!] as const);
    expect(mean![0]).toHaveLength(5);
    expect(apart(...mean!)).toBeLessThan(1e-6);
    expect(apart(...variance!)).toBeGreaterThan(1e-6);
    expect(apart(whole.losses, one!.losses)).toBeGreaterThan(1e-5);
  });
});

it('deals out the rows of a batch, so that no two ranks have one', async () => {
  expect([0, 1, 2].map((rank) => shareOf(7, { rank, size: 3 }))).toEqual([
    { first: 0, end: 2 },
    { first: 2, end: 4 },
    { first: 4, end: 7 },
  ]);
  const options = { data: images(), recipe: plain, seed: 1, done: 3 };
  const read = async (communicator: Communicator) => {
    const found: { labels: number[]; first: number | undefined; images: number[] }[] = [];
    for await (const { labels, place, images: pixels } of trainingBatches({ ...options, communicator }))
      found.push({ labels: [...labels], first: place?.first, images: [...pixels] });
    return found;
  };
  const whole = await read(alone);
  const ranks = await Promise.all(ranksTogether(3).map(read));
  whole.forEach(({ labels, images: pixels }, at) => {
    expect(ranks.flatMap((rank) => rank[at]!.labels)).toEqual(labels);
    expect(ranks.flatMap((rank) => rank[at]!.images)).toEqual(pixels);
  });
  expect(ranks.map((rank) => rank[1]!.first)).toEqual([0, 2, 4]);
});

it('refuses a rule whose changes cannot be added up', () => {
  const recipe = { ...plain, optimiser: { kind: 'winnerTakeAll' } } as unknown as Recipe;
  const [communicator] = ranksTogether(2);
  expect(() => stepFor(build(plain, false), recipe, 1, { communicator })).toThrow(
    'expected an optimiser whose gradients 2 ranks can add up, found winnerTakeAll; train it by one',
  );
});
