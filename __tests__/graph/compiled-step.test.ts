import { zoo } from '../../models/registry';
import type { Batch } from '../../src/data/loader/batches';
import { Untraceable } from '../../src/graph/record/untraceable';
import { initialise } from '../../src/layers/initialise/initialise';
import { Lrn } from '../../src/layers/lrn';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import type { RecipeWith } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { compiledStep } from '../../src/train/step/compiled-step';
import { eagerStep } from '../../src/train/step/eager-step';
import { compiledForward } from '../../src/evaluate/scores/forward';
import type { Step } from '../../src/train/step/step';
import { arraysOf, type NamedArray } from '../../src/weights/named-array';
import { itOnTensorFlow } from '../support/fixtures';

/** Everything at once: batch normalisation, dropout, LRN, an auxiliary head, rates of their own, decay, averages. */
const recipe: RecipeWith<'momentum'> = {
  dataset: 'toy',
  input: { shape: [8, 8, 2], preprocess: [] },
  epochs: 1,
  batchSize: 6,
  weightDecay: 0.01,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.02 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [],
  initialiser: { kernel: { kind: 'uniformOverRootFanIn', scale: 1.7 }, bias: 0.1 },
  multipliers: [{ layers: 'all', weights: 'bias', rate: 2, decay: 0 }],
  auxiliary: { side: 0.3 },
  averaging: { kind: 'exponential', decay: 0.9 },
  guesses: {},
};

function model(): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 2] });
  const join = (x: tf.SymbolicTensor, ...layers: tf.layers.Layer[]) =>
    layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, x);
  const stem = join(
    input,
    tf.layers.conv2d({
      name: 'conv',
      filters: 6,
      kernelSize: 3,
      activation: 'relu',
      kernelInitializer: 'zeros',
    }),
    tf.layers.batchNormalization({ name: 'norm' }),
    new Lrn({ name: 'lrn', size: 3, k: 2, alpha: 0.1, beta: 0.75 }),
    tf.layers.maxPooling2d({ name: 'pool', poolSize: 2 }),
  );
  const dense = (name: string) => tf.layers.dense({ name, units: 4, kernelInitializer: 'zeros' });
  const flat = join(
    stem,
    tf.layers.flatten({ name: 'flat' }),
    new SeededDropout({ name: 'drop', rate: 0.4 }),
  );
  const main = join(
    flat,
    tf.layers.dense({ name: 'hidden', units: 10, activation: 'tanh', kernelInitializer: 'zeros' }),
    dense('main'),
  );
  const built = tf.model({ inputs: input, outputs: [main, join(flat, dense('side'))] });
  initialise(built, recipe.initialiser, 3);
  return built;
}

function batch(size: number, seed: number): Batch {
  const random = seededRandom(seed);
  const images = Float32Array.from({ length: size * 128 }, () => random.uniform(-1, 1));
  return { images, shape: [8, 8, 2], labels: Int32Array.from({ length: size }, () => random.integer(4)) };
}

/** Twenty updates, every fifth on a smaller batch, as at the end of an epoch. */
async function losses(step: Step, from = 0, to = 20): Promise<number[]> {
  const found = [];
  for (let index = from; index < to; index++)
    found.push(await step.run(batch(index % 5 === 4 ? 3 : 6, index), 0.02, index));
  return found;
}

function expectClose(ours: readonly NamedArray[], theirs: readonly NamedArray[], precision: number): void {
  expect(ours.map(({ name }) => name)).toEqual(theirs.map(({ name }) => name));
  ours.forEach(({ values }, index) =>
    values.forEach((value, at) =>
      expect(Math.abs(value - theirs[index]!.values[at]!)).toBeLessThan(precision),
    ),
  );
}

beforeAll(async () => void (await useBackend('tensorflow')));

itOnTensorFlow(
  'gives the losses, weights, velocities and averages of the eager step over 20 updates',
  async () => {
    const [one, other] = [model(), model()];
    const [eager, compiled] = [eagerStep(one, recipe, 7), compiledStep(other, recipe, 7)];
    const [expected, found] = [await losses(eager), await losses(compiled)];
    found.forEach((loss, index) => expect(Math.abs(loss / expected[index]! - 1)).toBeLessThan(1e-5));
    expect(new Set(expected).size).toBe(20);
    await compiled.state.sync();
    expectClose(await arraysOf(other.weights), await arraysOf(one.weights), 1e-5);
    expectClose(await compiled.state.memory(), await eager.state.memory(), 1e-5);
    expectClose((await compiled.state.averages())!, (await eager.state.averages())!, 1e-5);
    const moving = one.getLayer('norm').getWeights()[2]!.dataSync();
    expect(moving.some((value) => value !== 0)).toBe(true);
    [eager, compiled].forEach((step) => step.dispose());
  },
);

itOnTensorFlow('the larger loss that float16 is given leaves losses and updates as they are', async () => {
  // On a CPU without float16 the graph stays in float32: what is left of the option is the factor on the loss.
  const [one, other] = [model(), model()];
  const [plain, scaled] = [compiledStep(one, recipe, 7), compiledStep(other, recipe, 7, { float16: true })];
  const [expected, found] = [await losses(plain), await losses(scaled)];
  found.forEach((loss, index) => expect(Math.abs(loss / expected[index]! - 1)).toBeLessThan(1e-5));
  await Promise.all([plain.state.sync(), scaled.state.sync()]);
  expectClose(await arraysOf(other.weights), await arraysOf(one.weights), 1e-5);
  [plain, scaled].forEach((step) => step.dispose());
});

itOnTensorFlow('goes on from its memory to the same weights, bit for bit', async () => {
  const whole = model();
  const wholeStep = compiledStep(whole, recipe, 7);
  await losses(wholeStep);
  await wholeStep.state.sync();

  const first = model();
  const firstStep = compiledStep(first, recipe, 7);
  await losses(firstStep, 0, 8);
  await firstStep.state.sync();
  const second = model();
  second.setWeights(first.getWeights());
  const secondStep = compiledStep(second, recipe, 7);
  await secondStep.state.restore(await firstStep.state.memory(), 'memory');
  await losses(secondStep, 8, 20);
  await secondStep.state.sync();
  expect(await arraysOf(second.weights)).toEqual(await arraysOf(whole.weights));
  expect(await secondStep.state.memory()).toEqual(await wholeStep.state.memory());
  [wholeStep, firstStep, secondStep].forEach((step) => step.dispose());
});

itOnTensorFlow('leaves the event loop free while it computes', async () => {
  const { build, recipe: lenet } = zoo.lenet5;
  const step = compiledStep(build({ classes: 10, seed: 1 }), lenet, 1);
  const random = seededRandom(1);
  const size = 512;
  const large: Batch = {
    images: Float32Array.from({ length: size * 1024 }, () => random.uniform(-1, 1)),
    shape: [32, 32, 1],
    labels: Int32Array.from({ length: size }, () => random.integer(10)),
  };
  await step.run(large, 0.001, 0);
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  for (let index = 1; index < 6; index++) await step.run(large, 0.001, index);
  clearInterval(timer);
  expect(turns).toBeGreaterThan(5);
  step.dispose();
});

class Reading extends tf.layers.Layer {
  static readonly className = 'Reading';
  override call(inputs: tf.Tensor[]): tf.Tensor {
    return inputs[0]!.mul(inputs[0]!.sum().dataSync()[0]!);
  }
}

class RandomInJavaScript extends tf.layers.Layer {
  static readonly className = 'RandomInJavaScript';
  override call(inputs: tf.Tensor[]): tf.Tensor {
    return inputs[0]!.add(tf.tensor1d(Float32Array.from({ length: 2 }, (_, index) => index / 7)));
  }
}

class CountingCalls extends tf.layers.Layer {
  static readonly className = 'CountingCalls';
  private calls = 0;
  override call(inputs: tf.Tensor[]): tf.Tensor {
    return inputs[0]!.mul(++this.calls);
  }
}

/** Normalisation, so that recording assigns moving statistics, and then a layer that cannot be recorded. */
function untraceable(layer: tf.layers.Layer): tf.LayersModel {
  const input = tf.input({ shape: [8, 8, 2] });
  const norm = tf.layers.batchNormalization({ name: 'norm' }).apply(input) as tf.SymbolicTensor;
  const scores = tf.layers
    .dense({ units: 4 })
    .apply(tf.layers.flatten().apply(layer.apply(norm))) as tf.SymbolicTensor;
  return tf.model({ inputs: input, outputs: scores });
}
const { auxiliary: _oneOutput, ...plain } = recipe;

itOnTensorFlow.each([
  [
    'a value that is read in JavaScript',
    () => new Reading(),
    /layer reading.*found dataSync\(\) or data\(\)/,
  ],
  [
    'numbers that are made in JavaScript',
    () => new RandomInJavaScript(),
    /layer random_in.*tensor \[2\]: it would stay the same/,
  ],
  [
    'a number from JavaScript that is another one each time',
    () => new CountingCalls(),
    /layer counting_calls.*tensor \[\]: it would stay the same/,
  ],
])('refuses %s, naming the layer', async (_, layer, message) => {
  const refused = untraceable(layer());
  const step = compiledStep(refused, plain, 1);
  const before = { tensors: tf.memory().numTensors, weights: await arraysOf(refused.weights) };
  const attempt = step.run(batch(6, 1), 0.01, 0);
  await expect(attempt).rejects.toThrow(Untraceable);
  await expect(attempt).rejects.toThrow(message);
  expect(tf.memory().numTensors).toBe(before.tensors);
  expect(await arraysOf(refused.weights)).toEqual(before.weights);
  step.dispose();
});

itOnTensorFlow('may be disposed of at any moment, and refuses to go on then', async () => {
  const gone = 'expected a session that is open, found one that was disposed of';
  const step = compiledStep(model(), recipe, 1);
  const recording = step.run(batch(6, 1), 0.01, 0);
  step.dispose();
  await expect(recording).rejects.toThrow(gone);
  const other = compiledStep(model(), recipe, 1);
  await other.run(batch(6, 1), 0.01, 0);
  const running = other.run(batch(6, 1), 0.01, 1);
  await Promise.resolve().then(() => Promise.resolve()); // it is handed to TensorFlow
  other.dispose();
  other.dispose();
  await running.catch((error: Error) => expect(error.message).toBe(gone));
  await expect(other.run(batch(6, 1), 0.01, 1)).rejects.toThrow(gone);
});

itOnTensorFlow('a failure stays that of its own run, whatever is recorded meanwhile', async () => {
  const forward = compiledForward(model());
  await forward.run(batch(6, 1));
  const wrong = { ...batch(6, 1), shape: [8, 4, 4] as const };
  const both = await Promise.allSettled([forward.run(wrong), forward.run(batch(3, 1))]);
  expect(both.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  forward.dispose();
});

itOnTensorFlow('checks what it is fed before any native call', async () => {
  const step = compiledStep(model(), recipe, 1);
  await step.run(batch(6, 1), 0.01, 0);
  const short = { ...batch(6, 1), images: new Float32Array(5) };
  await expect(step.run(short, 0.01, 1)).rejects.toThrow(
    'expected 768 elements for the shape [6, 8, 8, 2], found 5',
  );
  step.dispose();
});
