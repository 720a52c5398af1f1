import { family as googlenet } from '../../models/googlenet';
import { datasetInMemory } from '../../src/data/dataset';
import { UserError } from '../../src/core/errors';
import { AdaptiveAveragePool } from '../../src/layers/adaptive-average-pool';
import { shareWeights } from '../../src/layers/fully-connected';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { prepareDropout } from '../../src/layers/seeded-dropout';
import type { Recipe } from '../../src/core/network';
import { seededRandom } from '../../src/core/random';
import { describeModel } from '../../src/describe/describe-model';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { stepFor } from '../../src/train/step/choose-step';
import { recipeSchema } from '../../src/core/recipe/schema';
import { train } from '../../src/train/train';
import { gradientError, modelOf, onEveryBackend, randomTensor, savedAndLoaded } from '../support/fixtures';

type Name = keyof typeof googlenet;
const names = Object.keys(googlenet) as Name[];

/** Parameters with biases of each branch: 1×1, 3×3 reduce, 3×3, 5×5 reduce, 5×5, pool projection; then their sum. */
// prettier-ignore
const branches: Record<string, readonly number[]> = {
  '3a': [ 12_352,  18_528, 110_720,  3_088,  12_832,   6_176,   163_696],
  '3b': [ 32_896,  32_896, 221_376,  8_224,  76_896,  16_448,   388_736],
  '4a': [ 92_352,  46_176, 179_920,  7_696,  19_248,  30_784,   376_176],
  '4b': [ 82_080,  57_456, 226_016, 12_312,  38_464,  32_832,   449_160],
  '4c': [ 65_664,  65_664, 295_168, 12_312,  38_464,  32_832,   510_104],
  '4d': [ 57_456,  73_872, 373_536, 16_416,  51_264,  32_832,   605_376],
  '4e': [135_424,  84_640, 461_120, 16_928, 102_528,  67_712,   868_352],
  '5a': [213_248, 133_280, 461_120, 26_656, 102_528, 106_624, 1_043_456],
  '5b': [319_872, 159_936, 663_936, 39_984, 153_728, 106_624, 1_444_080],
};
/** Output shape and multiply-adds of each stage. */
const stages: Record<string, readonly [shape: string, multiplyAdds: number]> = {
  conv1: ['112×112×64', 118_013_952],
  pool1: ['56×56×64', 0],
  conv2_reduce: ['56×56×64', 12_845_056],
  conv2: ['56×56×192', 346_816_512],
  pool2: ['28×28×192', 0],
  inception_3a: ['28×28×256', 128_049_152],
  inception_3b: ['28×28×480', 304_267_264],
  pool3: ['14×14×480', 0],
  inception_4a: ['14×14×512', 73_608_192],
  inception_4b: ['14×14×512', 87_908_352],
  inception_4c: ['14×14×512', 99_850_240],
  inception_4d: ['14×14×528', 118_515_712],
  inception_4e: ['14×14×832', 169_996_288],
  pool4: ['7×7×832', 0],
  inception_5a: ['7×7×832', 51_079_168],
  inception_5b: ['7×7×1024', 70_697_984],
  pool5: ['1024', 0],
  'loss3/classifier': ['1000', 1_024_000],
};
const columns = ['one', 'threeReduce', 'three', 'fiveReduce', 'five', 'project'];

/** Counts at 224×224 with 1,000 classes. */
function count(name: Name) {
  const model = withoutDrawing(() => googlenet[name].build({ classes: 1000, seed: 1 }));
  const { layers } = describeModel(model);
  const { outputShape, outputNames } = model;
  model.dispose();
  const sum = (field: 'parameters' | 'multiplyAdds' | 'fixedParameters', prefix: string | RegExp) =>
    layers.filter((layer) => layer.name.match(prefix)).reduce((total, layer) => total + layer[field], 0);
  return { layers, outputShape, outputNames, sum };
}
let counts: Record<Name, ReturnType<typeof count>>;
beforeAll(async () => {
  await useBackend();
  counts = { googlenet: count('googlenet'), 'googlenet-torchvision': count('googlenet-torchvision') };
});
/** Layers that are not in a head. */
const main = /^(?!loss[12])/;

it('has the parameters and multiply-adds of every branch, stage and head', () => {
  const { layers, outputShape, sum } = counts.googlenet;
  const layer = (name: string) => layers.find((one) => one.name === name)!;
  for (const [module, numbers] of Object.entries(branches)) {
    expect([module, ...columns.map((column) => layer(`inception_${module}/${column}`).parameters)]).toEqual([
      module,
      ...numbers.slice(0, 6),
    ]);
    expect(sum('parameters', `^inception_${module}/`)).toBe(numbers[6]);
  }
  for (const [name, [shape, multiplyAdds]] of Object.entries(stages)) {
    const stage = name.startsWith('inception') ? layer(`${name}/output`) : layer(name);
    expect([name, stage.outputShape.join('×')]).toEqual([name, shape]);
    const inside = stage.name === name ? `^${name}$` : `^${name}/`;
    expect([name, sum('multiplyAdds', inside)]).toEqual([name, multiplyAdds]);
  }
  expect([sum('parameters', main), sum('multiplyAdds', main)]).toEqual([6_998_552, 1_582_671_872]);
  expect([sum('parameters', '^loss1/'), sum('parameters', '^loss2/')]).toEqual([3_188_840, 3_190_888]);
  expect(sum('parameters', '')).toBe(13_378_280);
  expect(sum('multiplyAdds', '')).toBe(1_591_044_096);
  expect(['loss1/pool', 'loss2/pool'].map((name) => layer(name).outputShape)).toEqual([
    [4, 4, 512],
    [4, 4, 528],
  ]);
  expect(outputShape).toEqual([
    [null, 1000],
    [null, 1000],
    [null, 1000],
  ]);
});

it('has torchvision’s counts in torchvision’s variant, whose moving statistics are not trained', () => {
  const { layers, sum } = counts['googlenet-torchvision'];
  expect([sum('parameters', main), sum('parameters', '')]).toEqual([6_624_904, 13_004_888]);
  expect(sum('multiplyAdds', main)).toBe(1_498_376_192);
  // A scale, a shift, a mean and a variance for each of its 7,280 maps; the heads have 256 more.
  expect([sum('parameters', /normalise/), sum('fixedParameters', '')]).toEqual([14_560 + 512, 14_560 + 512]);
  expect(layers.find(({ name }) => name === 'pool4')!.outputShape).toEqual([7, 7, 832]);
  expect(layers.some(({ name }) => name.startsWith('norm'))).toBe(false);
});

it.each(names)('%s names its heads, and its recipe and paper equal their own JSON', (name) => {
  const { recipe, paper, head } = googlenet[name];
  const { layers: built, outputNames } = counts[name];
  expect(outputNames).toEqual(['loss3/classifier', ...Object.keys(recipe.auxiliary)]);
  expect([...head].sort()).toEqual([...outputNames].sort());
  expect(Object.values(recipe.auxiliary)).toEqual([0.3, 0.3]);
  expect(JSON.parse(JSON.stringify({ recipe, paper }))).toEqual({ recipe, paper });
  expect(recipeSchema.safeParse(recipe).error).toBeUndefined();
  const { exact, layers } = paper.parameters;
  expect(Object.values(layers).reduce((total, count) => total + count, 0)).toBe(exact);
  const ofMain = built.filter((layer) => layer.parameters > 0 && main.test(layer.name));
  expect(Object.fromEntries(ofMain.map((layer) => [layer.name, layer.parameters]))).toEqual(layers);
});

it('pads the first convolution by three pixels on every side', () => {
  const model = googlenet.googlenet.build({ classes: 2, seed: 1, input: [80, 80, 3] });
  const part = tf.model({ inputs: model.inputs, outputs: model.getLayer('conv1').output });
  const [kernel] = model.getLayer('conv1').getWeights() as [tf.Tensor4D];
  const image = randomTensor([1, 80, 80, 3], 2) as tf.Tensor4D;
  const at = (part.predict(image) as tf.Tensor4D).slice([0, 0, 0, 5], [1, 1, 1, 1]).dataSync()[0]!;
  // The unit in the corner sees the kernel's last four rows and columns on the image's first four; its bias is 0.2.
  const seen = image.slice([0, 0, 0, 0], [1, 4, 4, 3]).reshape([48]);
  const weights = kernel.slice([3, 3, 0, 5], [4, 4, 3, 1]).reshape([48]);
  expect(at).toBeCloseTo(Math.max(0, seen.mul(weights).sum().dataSync()[0]! + 0.2), 5);
});

it('starts as Caffe’s xavier filler: variance 1/F, biases 0.2, those of the classifiers 0', () => {
  const model = googlenet.googlenet.build({ classes: 50, seed: 1, input: [79, 79, 3] });
  const of = (layer: string) => model.getLayer(layer).getWeights();
  const variance = (tensor: tf.Tensor) => tf.tidy(() => tf.moments(tensor).variance.dataSync()[0]!);
  for (const [layer, inputs] of [
    ['conv2', 576],
    ['inception_4c/three', 1152],
    ['loss1/fc', 128],
    ['loss3/classifier', 1024],
  ] as const) {
    expect(Math.abs(variance(of(layer)[0]!) * inputs - 1)).toBeLessThan(0.03);
  }
  expect(new Set(of('inception_5b/project')[1]!.dataSync())).toEqual(new Set([Math.fround(0.2)]));
  for (const layer of googlenet.googlenet.head)
    expect(new Set(of(layer)[1]!.dataSync())).toEqual(new Set([0]));
  model.dispose();
});

it.each(names)('%s gives the same scores in its convolutional form', (name) => {
  const { build } = googlenet[name];
  const plain = build({ classes: 5, seed: 1 });
  const sliding = withoutDrawing(() => build({ classes: 5, seed: 2, convolutional: true }));
  shareWeights(plain, sliding);
  const image = randomTensor([1, 224, 224, 3], 3);
  const expected = plain.predict(image) as tf.Tensor[];
  const found = sliding.predict(image) as tf.Tensor[];
  found.forEach((scores, index) => {
    expect(scores.shape).toEqual([1, 1, 1, 5]);
    const difference = scores.reshape([1, 5]).sub(expected[index]!).abs().max().dataSync()[0]!;
    expect(difference).toBeLessThan(1e-4 * expected[index]!.abs().max().dataSync()[0]!);
  });
  plain.dispose();
  sliding.dispose();
});

it('takes larger images in its convolutional form', () => {
  // 256 and 288 pixels leave 8 and 9 positions of 5b, among which a window of 7 has 2 and 3 places.
  const options = { classes: 5, seed: 2, input: [256, 288, 3], convolutional: true } as const;
  const model = withoutDrawing(() => googlenet['googlenet-torchvision'].build(options));
  const input = tf.zeros([1, 256, 288, 3]);
  expect((model.predict(input) as tf.Tensor[])[0]!.shape).toEqual([1, 2, 3, 5]);
  model.dispose();
});

it.each([
  ['googlenet', 79, false],
  ['googlenet', 223, true],
] as const)(
  '%s takes images from %i pixels on (convolutional: %s) and says so of smaller ones',
  (name, least, convolutional) => {
    const { build } = googlenet[name];
    withoutDrawing(() => build({ classes: 2, input: [least, least, 3], seed: 1, convolutional })).dispose();
    const attempt = () => build({ classes: 2, input: [least - 1, least, 3], seed: 1, convolutional });
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(new RegExp(`at least ${least}×${least}.*, found ${least - 1}×${least}`));
  },
);

/** Eight images, dark or bright by their class, and a network for them. */
function miniature(name: Name, side: number) {
  const random = seededRandom(5);
  const data = datasetInMemory({
    name: 'shades',
    synthetic: true,
    classes: ['dark', 'bright'],
    shape: [side, side, 3],
    labels: Int32Array.from({ length: 8 }, (_, index) => index % 2),
    pixels: Uint8Array.from(
      { length: 8 * side * side * 3 },
      (_, index) => (Math.floor(index / (side * side * 3)) % 2) * 190 + random.integer(66),
    ),
  });
  const recipe: Recipe = {
    ...googlenet[name].recipe,
    input: { ...googlenet[name].recipe.input, shape: [side, side, 3] },
    epochs: 5,
    batchSize: 8,
    augment: [],
    schedule: { kind: 'constant', rate: name === 'googlenet' ? 0.002 : 0.005 },
  };
  return { data, recipe, model: googlenet[name].build({ classes: 2, input: [side, side, 3], seed: 1 }) };
}

it.each([
  ['googlenet', 79, 'tensorflow'],
  ['googlenet', 79, 'wasm'],
  ['googlenet-torchvision', 32, 'tensorflow'],
  ['googlenet-torchvision', 32, 'wasm'],
] as const)('%s learns eight images of %i pixels on %s through the loop', async (name, side, backend) => {
  await useBackend(backend);
  const { data, recipe, model } = miniature(name, side);
  const before = tf.memory().numTensors;
  const losses: number[] = [];
  const step = stepFor(model, recipe, 1, { kind: 'eager' });
  for await (const { loss } of train({ model, recipe, data, seed: 1, step })) losses.push(loss);
  step.dispose();
  expect(losses.at(-1)!).toBeLessThan(0.8 * losses[0]!);
  expect(tf.memory().numTensors).toBe(before);
  model.dispose();
});

it('adds 0.3 of each head’s loss to its own, with dropout masks that the update’s number fixes', async () => {
  await useBackend();
  const { recipe, model } = miniature('googlenet', 79);
  const images = randomTensor([2, 79, 79, 3], 2);
  const labels = Int32Array.of(1, 0);
  prepareDropout(model, 9, 4);
  const outputs = model.apply(images, { training: true }) as tf.Tensor2D[];
  const crossEntropies = outputs.map((scores) => {
    const rows = scores.arraySync();
    const losses = rows.map(
      (row, image) => Math.log(row.reduce((sum, score) => sum + Math.exp(score), 0)) - row[labels[image]!]!,
    );
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  });
  const batch = { images: images.dataSync<'float32'>(), shape: [79, 79, 3] as const, labels };
  const step = stepFor(model, recipe, 9, { kind: 'eager' });
  const weights = model.getWeights().map((weight) => weight.clone());
  const loss = await step.run(batch, 0.001, 4);
  expect(loss).toBeCloseTo(crossEntropies[0]! + 0.3 * crossEntropies[1]! + 0.3 * crossEntropies[2]!, 4);
  model.setWeights(weights);
  expect(await step.run(batch, 0.001, 4)).toBe(loss);
  model.setWeights(weights);
  expect(await step.run(batch, 0.001, 5)).not.toBe(loss);
});

it('torchvision’s variant moves its moving statistics in training and not in evaluation', async () => {
  await useBackend();
  const { data, recipe, model } = miniature('googlenet-torchvision', 40);
  const [, , mean, variance] = model.getLayer('conv1/normalise').weights;
  const part = tf.model({ inputs: model.inputs, outputs: model.getLayer('conv1').output });
  const pixels = await data.pixels(Int32Array.from({ length: 8 }, (_, index) => index));
  const images = tf.tensor4d(
    Float32Array.from(pixels, (pixel) => (2 * pixel) / 255 - 1),
    [8, 40, 40, 3],
  );
  const batch = tf.moments(part.predict(images) as tf.Tensor4D, [0, 1, 2]);
  const [means, variances] = [batch.mean.dataSync(), batch.variance.dataSync()];
  model.predict(images);
  expect(new Set(mean!.read().dataSync())).toEqual(new Set([0]));
  for await (const { step } of train({ model, recipe, data, seed: 1 })) if (step === 1) break;
  const [movedMean, movedVariance] = [mean!.read().dataSync(), variance!.read().dataSync()];
  means.forEach((value, map) => expect(movedMean[map]!).toBeCloseTo(0.1 * value, 5));
  variances.forEach((value, map) => expect(movedVariance[map]!).toBeCloseTo(0.9 + 0.1 * value, 4));
  model.predict(images);
  expect(mean!.read().dataSync()).toEqual(movedMean);
});

describe('AdaptiveAveragePool', () => {
  const windows = (side: number, size: number) =>
    Array.from(
      { length: size },
      (_, index) => [Math.floor((index * side) / size), Math.ceil(((index + 1) * side) / size)] as const,
    );

  it('averages the windows that a naive loop averages, on every backend', () =>
    onEveryBackend(async () => {
      expect(windows(14, 4)).toEqual([
        [0, 4],
        [3, 7],
        [7, 11],
        [10, 14],
      ]);
      for (const [height, width] of [
        [14, 14],
        [3, 5],
        [1, 4],
      ] as const) {
        const input = randomTensor([2, height, width, 2], 3) as tf.Tensor4D;
        const values = await input.array();
        const found = await (
          modelOf(new AdaptiveAveragePool({ size: 4 }), [height, width, 2], 1).predict(input) as tf.Tensor4D
        ).array();
        windows(height, 4).forEach(([top, bottom], row) =>
          windows(width, 4).forEach(([left, right], column) => {
            let sum = 0;
            for (let y = top; y < bottom; y++)
              for (let x = left; x < right; x++) sum += values[1]![y]![x]![1]!;
            expect(found[1]![row]![column]![1]).toBeCloseTo(sum / (bottom - top) / (right - left), 5);
          }),
        );
      }
    }));

  it('has the gradients that finite differences give, on every backend, and is saved and loaded', () =>
    onEveryBackend(async () => {
      const model = modelOf(new AdaptiveAveragePool({ size: 3 }), [5, 4, 2], 7);
      const input = randomTensor([2, 5, 4, 2], 5);
      expect(await gradientError(model, input)).toBeLessThan(2e-3);
      const loaded = await savedAndLoaded(model);
      expect(await (loaded.predict(input) as tf.Tensor).data()).toEqual(
        await (model.predict(input) as tf.Tensor).data(),
      );
    }));
});
