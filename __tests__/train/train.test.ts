import { datasetInMemory, type Dataset } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import type { RecipeWith } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { tf } from '../../src/core/tf';
import { eagerStep } from '../../src/train/step/eager-step';
import { train, type TrainOptions, type Update } from '../../src/train/train';
import { arraysOf } from '../../src/weights/named-array';
import { onEveryBackend, randomTensor } from '../support/fixtures';
import { useBackend } from '../../src/runtime/backend';

/** Two numbers, two classes, a linear model: small enough to follow by hand. */
const recipe: RecipeWith<'momentum'> = {
  dataset: 'toy',
  input: { shape: [1, 2, 1], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 3,
  batchSize: 4,
  weightDecay: 0.1,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.05 },
  loss: { kind: 'squaredError', on: 1, off: -1 },
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 1 }, bias: 0 },
  guesses: {},
};

function toyData(images: number): Dataset {
  const random = seededRandom(1);
  return datasetInMemory({
    name: 'toy',
    synthetic: true,
    classes: ['a', 'b'],
    shape: [1, 2, 1],
    labels: Int32Array.from({ length: images }, () => random.integer(2)),
    pixels: Uint8Array.from({ length: 2 * images }, () => random.integer(256)),
  });
}

function linearModel(): tf.LayersModel {
  const input = tf.input({ shape: [1, 2, 1] });
  const flat = tf.layers.flatten().apply(input);
  const scores = tf.layers
    .dense({ units: 2, useBias: false, name: 'dense' })
    .apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: scores });
  model.setWeights([randomTensor([2, 2], 3)]);
  return model;
}

async function updatesOf(options: TrainOptions): Promise<Update[]> {
  const updates = [];
  for await (const update of train(options)) updates.push(update);
  return updates;
}

it('follows the momentum rule with weight decay, computed apart in double precision, on every backend', () =>
  onEveryBackend(async () => {
    const data = toyData(4); // one batch an epoch, so that the order does not matter
    const model = linearModel();
    const pixels = await data.pixels(Int32Array.of(0, 1, 2, 3));
    const x = Array.from(pixels, (p) => -1 + (2 * p) / 255);
    const w = [...model.getWeights()[0]!.dataSync()];
    const v = [0, 0, 0, 0];
    const losses: number[] = [];
    for (let epoch = 0; epoch < 3; epoch++) {
      const gradient = [0, 0, 0, 0];
      let loss = 0;
      for (let image = 0; image < 4; image++) {
        for (let unit = 0; unit < 2; unit++) {
          const target = data.labels[image] === unit ? 1 : -1;
          const difference = x[2 * image]! * w[unit]! + x[2 * image + 1]! * w[2 + unit]! - target;
          loss += difference ** 2 / 2 / 4;
          for (const input of [0, 1]) gradient[2 * input + unit]! += (difference * x[2 * image + input]!) / 4;
        }
      }
      losses.push(loss);
      for (let k = 0; k < 4; k++) {
        v[k] = 0.9 * v[k]! - 0.05 * (gradient[k]! + 0.1 * w[k]!);
        w[k]! += v[k]!;
      }
    }
    const updates = await updatesOf({ model, recipe, data, seed: 1 });
    updates.forEach(({ loss }, index) => expect(loss).toBeCloseTo(losses[index]!, 5));
    [...model.getWeights()[0]!.dataSync()].forEach((value, k) => expect(value).toBeCloseTo(w[k]!, 5));
  }));

it('counts epochs and updates, with a smaller batch at the end of each epoch', async () => {
  await useBackend();
  const updates = await updatesOf({ model: linearModel(), recipe, data: toyData(10), seed: 1 });
  expect(updates.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2]);
  expect(updates.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(updates.map(({ images }) => images)).toEqual([4, 4, 2, 4, 4, 2, 4, 4, 2]);
});

it('goes on from a saved state to the same weights, bit for bit', async () => {
  await useBackend();
  const data = toyData(10);
  const whole = linearModel();
  await updatesOf({ model: whole, recipe, data, seed: 5, step: eagerStep(whole, recipe, 5) });

  const first = linearModel();
  const firstStep = eagerStep(first, recipe, 5);
  for await (const { step } of train({ model: first, recipe, data, seed: 5, step: firstStep }))
    if (step === 5) break;
  const second = linearModel();
  second.setWeights(first.getWeights());
  const secondStep = eagerStep(second, recipe, 5);
  await secondStep.state.restore(await firstStep.state.memory(), 'memory');
  const updates = await updatesOf({ model: second, recipe, data, seed: 5, step: secondStep, done: 5 });
  expect(updates.map(({ step }) => step)).toEqual([6, 7, 8, 9]);
  expect(await arraysOf(second.weights)).toEqual(await arraysOf(whole.weights));
});

it('stops on a loss that is no number, naming step, epoch and rate', async () => {
  await useBackend();
  const wild = { ...recipe, schedule: { kind: 'constant', rate: 1e30 } } as const;
  const training = updatesOf({ model: linearModel(), recipe: wild, data: toyData(10), seed: 1 });
  await expect(training).rejects.toThrow(UserError);
  await expect(training).rejects.toThrow(
    /expected a finite loss, found (NaN|Infinity) at step \d+ \(epoch \d, rate 1e\+30\)/,
  );
});

it('keeps the number of tensors flat and leaves none behind', async () => {
  await useBackend();
  const model = linearModel();
  const before = tf.memory().numTensors;
  const counts = new Set<number>();
  for await (const update of train({ model, recipe, data: toyData(40), seed: 1 })) {
    counts.add(tf.memory().numTensors);
    expect(update.loss).toBeGreaterThan(0);
  }
  expect(counts.size).toBe(1);
  expect(tf.memory().numTensors).toBe(before);
});
