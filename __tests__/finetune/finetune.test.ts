import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { zoo } from '../../models/registry';
import { datasetInMemory, subset } from '../../src/data/dataset';
import { openLoader } from '../../src/data/loader/loader';
import { forFinetuning } from '../../src/data/splits';
import type { Recipe } from '../../src/core/network';
import { useBackend } from '../../src/runtime/backend';
import { SeededDropout } from '../../src/layers/seeded-dropout';
import { tf } from '../../src/core/tf';
import { readClassLabels } from '../../src/weights/import/class-labels';
import { featureLoader } from '../../src/finetune/feature-cache';
import { freeze, layersLike } from '../../src/finetune/freeze';
import { splitAboveFrozen } from '../../src/finetune/split-model';
import { predict } from '../../src/evaluate/scores/predict';
import { stepFor } from '../../src/train/step/choose-step';
import { train } from '../../src/train/train';
import { balancedWeights, finetuneRecipe } from '../../src/finetune/finetune-recipe';
import { arraysOf } from '../../src/weights/named-array';
import { fillWeights, temporaryFolder } from '../support/fixtures';
import { noisyImages } from '../support/images/solid-images';
import { mainPathOf } from '../../src/layers/layer-walk';
import type { StepKind } from '../../src/graph/precision';

const temporary = temporaryFolder();

const recipe = {
  dataset: 'toy',
  input: { shape: [8, 8, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 4,
  batchSize: 4,
  weightDecay: 0.01,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.05 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [{ kind: 'randomCrop', size: 8, shortSide: 10 }, { kind: 'flip' }],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 1 }, bias: 0 },
  guesses: {},
} as const satisfies Recipe;

/** Two convolutions, normalised and pooled, dropout and scores; the second convolution also reads the first's branch. */
function network(): tf.LayersModel {
  const image = tf.input({ shape: [8, 8, 3] });
  const through = (below: tf.SymbolicTensor, layer: tf.layers.Layer) =>
    layer.apply(below) as tf.SymbolicTensor;
  const convolution = (name: string, filters: number) =>
    tf.layers.conv2d({ name, filters, kernelSize: 3, padding: 'same', activation: 'relu' });
  const first = through(image, convolution('conv1', 4));
  const normalised = through(first, tf.layers.batchNormalization({ name: 'normalise' }));
  const second = through(normalised, convolution('conv2', 4));
  const joined = tf.layers.concatenate({ name: 'join' }).apply([first, second]) as tf.SymbolicTensor;
  const pooled = through(joined, tf.layers.averagePooling2d({ poolSize: 4, strides: 4 }));
  const dropped = through(pooled, new SeededDropout({ name: 'drop', rate: 0.4 }));
  const hidden = through(
    through(dropped, tf.layers.flatten()),
    tf.layers.dense({ name: 'hidden', units: 6, activation: 'relu' }),
  );
  const scores = through(hidden, tf.layers.dense({ name: 'scores', units: 3 }));
  const model = tf.model({ name: 'toy', inputs: image, outputs: scores });
  fillWeights(model);
  return model;
}

const baseLayers = ['conv1', 'normalise', 'conv2'];

beforeAll(async () => void (await useBackend()));

it.each(['eager', 'compiled'] as const)(
  'training on features that were computed once gives the weights of training through the whole network, %s',
  async (kind: StepKind) => {
    const data = await noisyImages(join(temporary, kind), 10, 12, 14);
    const seen: Recipe = { ...recipe, variants: 3 };
    const trained = async (cached: boolean) => {
      const model = network();
      freeze(model, baseLayers);
      const loader = openLoader({ workers: 0 });
      const parts = cached ? splitAboveFrozen(model)! : undefined;
      const features = parts
        ? await featureLoader({
            ...parts,
            recipe: { ...seen, variants: 3 },
            seed: 5,
            loader,
            training: data,
            others: [],
          })
        : loader;
      const learning = parts?.head ?? model;
      const step = stepFor(learning, seen, 5, { kind });
      for await (const _ of train({ model: learning, recipe: seen, data, seed: 5, step, loader: features }))
        void _;
      step.dispose();
      return arraysOf(model.weights);
    };
    const [whole, once] = [await trained(false), await trained(true)];
    const before = new Map((await arraysOf(network().weights)).map((array) => [array.name, array.values]));
    for (const [index, { name, values }] of whole.entries()) {
      const other = once[index]!.values;
      const furthest = values.reduce((most, value, at) => Math.max(most, Math.abs(value - other[at]!)), 0);
      expect({ name, near: furthest < 1e-5 }).toEqual({ name, near: true });
      // Frozen layers keep all that they came with, the statistics of normalisation too; the others learned.
      const same = values.every((value, at) => value === before.get(name)![at]);
      expect({ name, same }).toEqual({ name, same: baseLayers.includes(name.split('/')[0]!) });
    }
  },
);

it('parts a network above what is frozen, where that ends in one tensor', () => {
  const frozenUpTo = (...names: string[]) => {
    const model = network();
    freeze(model, names);
    return splitAboveFrozen(model);
  };
  const parts = frozenUpTo(...baseLayers)!;
  expect(parts.featureShape).toEqual([2, 2, 8]); // 8 pixels pooled by 4; dropout is part of the head
  expect(parts.head.layers.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['drop', 'hidden', 'scores']),
  );
  expect(frozenUpTo()).toBeNull();
  // Both the first convolution and its normalised maps are read above: two tensors.
  expect(frozenUpTo('conv1', 'normalise')).toBeNull();
  expect(frozenUpTo('conv1')!.featureShape).toEqual([8, 8, 4]);
});

it('parts a network below an Inception module, whose pool is computed again', () => {
  const image = tf.input({ shape: [8, 8, 3] });
  const conv = (name: string, below: tf.SymbolicTensor) =>
    tf.layers.conv2d({ name, filters: 4, kernelSize: 3, padding: 'same' }).apply(below) as tf.SymbolicTensor;
  const frozen = conv('conv1', image);
  const pooled = tf.layers.maxPooling2d({ poolSize: 3, strides: 1, padding: 'same' }).apply(frozen);
  const both = [conv('one', frozen), conv('project', pooled as tf.SymbolicTensor)];
  const flat = tf.layers.flatten().apply(tf.layers.concatenate().apply(both)) as tf.SymbolicTensor;
  const scores = tf.layers.dense({ name: 'scores', units: 3 }).apply(flat) as tf.SymbolicTensor;
  const model = tf.model({ inputs: image, outputs: scores });
  freeze(model, ['conv1']);
  const { base, head, featureShape } = splitAboveFrozen(model)!;
  expect(featureShape).toEqual([8, 8, 4]);
  const images = tf.randomUniform([2, 8, 8, 3], -1, 1, 'float32', 3);
  const whole = (model.predict(images) as tf.Tensor).dataSync();
  const parted = (head.predict(base.predict(images) as tf.Tensor) as tf.Tensor).dataSync();
  whole.forEach((score, at) => expect(parted[at]).toBeCloseTo(score, 5));
  freeze(model, ['conv1', 'project']); // a convolution that follows is not computed again
  expect(splitAboveFrozen(model)).toBeNull();
});

it('keeps of GoogLeNet its 1,024 features before dropout, without the auxiliary heads', () => {
  const model = mainPathOf(zoo.googlenet.build({ classes: 5, seed: 1 }));
  freeze(
    model,
    layersLike(model, ['*']).filter((name) => name !== 'loss3/classifier'),
  );
  const { featureShape, head } = splitAboveFrozen(model)!;
  expect(featureShape.join()).toMatch(/^1,1,1024$/); // Table 1: the average pool gives 1×1×1024
  expect(head.trainableWeights.map(({ shape }) => shape)).toEqual([[1024, 5], [5]]);
});

it('finds layers by patterns, and refuses one that none fits', () => {
  const model = network();
  expect(layersLike(model, ['conv*', 'hidden'])).toEqual(['conv1', 'conv2', 'hidden']);
  expect(layersLike(model, ['*o*2'])).toEqual(['conv2']);
  expect(() => layersLike(model, ['conv.'])).toThrow(/expected layers like conv\., found conv1/);
  expect(() => layersLike(model, ['join'])).toThrow(/join/); // it has no weights to freeze
});

it('learns at a tenth of the recipe’s rate, its head faster, and biases as the recipe says', () => {
  const given = {
    input: zoo.googlenet.recipe.input,
    head: ['loss3/classifier'],
    rates: new Map([['conv1', 0]]),
  };
  const tuned = finetuneRecipe(zoo.googlenet.recipe, { ...given, headAlone: false });
  expect(tuned.schedule).toMatchObject({ from: 0.001 }); // 0.01 in models/bvlc_googlenet/solver.prototxt
  expect(tuned.auxiliary).toBeUndefined();
  const rateOf = (layer: string, weights: 'kernel' | 'bias') =>
    tuned.multipliers!.findLast(
      (rule) =>
        (rule.layers === 'all' || rule.layers.includes(layer)) &&
        (rule.weights === 'all' || rule.weights === weights),
    )?.rate ?? 1;
  expect(rateOf('loss3/classifier', 'kernel')).toBe(10);
  expect(rateOf('loss3/classifier', 'bias')).toBe(20);
  expect(rateOf('conv1', 'kernel')).toBe(0);
  expect(rateOf('conv2', 'bias')).toBe(2);
});

it('weighs classes so that each counts the same, and the images 1 in the mean', () => {
  const weights = balancedWeights(Int32Array.of(0, 0, 0, 0, 1, 1, 2, 0), 3);
  expect(weights.map((weight, label) => weight * [5, 2, 1][label]!)).toEqual([8 / 3, 8 / 3, 8 / 3]);
});

it('splits what is not parted into three, no image in two of them, each class by its share', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 7, max: 40 }), { minLength: 2, maxLength: 5 }),
      fc.integer(),
      (counts, seed) => {
        const labels = Int32Array.from(
          counts.flatMap((count, label) => new Array<number>(count).fill(label)),
        );
        const train = datasetInMemory({
          name: 'all',
          synthetic: false,
          classes: counts.map(String),
          shape: [1, 1, 1],
          labels,
          pixels: Uint8Array.from(labels.keys()),
        });
        const parts = forFinetuning({ train: { ...train, kind: 'pixels' } }, 'all', {
          share: 0.15,
          seed: seed >>> 0,
        });
        const sizes = [parts.train, parts.validation, parts.test].map((part) => part.labels.length);
        expect(sizes.reduce((sum, size) => sum + size)).toBe(labels.length);
        expect(sizes[2]).toBe(Math.round(0.15 * labels.length));
        expect(sizes[1]).toBe(Math.round(0.15 * (labels.length - sizes[2]!)));
        counts.forEach((count, label) => {
          const held = [...parts.test.labels].filter((one) => one === label).length;
          expect(Math.abs(held - 0.15 * count)).toBeLessThan(1);
        });
      },
    ),
    { numRuns: 30 },
  );
});

it('parts a set with a test folder into what learns and what chooses, and leaves the test folder alone', () => {
  const all = datasetInMemory({
    name: 'all',
    synthetic: false,
    classes: ['a', 'b'],
    shape: [1, 1, 1],
    labels: Int32Array.from({ length: 40 }, (_, index) => index % 2),
    pixels: Uint8Array.from({ length: 40 }, (_, index) => index),
  });
  const [train, rest] = [
    subset(
      all,
      Int32Array.from({ length: 20 }, (_, index) => index),
      'train',
    ),
    subset(
      all,
      Int32Array.from({ length: 20 }, (_, index) => 20 + index),
      'rest',
    ),
  ];
  const parted = forFinetuning({ train, test: rest }, 'all', { share: 0.2, seed: 1 });
  expect(parted.test).toBe(rest);
  expect([parted.train.labels.length, parted.validation.labels.length]).toEqual([16, 4]);
  // Without a test folder the error is reported on the validation folder, which then chooses nothing.
  expect(forFinetuning({ train, validation: rest }, 'all', { share: 0.2, seed: 1 }).test).toBe(rest);
  const three = forFinetuning({ train, validation: rest, test: all }, 'all', { share: 0.2, seed: 1 });
  expect([three.train, three.validation, three.test]).toEqual([train, rest, all]);
});

it('averages the probabilities of an image’s ten crops', async () => {
  const data = await noisyImages(join(temporary, 'crops'), 7, 12, 14);
  const model = network();
  const options = { model, recipe, data, crops: { kind: 'ten', side: 10 } as const };
  // Each crop cut out by sharp, and its probabilities computed one by one.
  const { default: sharp } = await import('sharp');
  const expected: number[][] = [];
  for (const { file } of data.files) {
    const { data: pixels, info } = await sharp(file)
      .resize({ height: 10, width: 11, fit: 'fill', kernel: 'linear' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    const corners = [
      [0, 0],
      [0, 3],
      [2, 0],
      [2, 3],
      [1, 1],
    ];
    const sums = [0, 0, 0];
    for (const [top, left] of corners) {
      for (const mirrored of [false, true]) {
        const image = tf.tidy(() => {
          const whole = tf.tensor3d(Float32Array.from(pixels), [info.height, info.width, 3]);
          const part = whole
            .slice([top!, left!, 0], [8, 8, 3])
            .mul(2 / 255)
            .sub(1);
          return (mirrored ? part.reverse(1) : part).expandDims(0);
        });
        const shares = tf.tidy(() => tf.softmax(model.apply(image) as tf.Tensor2D).dataSync());
        shares.forEach((share, index) => (sums[index]! += share / 10));
      }
    }
    expected.push(sums);
  }
  const found = [];
  for await (const { image, label, scores } of predict({ loader: openLoader({ workers: 0 }), ...options })) {
    expect(label).toBe(data.labels[image]);
    found.push([...scores]);
  }
  expect(found.length).toBe(7);
  found.forEach((scores, image) =>
    scores.forEach((score, index) => expect(score).toBeCloseTo(expected[image]![index]!, 5)),
  );
});

it('tells classes of the same name apart in a file of labels, as in a data set', async () => {
  const file = join(temporary, 'words.txt');
  writeFileSync(file, 'n02012849 crane\nn02123045 tabby\nn03126707 crane\n');
  const { labels, synsets } = await readClassLabels(file, 3);
  expect(labels).toEqual(['crane (n02012849)', 'tabby', 'crane (n03126707)']);
  expect(synsets).toEqual(['n02012849', 'n02123045', 'n03126707']);
});
