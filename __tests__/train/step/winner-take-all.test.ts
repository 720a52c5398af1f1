import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CCells } from '../../../src/layers/neocognitron/c-cells';
import { ClassVotes } from '../../../src/layers/neocognitron/class-votes';
import { SCells } from '../../../src/layers/neocognitron/s-cells';
import type { Recipe } from '../../../src/core/network';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { representatives } from '../../../src/train/step/winner-take-all/representatives';
import { loadCheckpoint, saveCheckpoint } from '../../../src/train/run/checkpoint';
import { stepFor } from '../../../src/train/step/choose-step';
import { gradientError, modelOf, onEveryBackend, randomTensor } from '../../support/fixtures';

const cells = { planes: 3, kernelSize: 3, cells: 4, selectivity: 2, decay: 0.5 };

const recipe: Recipe = {
  dataset: 'toy',
  input: { shape: [4, 4, 2], preprocess: [] },
  epochs: 1,
  batchSize: 1,
  weightDecay: 0,
  optimiser: { kind: 'winnerTakeAll', layers: [{ name: 'S', speed: 4, column: 3 }] },
  schedule: { kind: 'constant', rate: 1 },
  loss: { kind: 'squaredError', on: 1, off: 0 },
  augment: [],
  initialiser: { kernel: { kind: 'preferredDirections', sum: 0.1, preference: 0.2 }, bias: 0 },
  guesses: {},
};

/** Two planes of 4×4 below three of S-cells, pooled to one cell each. */
function toyModel(): tf.LayersModel {
  const input = tf.input({ shape: [4, 4, 2] });
  const features = new SCells({ name: 'S', ...cells }).apply(input);
  const pooled = new CCells({
    name: 'C',
    kernelSize: 4,
    cells: 1,
    saturation: 0.5,
    strength: 1,
    decay: 0.8,
  }).apply(features) as tf.SymbolicTensor;
  const flat = tf.layers.flatten().apply(pooled);
  const scores = new ClassVotes({ name: 'readout', classes: 2 }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: scores });
  const [a, b] = model.getLayer('S').getWeights();
  model.getLayer('S').setWeights([randomTensor(a!.shape, 1).abs(), randomTensor(b!.shape, 2).abs()]);
  return model;
}

it('takes from each plane the strongest of the cells that are strongest in a column', () => {
  // Two planes of 3×3, columns of 2×2. Plane 0 wins the columns with its 9 and its 5; plane 1 is beaten or silent.
  const [zero, one] = [
    [9, 0, 0, 0, 0, 0, 0, 0, 5],
    [0, 3, 0, 0, 0, 0, 0, 0, 0],
  ];
  const outputs = Float32Array.from({ length: 18 }, (_, at) => [zero, one][at % 2]![at >> 1]!);
  expect(representatives(outputs, 3, 2)).toEqual([
    { plane: 0, row: 0, column: 0 },
    { plane: 1, row: 0, column: 1 }, // strongest of the column at the upper right
  ]);
  expect(representatives(new Float32Array(18), 3, 2)).toEqual([]);
});

it('adds to the synapses what eq. 7 and 8 say, found by plain search, and counts the label, on every backend', () =>
  onEveryBackend(async () => {
    const model = toyModel();
    const layer = model.getLayer('S');
    const images = Float32Array.from(randomTensor([32], 7).abs().dataSync());
    const before = layer.getWeights().map((weight) => [...weight.dataSync()]);
    const u = [...(layer.apply(tf.tensor4d(images, [1, 4, 4, 2])) as tf.Tensor).dataSync()];
    const expected = naiveUpdate(images, u, before as [number[], number[]]);
    const { name } = model.getLayer('C').output as tf.SymbolicTensor;
    const pooled = [...(model.execute(tf.tensor4d(images, [1, 4, 4, 2]), name) as tf.Tensor).dataSync()];
    const step = stepFor(model, recipe, 1);
    const loss = await step.run({ images, shape: [4, 4, 2], labels: Int32Array.of(1) }, 0.5, 0);
    expect(loss).toBe(0.5); // no votes are cast yet: ½(1 − 0)²
    layer
      .getWeights()
      .forEach((weight, index) =>
        weight.dataSync().forEach((value, at) => expect(value).toBeCloseTo(expected[index]![at]!, 5)),
      );
    const counts = [0, 0, 0, 0, 0, 0];
    counts[2 * pooled.indexOf(Math.max(...pooled)) + 1] = 1;
    expect([...model.getLayer('readout').getWeights()[0]!.dataSync()]).toEqual(counts);
    expect(step.state).toBeUndefined(); // nothing but the weights
  }));

it('goes on from a checkpoint of its own, and from none that holds another rule’s memory', async () => {
  await useBackend();
  const folder = await mkdtemp(join(tmpdir(), 'winner-take-all-'));
  const file = join(folder, 'last.safetensors');
  const model = toyModel();
  const step = stepFor(model, recipe, 1);
  const progress = { done: 1, epochs: 0, lossSum: 0, images: 1, seconds: 0, best: null, plateau: null };
  await saveCheckpoint(file, model, step, progress);
  expect(await loadCheckpoint(file, model, step)).toEqual(progress);
  const memory = async () => [{ name: 'velocity/S/kernel', shape: [1], values: Float32Array.of(0) }];
  const state = { memory, sync: async () => {}, averages: async () => null, restore: async () => {} };
  await saveCheckpoint(file, model, { state }, progress);
  await expect(loadCheckpoint(file, model, step)).rejects.toThrow(
    `${file}: found a tensor velocity/S/kernel that the model does not have`,
  );
  await rm(folder, { recursive: true });
});

it('S-cells and C-cells have the gradients that finite differences give, on every backend', () =>
  onEveryBackend(async () => {
    const positive = (model: tf.LayersModel) => {
      model.setWeights(model.getWeights().map((weight) => weight.abs()));
      return model;
    };
    const input = randomTensor([2, 4, 4, 2], 5).abs().add(0.1);
    expect(await gradientError(positive(modelOf(new SCells(cells), [4, 4, 2], 3)), input, 1e-3)).toBeLessThan(
      1e-2,
    );
    const pooling = new CCells({ kernelSize: 3, cells: 2, saturation: 0.5, strength: 1, decay: 0.8 });
    expect(await gradientError(modelOf(pooling, [4, 4, 2], 3), input, 1e-3)).toBeLessThan(1e-2);
  }));

it('refuses planes that do not lie over each other', async () => {
  await useBackend();
  expect(() => modelOf(new SCells(cells), [5, 5, 2], 1)).toThrow(/planes below of 4 to 6 cells.*found 5x5/);
  expect(() => modelOf(new SCells(cells), [9, 9, 2], 1)).toThrow(/found 9x9/);
});

/** The rule once more, cell by cell, for one image of 4×4×2 with q = 4 · 0.5. */
function naiveUpdate(images: Float32Array, u: number[], [a, b]: [number[], number[]]): number[][] {
  const q = 2;
  const cell = (y: number, x: number, plane: number) => u[(y * 4 + x) * 3 + plane]!;
  const everywhere = [0, 1, 2, 3].flatMap((y) => [0, 1, 2, 3].map((x) => [y, x] as const));
  const sumOfC = 2 * (1 + 4 * 0.5 + 4 * 0.5 ** Math.SQRT2);
  const [nextA, nextB] = [[...a], [...b]];
  for (const plane of [0, 1, 2]) {
    const isCandidate = ([y, x]: readonly [number, number]) =>
      [0, 1].some((top) =>
        [0, 1].some(
          (left) =>
            y >= top &&
            y < top + 3 &&
            x >= left &&
            x < left + 3 &&
            cell(y, x, plane) > 0 &&
            everywhere
              .filter(([i, j]) => i >= top && i < top + 3 && j >= left && j < left + 3)
              .every(([i, j]) => [0, 1, 2].every((k) => cell(i, j, k) <= cell(y, x, plane))),
        ),
      );
    const [best] = everywhere
      .filter(isCandidate)
      .toSorted(([y, x], [i, j]) => cell(i, j, plane) - cell(y, x, plane));
    if (!best) continue;
    let square = 0;
    for (const dy of [-1, 0, 1]) {
      for (const dx of [-1, 0, 1]) {
        const [y, x] = [best[0] + dy, best[1] + dx];
        if (y < 0 || y > 3 || x < 0 || x > 3) continue;
        for (const below of [0, 1]) {
          const input = images[(y * 4 + x) * 2 + below]!;
          const c = 0.5 ** Math.hypot(dy, dx) / sumOfC;
          nextA[(((dy + 1) * 3 + dx + 1) * 2 + below) * 3 + plane]! += q * c * input;
          square += c * input ** 2;
        }
      }
    }
    nextB[plane]! += (q / 2) * Math.sqrt(square);
  }
  return [nextA, nextB];
}
