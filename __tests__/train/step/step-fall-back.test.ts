import type { Batch } from '../../../src/data/loader/batches';
import { UserError } from '../../../src/core/errors';
import type { Recipe } from '../../../src/core/network';
import { randomBatch } from '../../../src/report/bench/bench';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { forwardFor } from '../../../src/evaluate/scores/forward';
import { stepFor } from '../../../src/train/step/choose-step';
import { balancedWeights } from '../../../src/finetune/finetune-recipe';
import { itOnTensorFlow } from '../../support/fixtures';

const recipe: Recipe = {
  dataset: 'toy',
  input: { shape: [4, 4, 1], preprocess: [] },
  epochs: 1,
  batchSize: 4,
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.1 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: 1 }, bias: 0 },
  guesses: {},
};

/** Reads what it sees in JavaScript, so that no graph can hold it; of batches of a given size only, where one is given. */
class Reading extends tf.layers.Layer {
  static readonly className = 'ReadingSome';
  constructor(private readonly size: number | null) {
    super({ name: 'reading' });
  }
  override call(inputs: tf.Tensor[]): tf.Tensor {
    const [input] = inputs;
    if (this.size !== null && input!.shape[0] !== this.size) return input!.clone();
    return input!.mul(Math.min(2, 1 + Math.abs(input!.sum().dataSync()[0]!)));
  }
}

function model(size: number | null): tf.LayersModel {
  const image = tf.input({ shape: [4, 4, 1] });
  const flat = tf.layers.flatten({}).apply(new Reading(size).apply(image));
  const units = tf.layers.dense({ name: 'units', units: 3, kernelInitializer: 'zeros' });
  return tf.model({ inputs: image, outputs: units.apply(flat) as tf.SymbolicTensor });
}

const batchOf = (size: number): Batch => ({
  ...randomBatch(size, [4, 4, 1], size),
  labels: Int32Array.from({ length: size }, (_, index) => index % 3),
});

beforeAll(async () => void (await useBackend('tensorflow')));

itOnTensorFlow.each([
  ["step: 'compiled'", { kind: 'compiled' }],
  ["precision: 'float16'", { kind: 'auto', precision: 'float16' }],
] as const)('%s refuses a network that cannot be recorded, in one line', async (option, choice) => {
  const step = stepFor(model(null), recipe, 1, choice);
  const refusal = await step.run(batchOf(4), 0.1, 0).catch((error: unknown) => error as Error);
  expect(refusal).toBeInstanceOf(UserError);
  expect((refusal as Error).message).toMatch(
    new RegExp(
      `^${option}: expected a network that can be recorded as one graph.*layer reading.*dataSync.*$`,
    ),
  );
  step.dispose();
});

itOnTensorFlow('an evaluation in a precision refuses such a network in one line as well', async () => {
  const forward = forwardFor(model(null), { precision: 'float16' });
  await expect(forward.run(batchOf(4))).rejects.toThrow(UserError);
  await expect(forward.layerTimes(batchOf(4))).rejects.toThrow(/^precision: 'float16': expected/);
  forward.dispose();
});

itOnTensorFlow(
  'falls back with a note at whatever batch it is, and goes on with the weights and velocities of then',
  async () => {
    const notes: string[] = [];
    const sizes = [4, 4, 2, 4, 2]; // batches of 2 cannot be recorded
    const [one, other] = [model(2), model(2)];
    const automatic = stepFor(one, recipe, 1, { onFallBack: (why) => void notes.push(why) });
    const eager = stepFor(other, recipe, 1, { kind: 'eager' });
    expect(automatic.profile).toBeDefined();
    for (const [index, size] of sizes.entries()) {
      const expected = await eager.run(batchOf(size), 0.1, index);
      expect(await automatic.run(batchOf(size), 0.1, index)).toBeCloseTo(expected, 5);
    }
    expect(notes).toEqual([expect.stringMatching(/^eager step, for .*layer reading/)]);
    expect(automatic.profile).toBeUndefined();
    const [expected, found] = [await eager.state!.memory(), await automatic.state!.memory()];
    expect(found.map(({ name }) => name)).toEqual(expected.map(({ name }) => name));
    found.forEach(({ values }, at) =>
      values.forEach((value, index) => expect(value).toBeCloseTo(expected[at]!.values[index]!, 5)),
    );
    [automatic, eager].forEach((step) => step.dispose());
  },
);

it('balanced class weights have the mean 1 over all images, also where a class has none', () => {
  const labels = Int32Array.from([0, 0, 0, 0, 0, 0, 1, 1, 3]);
  const weights = balancedWeights(labels, 4);
  const sums = [0, 1, 2, 3].map((label) => {
    const images = labels.filter((other) => other === label).length;
    return images * weights[label]!;
  });
  expect(sums.reduce((sum, one) => sum + one)).toBeCloseTo(labels.length, 10);
  expect(sums.filter((sum) => sum > 0)).toEqual([3, 3, 3].map((sum) => expect.closeTo(sum, 10) as number));
  expect(weights[2]).toBe(1);
});
