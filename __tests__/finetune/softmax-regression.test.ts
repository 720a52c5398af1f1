/** Heads that are solved, beside scikit-learn's solutions: fixtures/weights/softmax_regression.py wrote them. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zoo, type NetworkName } from '../../models/registry';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { freeze, layersLike, learnersOf } from '../../src/finetune/freeze';
import { minimise } from '../../src/finetune/solve/lbfgs';
import { linearHeadOf } from '../../src/finetune/solve/linear-head';
import { isStale, SolvePath } from '../../src/finetune/solve/solve-path';
import {
  designOf,
  measured,
  scaleOf,
  softmaxRegression,
  unscaled,
} from '../../src/finetune/solve/softmax-regression';
import { fixtures } from '../support/places';
import { mainPathOf } from '../../src/layers/layer-walk';

interface Problem {
  readonly values: readonly (readonly number[])[];
  readonly labels: readonly number[];
  readonly solutions: readonly {
    readonly C: number;
    readonly classWeights: readonly number[] | null;
    readonly kernel: readonly (readonly number[])[];
    readonly bias: readonly number[];
    readonly wrong: number;
  }[];
}

const { values, labels, solutions } = JSON.parse(
  readFileSync(join(fixtures, 'weights', 'softmax_regression.json'), 'utf8'),
) as Problem;

/** The rows from one to before another, in blocks of 40. */
function rows(from: number, to: number) {
  const blocks = [];
  for (let at = from; at < to; at += 40) {
    const end = Math.min(at + 40, to);
    blocks.push({
      values: Float32Array.from(values.slice(at, end).flat()),
      labels: Int32Array.from(labels.slice(at, end)),
    });
  }
  return blocks;
}

beforeAll(async () => void (await useBackend()));

it.each(solutions.map((solution) => [solution.C, solution.classWeights ?? 'none', solution] as const))(
  'gives scikit-learn’s weights with C = %p, class weights %p, and leaves no tensor behind',
  async (_, __, { C, classWeights, kernel, bias, wrong }) => {
    const before = tf.memory().numTensors;
    const all = rows(0, labels.length);
    const scale = scaleOf(all, 5);
    const design = designOf(all, scale, 3, classWeights ?? undefined);
    // C·Σ loss + ½‖w‖² is C·rows times mean loss + ½‖w‖² / (C·rows); scaled weights are `deviation` times as large.
    const weightDecay = 1 / (C * labels.length * scale.deviation ** 2);
    const { point, settled } = await softmaxRegression({ designs: [design], weightDecay, most: 1000 });
    expect(settled).toBe(true);
    const found = unscaled(point, scale, 3);
    kernel.flat().forEach((value, at) => expect(found.kernel[at]).toBeCloseTo(value, 3));
    bias.forEach((value, at) => expect(Math.abs(found.bias[at]! - value)).toBeLessThan(5e-3));
    expect((await measured(design, point)).error).toBeCloseTo(wrong / labels.length, 6);
    design.dispose();
    expect(tf.memory().numTensors).toBe(before);
  },
);

it('ends where the gradient, computed in plain loops, is zero', async () => {
  const all = rows(0, labels.length);
  const scale = scaleOf(all, 5);
  const design = designOf(all, scale, 3);
  const weightDecay = 0.01;
  const { point } = await softmaxRegression({ designs: [design], weightDecay, most: 1000 });
  design.dispose();
  const gradient = point.map((weight, at) => (at < 15 ? weightDecay * weight : 0));
  values.forEach((row, index) => {
    const inputs = row.map((value, at) => (value - scale.mean[at]!) / scale.deviation);
    const scores = [0, 1, 2].map((label) =>
      inputs.reduce((sum, input, at) => sum + input * point[at * 3 + label]!, point[15 + label]!),
    );
    const sum = scores.reduce((total, score) => total + Math.exp(score), 0);
    scores.forEach((score, label) => {
      const error = (Math.exp(score) / sum - (labels[index] === label ? 1 : 0)) / labels.length;
      inputs.forEach((input, at) => (gradient[at * 3 + label]! += error * input));
      gradient[15 + label]! += error;
    });
  });
  for (const slope of gradient) expect(Math.abs(slope)).toBeLessThan(2e-5);
});

it('minimises a bowl that is ten thousand times as steep along one axis as along another', async () => {
  const steep = [1, 100, 10_000];
  const least = [3, -2, 0.5];
  const found = await minimise({
    evaluate: async (point) => ({
      value: steep.reduce((sum, factor, at) => sum + 0.5 * factor * (point[at]! - least[at]!) ** 2, 0),
      gradient: point.map((value, at) => steep[at]! * (value - least[at]!)),
    }),
    start: new Float64Array(3),
    tolerance: 1e-6,
    most: 200,
  });
  expect(found.settled).toBe(true);
  found.point.forEach((value, at) => expect(value).toBeCloseTo(least[at]!, 5));
});

it('takes the weight decay of the least loss on the validation images, stops beyond, and says where passes run out', async () => {
  const scale = scaleOf(rows(0, 60), 5);
  const [training, choosing] = [designOf(rows(0, 60), scale, 3), designOf(rows(60, 90), scale, 3)];
  const weightDecays = Array.from({ length: 24 }, (_, at) => 10 ** (2 - at / 4));
  const solve = async (epochs: number) => {
    const settled: boolean[] = [];
    const recipe = { epochs, optimiser: { kind: 'lbfgs', weightDecays, patience: 3 } } as const;
    const path = new SolvePath({
      ...{ training, choosing, recipe, withValidation: false, name: 'toy' },
      onDecay: (solved) => void settled.push(solved.settled),
    });
    return { found: (await path.run())!, settled };
  };
  const { found, settled } = await solve(1000);
  expect(settled).not.toContain(false);
  // Each solved by itself, from zeros.
  const losses: number[] = [];
  for (const weightDecay of weightDecays) {
    const { point } = await softmaxRegression({ designs: [training], weightDecay, most: 1000 });
    losses.push((await measured(choosing, point)).loss);
  }
  const least = losses.indexOf(Math.min(...losses));
  expect(found.chosen.weightDecay).toBe(weightDecays[least]);
  expect(found.chosen.validationLoss).toBeCloseTo(losses[least]!, 3);
  expect(settled.length).toBe(least + 1 + 3);
  expect((await solve(2)).settled).toContain(false);
  training.dispose();
  choosing.dispose();
});

it('is stale after so many losses that are no lower than one before', () => {
  expect(isStale([3, 2, 1, 2, 2], 2)).toBe(true);
  expect(isStale([3, 2, 1, 2, 0.9], 2)).toBe(false);
  expect(isStale([3, 2, 1, 2, 2], 3)).toBe(false);
  expect(isStale([1, 2], 2)).toBe(false);
});

/** The heads of the papers: AlexNet, VGG and GoogLeNet end in a linear layer, NIN in rectified maps under a pooling, LeNet-5 in distances. */
it.each<readonly [NetworkName, number | RegExp]>([
  ['alexnet', 4096],
  ['vgg-a', 4096],
  ['googlenet', 1024],
  ['lenet5-modern', 84],
  ['lenet-caffe', 500],
  ['lenet5', /loss of kind rbfPenalty/],
  ['lecun1989', /loss of kind squaredError/],
  ['nin-cifar10', /cccp6, which learns as well/],
])('says of %s alone above frozen layers whether it can be solved', (name, expected) => {
  const { build, head, recipe } = zoo[name];
  const model = mainPathOf(withoutDrawing(() => build({ classes: 3, seed: 1 })));
  const learners = learnersOf(model, head);
  const all = layersLike(model, ['*']);
  freeze(
    model,
    all.filter((layer) => !learners.includes(layer)),
  );
  const found = linearHeadOf(model, recipe.loss);
  if (found.kind === 'linear') expect(found.parts.featureShape).toEqual([1, 1, expected]);
  else expect(found.why).toMatch(expected as RegExp);
  expect(found.kind).toBe(typeof expected === 'number' ? 'linear' : 'other');
});

it('cannot solve a head below which something learns as well', () => {
  const model = withoutDrawing(() => zoo['lenet5-modern'].build({ classes: 3, seed: 1 }));
  freeze(model, ['C1']);
  expect(linearHeadOf(model, { kind: 'softmaxCrossEntropy' })).toEqual({
    kind: 'other',
    why: expect.stringMatching(/which learns as well/) as string,
  });
});
