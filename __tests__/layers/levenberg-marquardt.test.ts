import { zoo } from '../../models/registry';
import type { Batch } from '../../src/data/loader/batches';
import { datasetInMemory, type Dataset } from '../../src/data/dataset';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { initialise } from '../../src/layers/initialise/initialise';
import { Rbf } from '../../src/layers/rbf';
import { ScaledTanh } from '../../src/layers/scaled-tanh';
import type { Recipe, RecipeWith } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { compiledStep } from '../../src/train/step/compiled-step';
import { eagerStep } from '../../src/train/step/eager-step';
import { overridden } from '../../src/core/recipe/overrides';
import type { Step } from '../../src/train/step/step';
import { stepFor } from '../../src/train/step/choose-step';
import { train } from '../../src/train/train';
import { arraysOf, type NamedArray } from '../../src/weights/named-array';
import { itOnTensorFlow, onEveryBackend, randomTensor } from '../support/fixtures';

type Levenberg = RecipeWith<'diagonalLevenbergMarquardt'>;

const recipe: Levenberg = {
  dataset: 'toy',
  input: { shape: [1, 2, 1], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 3,
  batchSize: 3,
  weightDecay: 0,
  optimiser: { kind: 'diagonalLevenbergMarquardt', mu: 0.02, images: 500 },
  schedule: { kind: 'constant', rate: 0.01 },
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

function model(...layers: tf.layers.Layer[]): tf.LayersModel {
  const input = tf.input({ shape: [1, 2, 1] });
  const below = tf.layers.flatten().apply(input) as tf.SymbolicTensor;
  const outputs = layers.reduce((seen, layer) => layer.apply(seen) as tf.SymbolicTensor, below);
  const built = tf.model({ inputs: input, outputs });
  built.trainableWeights.forEach((weight, index) =>
    weight.write(randomTensor(weight.shape as number[], 3 + index)),
  );
  return built;
}

const linear = () => model(tf.layers.dense({ units: 2, useBias: false, name: 'dense' }));

const codes = [
  [1, -1, 1],
  [-1, -1, 1],
];
const curved = () =>
  model(
    tf.layers.dense({ units: 4, name: 'hidden' }),
    new ScaledTanh(),
    tf.layers.dense({ units: 3, name: 'states' }),
    new ScaledTanh(),
    new Rbf({ name: 'output', codes }),
  );
const withCodes: Levenberg = { ...recipe, loss: { kind: 'rbfPenalty', rival: 3 } };

async function trained(built: tf.LayersModel, given: Recipe, data: Dataset, step?: Step): Promise<number[]> {
  const losses = [];
  for await (const { loss } of train({ model: built, recipe: given, data, seed: 1, ...(step && { step }) }))
    losses.push(loss);
  return losses;
}

it('follows Appendix C, computed apart in double precision, one pattern after the other, on every backend', () =>
  onEveryBackend(async () => {
    const data = toyData(1); // one pattern, so that its order does not matter
    const built = linear();
    const w = [...built.getWeights()[0]!.dataSync()];
    const x = Array.from(await data.pixels(Int32Array.of(0)), (p) => -1 + (2 * p) / 255);
    for (let pass = 0; pass < 3; pass++) {
      const differences = [0, 1].map((unit) => {
        const target = data.labels[0] === unit ? 1 : -1;
        return x[0]! * w[unit]! + x[1]! * w[2 + unit]! - target;
      });
      for (let k = 0; k < 4; k++) {
        const [input, unit] = [k >> 1, k & 1];
        const h = x[input]! ** 2; // ∂²E/∂a² = 1, times the squared state
        w[k]! -= (0.01 / (0.02 + h)) * differences[unit]! * x[input]!;
      }
    }
    await trained(built, recipe, data);
    [...built.getWeights()[0]!.dataSync()].forEach((value, k) => expect(value).toBeCloseTo(w[k]!, 5));
  }));

it('takes the sum over a batch, with the mean curvature of all, so that the published rates hold', async () => {
  await useBackend();
  const data = toyData(4);
  const built = linear();
  const w = [...built.getWeights()[0]!.dataSync()];
  const x = Array.from(await data.pixels(Int32Array.of(0, 1, 2, 3)), (p) => -1 + (2 * p) / 255);
  const expected = w.map((value, k) => {
    const [input, unit] = [k >> 1, k & 1];
    let [sum, h] = [0, 0];
    for (let image = 0; image < 4; image++) {
      const target = data.labels[image] === unit ? 1 : -1;
      const difference = x[2 * image]! * w[unit]! + x[2 * image + 1]! * w[2 + unit]! - target;
      sum += difference * x[2 * image + input]!;
      h += x[2 * image + input]! ** 2 / 4;
    }
    return value - (0.01 / (0.02 + h)) * sum;
  });
  await trained(built, { ...recipe, batchSize: 4, epochs: 1 }, data);
  [...built.getWeights()[0]!.dataSync()].forEach((value, k) => expect(value).toBeCloseTo(expected[k]!, 5));
});

itOnTensorFlow('is the same rule compiled, with decay, rates of their own and averages', async () => {
  await useBackend('tensorflow');
  const full: Levenberg = {
    ...withCodes,
    weightDecay: 0.01,
    multipliers: [{ layers: ['hidden'], weights: 'bias', rate: 2, decay: 0 }],
    averaging: { kind: 'exponential', decay: 0.9 },
  };
  const data = toyData(8); // batches of 3, 3 and 2
  const [one, other] = [curved(), curved()];
  const [eager, compiled] = [eagerStep(one, full, 1), compiledStep(other, full, 1)];
  const [expected, found] = [
    await trained(one, full, data, eager),
    await trained(other, full, data, compiled),
  ];
  expect(new Set(expected).size).toBe(9);
  found.forEach((loss, index) => expect(Math.abs(loss / expected[index]! - 1)).toBeLessThan(1e-5));
  const close = (ours: readonly NamedArray[], theirs: typeof ours) =>
    ours.forEach(({ name, values }, index) => {
      expect(name).toBe(theirs[index]!.name);
      values.forEach((value, at) => expect(value).toBeCloseTo(theirs[index]!.values[at]!, 5));
    });
  close(await arraysOf(other.weights), await arraysOf(one.weights));
  close(await compiled.state.memory(), await eager.state.memory());
  close((await compiled.state.averages())!, (await eager.state.averages())!);
  expect((await eager.state.memory()).map(({ name }) => name)).toContain('curvature/states/kernel');
  [eager, compiled].forEach((step) => step.dispose());
});

it('goes on within and between epochs to the same weights, bit for bit, on every backend', () =>
  onEveryBackend(async (backend) => {
    const data = toyData(8);
    const kinds = backend.startsWith('tensorflow') ? [eagerStep, compiledStep] : [eagerStep];
    for (const stepOf of kinds) {
      const whole = curved();
      const wholeStep = stepOf(whole, withCodes, 1);
      await trained(whole, withCodes, data, wholeStep);
      for (const cut of [4, 6]) {
        const first = curved();
        const firstStep = stepOf(first, withCodes, 1);
        for await (const { step } of train({
          model: first,
          recipe: withCodes,
          data,
          seed: 1,
          step: firstStep,
        }))
          if (step === cut) break;
        const second = curved();
        second.setWeights(first.getWeights());
        const secondStep = stepOf(second, withCodes, 1);
        await secondStep.state.restore(await firstStep.state.memory(), 'memory');
        const rest = { model: second, recipe: withCodes, data, seed: 1, step: secondStep, done: cut };
        const steps = [];
        for await (const { step } of train(rest)) steps.push(step);
        expect(steps.length).toBe(9 - cut);
        expect(await arraysOf(second.weights)).toEqual(await arraysOf(whole.weights));
        expect(await secondStep.state.memory()).toEqual(await wholeStep.state.memory());
        [firstStep, secondStep].forEach((step) => step.dispose());
      }
      wholeStep.dispose();
    }
  }));

it('estimates before each epoch, on so many images of the training set, others in each', async () => {
  await useBackend();
  const data = toyData(40);
  const few: Levenberg = { ...recipe, optimiser: { ...recipe.optimiser, images: 7 } };
  const inner = eagerStep(linear(), few, 1);
  const samples: number[][] = [];
  const watching: Step = {
    ...inner,
    beforeEpoch: (sample) =>
      inner.beforeEpoch!(async function* (images) {
        for await (const batch of sample(images)) {
          samples.push([...batch.images]);
          yield batch;
        }
      }),
  };
  await trained(linear(), few, data, watching);
  expect(samples.map(({ length }) => length)).toEqual([14, 14, 14]);
  expect(new Set(samples.map(String)).size).toBe(3);
  inner.dispose();
});

it('refuses to update before it has estimated', async () => {
  await useBackend();
  const batch: Batch = { images: Float32Array.of(0.1, 0.2), shape: [1, 2, 1], labels: Int32Array.of(0) };
  const step = eagerStep(linear(), recipe, 1);
  await expect(step.run(batch, 0.01, 0)).rejects.toThrow('expected beforeEpoch before the first update');
  step.dispose();
});

it('moves the codes only where the recipe has them trained', async () => {
  await useBackend();
  const codesAfter = async (loss: Recipe['loss']) => {
    const built = curved();
    await trained(built, { ...withCodes, loss }, toyData(8));
    return [...built.getLayer('output').getWeights()[0]!.dataSync()];
  };
  expect(await codesAfter({ kind: 'rbfPenalty', rival: 3, codes: 'fixed' })).toEqual(codes.flat());
  const moved = await codesAfter({ kind: 'rbfPenalty', rival: 3, codes: 'trained' });
  moved.forEach((value, at) => expect(value).not.toBe(codes.flat()[at]));
});

it('teaches LeNet-5 the drawn digits by the step that fits the machine, with the published first rate', async () => {
  await useBackend();
  const { build, recipe: own } = zoo.lenet5;
  const { train: data } = drawDigits({ seed: 1, train: 400, test: 10 });
  const given = overridden(own, [
    'optimiser={"kind":"diagonalLevenbergMarquardt","mu":0.02,"images":100}',
    'schedule={"kind":"constant","rate":0.0005}',
    'initialiser.kernel={"kind":"uniformOverRootFanIn","scale":1.7}',
    'batchSize=1',
    'epochs=3',
  ]);
  const built = build({ classes: 10, seed: 1 });
  initialise(built, given.initialiser, 1);
  const step = stepFor(built, given, 1);
  const losses = await trained(built, given, data, step);
  const mean = (part: readonly number[]) => part.reduce((sum, loss) => sum + loss, 0) / part.length;
  expect(mean(losses.slice(-100))).toBeLessThan(0.5 * mean(losses.slice(0, 40)));
  step.dispose();
});
