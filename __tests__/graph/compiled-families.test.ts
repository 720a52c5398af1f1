import { zoo, type NetworkName } from '../../models/registry';
import type { ImageShape, Network, RecipeWith } from '../../src/core/network';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { randomBatch } from '../../src/report/bench/bench';
import { useBackend } from '../../src/runtime/backend';
import { compiledStep } from '../../src/train/step/compiled-step';
import { eagerStep } from '../../src/train/step/eager-step';
import { compiledForward, eagerForward } from '../../src/evaluate/scores/forward';
import { arraysOf } from '../../src/weights/named-array';
import type { GradientRecipe } from '../../src/train/step/gradient-descent';
import { fillWeights, itOnTensorFlow } from '../support/fixtures';

/** One network of each family that learns by gradient, small, and a rate at which it changes visibly. */
const families: readonly (readonly [NetworkName, ImageShape, number])[] = [
  ['lecun1989', [16, 16, 1], 0.005],
  ['lenet5', [32, 32, 1], 0.0005],
  ['lenet-bouvrie', zoo['lenet-bouvrie'].recipe.input.shape, 0.005],
  ['alexnet', [67, 67, 3], 0.0001],
  ['vgg-a-lrn', [32, 32, 3], 0.0001],
  ['nin-cifar10', [16, 16, 3], 0.001],
  ['googlenet', [96, 96, 3], 0.00002],
];

beforeAll(async () => void (await useBackend('tensorflow')));

itOnTensorFlow.each(families)(
  '%s learns by the compiled step as by the eager one',
  async (name, shape, rate) => {
    await expectSame(name, shape, zoo[name].recipe as RecipeWith<'momentum'>, { rate, updates: 20 });
  },
);

itOnTensorFlow.each(families)(
  '%s learns by AdamW, clipped, of two batches an update, compiled as by the eager step',
  async (name, shape) => {
    const recipe = {
      ...zoo[name].recipe,
      optimiser: { kind: 'adamw', beta1: 0.9, beta2: 0.99, epsilon: 0.01 },
      weightDecay: 0.01,
      batchSize: 3, // of the four images: the second batch is smaller
      accumulate: 2,
      clipNorm: 1,
    } as const;
    await expectSame(name, shape, recipe, { rate: 0.0005, updates: 5 });
  },
);

/** Trains by both steps, and compares losses and weights. */
async function expectSame(
  name: NetworkName,
  shape: ImageShape,
  recipe: GradientRecipe,
  { rate, updates }: { readonly rate: number; readonly updates: number },
): Promise<void> {
  const network: Network = zoo[name];
  const make = () => {
    const model = withoutDrawing(() => network.build({ classes: 5, input: shape, seed: 1 }));
    fillWeights(model, 3); // variance 1 / fan-in: larger ones let the last bit grow with every layer
    return model;
  };
  const [one, other] = [make(), make()];
  const [eager, compiled] = [eagerStep(one, recipe, 7), compiledStep(other, recipe, 7)];
  const batch = randomBatch(4, shape, 5);
  const losses = [];
  for (let step = 0; step < updates; step++) {
    const expected = await eager.run(batch, rate, step);
    const found = await compiled.run(batch, rate, step);
    losses.push({ step, expected, difference: Math.abs(found / expected - 1) });
  }
  await compiled.state.sync();
  const theirs = await arraysOf(one.weights);
  const ours = await arraysOf(other.weights);
  const furthest = Math.max(
    ...ours.map(({ values }, index) => {
      const { values: expected } = theirs[index]!;
      return values.reduce(
        (most, value, at) => (value - expected[at]! > most ? value - expected[at]! : most),
        0,
      );
    }),
  );
  expect(losses.filter(({ difference }) => difference > 1e-5)).toEqual([]);
  expect(furthest).toBeLessThan(1e-4);
  expect(losses.at(-1)!.expected).not.toBe(losses[0]!.expected);
  [eager, compiled].forEach((step) => step.dispose());
  [one, other].forEach((model) => model.dispose());
}

/** Those whose layers the families above do not have. */
const others: readonly (readonly [NetworkName, ImageShape])[] = [
  ['neocognitron', [16, 16, 1]],
  ['lenet1', [28, 28, 1]],
  ['lenet5-modern', [32, 32, 1]],
  ['lenet-caffe', [28, 28, 1]],
  ['alexnet-bvlc', [67, 67, 3]],
  ['alexnet-torchvision', [63, 63, 3]],
  ['nin-mnist', [28, 28, 1]],
  ['googlenet-torchvision', [64, 64, 3]],
];

itOnTensorFlow.each([...families.map(([name, shape]) => [name, shape] as const), ...others])(
  '%s gives the scores of its eager pass in the compiled one',
  async (name, shape) => {
    const network: Network = zoo[name];
    const model = withoutDrawing(() => network.build({ classes: 5, input: shape, seed: 1 }));
    fillWeights(model, 3);
    const [eager, compiled] = [eagerForward(model), compiledForward(model)];
    const batch = randomBatch(3, shape, 5);
    const expected = await eager.run(batch);
    const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    (await compiled.run(batch)).forEach((score, at) =>
      expect(Math.abs(score - expected[at]!)).toBeLessThanOrEqual(1e-4 * scale),
    );
    [eager, compiled].forEach((forward) => forward.dispose());
    model.dispose();
  },
);
