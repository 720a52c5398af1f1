import { datasetInMemory } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import type { RecipeWith } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { tf } from '../../src/core/tf';
import { useBackend } from '../../src/runtime/backend';
import { rangeTest, type RangeTestOptions } from '../../src/train/find-rate';
import { onEveryBackend, randomTensor } from '../support/fixtures';

const recipe: RecipeWith<'momentum'> = {
  dataset: 'toy',
  input: { shape: [1, 2, 1], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 1,
  batchSize: 4,
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0 },
  schedule: { kind: 'constant', rate: 123 },
  warmUp: { epochs: 0.5, from: 0 },
  loss: { kind: 'squaredError', on: 1, off: -1 },
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 1 }, bias: 0 },
  guesses: {},
};

const random = seededRandom(1);
const data = datasetInMemory({
  name: 'toy',
  synthetic: true,
  classes: ['a', 'b'],
  shape: [1, 2, 1],
  labels: Int32Array.of(0, 1, 1, 0), // one batch an epoch, so that the order does not matter
  pixels: Uint8Array.from({ length: 8 }, () => random.integer(256)),
});

function linearModel(): tf.LayersModel {
  const input = tf.input({ shape: [1, 2, 1] });
  const flat = tf.layers.flatten().apply(input);
  const scores = tf.layers.dense({ units: 2, useBias: false, name: 'dense' }).apply(flat);
  const model = tf.model({ inputs: input, outputs: scores as tf.SymbolicTensor });
  model.setWeights([randomTensor([2, 2], 3)]);
  return model;
}

async function found(options: Partial<RangeTestOptions> = {}) {
  const model = linearModel();
  return rangeTest({ model, recipe, data, seed: 1, ...options }).finally(() => model.dispose());
}

/** The same by plain loops in double precision: gradient descent, rates, smoothing, and where it ends. */
async function byHand(from: number, to: number, updates: number) {
  const model = linearModel();
  const w = [...model.getWeights()[0]!.dataSync()];
  model.dispose();
  const x = Array.from(await data.pixels(Int32Array.of(0, 1, 2, 3)), (p) => -1 + (2 * p) / 255);
  const points: { rate: number; loss: number; smoothed: number }[] = [];
  for (let update = 0; update < updates; update++) {
    const rate = Math.exp(Math.log(from) + ((Math.log(to) - Math.log(from)) * update) / (updates - 1));
    const gradient = [0, 0, 0, 0];
    let loss = 0;
    for (let image = 0; image < 4; image++)
      for (const unit of [0, 1]) {
        const target = data.labels[image] === unit ? 1 : -1;
        const difference = x[2 * image]! * w[unit]! + x[2 * image + 1]! * w[2 + unit]! - target;
        loss += difference ** 2 / 8;
        for (const input of [0, 1]) gradient[2 * input + unit]! += (difference * x[2 * image + input]!) / 4;
      }
    for (let k = 0; k < 4; k++) w[k]! -= rate * gradient[k]!;
    // The weighted mean of all losses so far, the newest with weight 1.
    const all = [...points.map((point) => point.loss), loss].toReversed();
    const weights = all.map((_, age) => 0.9 ** age);
    const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
    const smoothed = sum(all.map((value, age) => value * weights[age]!)) / sum(weights);
    points.push({ rate, loss, smoothed });
    if (smoothed > 4 * Math.min(...points.map((point) => point.smoothed))) break;
  }
  return points;
}

it('raises the rate by one factor, smooths the loss, ends where it rises, and proposes a tenth of the best', () =>
  onEveryBackend(async () => {
    const expected = await byHand(0.01, 100, 24);
    const { points, rate, least, rose } = await found({ from: 0.01, to: 100, updates: 24 });
    expect(expected.length).toBeLessThan(24);
    expect(points.length).toBe(expected.length);
    points.forEach((point, at) => {
      const wanted = expected[at]!;
      expect(point.rate / wanted.rate).toBeCloseTo(1, 9);
      expect(point.loss / wanted.loss).toBeCloseTo(1, 3);
      expect(point.smoothed / wanted.smoothed).toBeCloseTo(1, 3);
    });
    const best = expected.toSorted((a, b) => a.smoothed - b.smoothed)[0]!;
    expect(least.rate / best.rate).toBeCloseTo(1, 9);
    expect(rate).toBe(Number((best.rate / 10).toPrecision(2)));
    expect(rose).toBe(true);
  }));

it('says that the loss was still falling at the last rate', async () => {
  await useBackend();
  const { rose, points, least } = await found({ from: 1e-3, to: 0.1, updates: 30 });
  expect(rose).toBe(false);
  expect(points.length).toBe(30);
  expect(least).toBe(points.at(-1));
});

it('proposes none where the loss only rises, and refuses rates that do not', async () => {
  await useBackend();
  const refusal = (options: Partial<RangeTestOptions>) =>
    found(options).then(
      () => 'none',
      (error: unknown) => (error instanceof UserError ? error.message : error),
    );
  expect(await refusal({ from: 50, to: 100, updates: 10 })).toMatch(
    /^range test: expected a loss that falls at some rate between 50 and 100, found [\d.]+ at first and nothing below$/,
  );
  expect(await refusal({ from: 0.1, to: 0.1 })).toMatch(
    /expected rates above 0 that rise, found from 0.1 to 0.1/,
  );
  expect(await refusal({ from: 0 })).toMatch(/expected rates above 0/);
  expect(await refusal({ updates: 1 })).toMatch(/expected at least 2 updates, found 1/);
});

it('ends where the loss is no number, with what there was before', async () => {
  await useBackend();
  const { points } = await found({ from: 1e-2, to: 1e30, updates: 30 });
  expect(points.length).toBeLessThan(30);
  points.forEach(({ loss, smoothed }) => expect([loss, smoothed].every(Number.isFinite)).toBe(true));
});

it('stops when its signal is aborted, with the reason', async () => {
  await useBackend();
  const stop = new AbortController();
  const onUpdate = (done: number) => done === 3 && stop.abort(new Error('enough'));
  await expect(found({ signal: stop.signal, onUpdate: (done) => void onUpdate(done) })).rejects.toThrow(
    'enough',
  );
});
