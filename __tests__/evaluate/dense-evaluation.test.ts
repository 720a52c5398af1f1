import { mkdirSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { zoo } from '../../models/registry';
import type { SkippedImage } from '../../src/data/loader/batches';
import { cropsFor } from '../../src/data/augment/evaluation-crops';
import { datasetInMemory, type ImageSet } from '../../src/data/dataset';
import { openLoader } from '../../src/data/loader/loader';
import { UserError } from '../../src/core/errors';
import { fullyConnected } from '../../src/layers/fully-connected';
import type { Network, Recipe } from '../../src/core/network';
import type { Answer } from '../../src/evaluate/metrics/answers';
import { evaluate, type Evaluation } from '../../src/evaluate/evaluate';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { convolutionalForm } from '../../src/evaluate/scores/convolutional-form';
import { predict, type Prediction, type PredictOptions } from '../../src/evaluate/scores/predict';
import { writeModelFolder } from '../../src/weights/model-folder';
import { command, fillWeights, randomTensor, temporaryFolder } from '../support/fixtures';
import { narrowVgg } from '../support/weights/narrow-vgg';
import { noisyImages } from '../support/images/solid-images';
import { mainPathOf } from '../../src/layers/layer-walk';

const folder = temporaryFolder();
const recipe = {
  input: { shape: [8, 8, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  augment: [],
  loss: { kind: 'softmaxCrossEntropy' },
} as const satisfies Partial<Recipe>;

/** Without zeros around its maps: what it sees at a position is what it sees of an image cut out there, 2 pixels on. */
const toy: Network = {
  ...zoo['vgg-a'],
  recipe: { ...zoo['vgg-a'].recipe, ...recipe },
  build: ({ classes, input, convolutional }) => {
    const image = tf.input({ shape: [...input!] });
    const layers = [
      tf.layers.conv2d({ name: 'conv1', filters: 4, kernelSize: 3, activation: 'relu' }),
      tf.layers.maxPooling2d({ poolSize: 2, strides: 2 }),
    ];
    const maps = layers.reduce((below, layer) => layer.apply(below) as tf.SymbolicTensor, image); // 3×3×4
    const window = (side: number) => convolutional && ({ window: [side, side] } as const);
    const hidden = fullyConnected(maps, { name: 'fc2', units: 5, activation: 'relu', ...window(3) });
    const scores = fullyConnected(hidden, { name: 'fc3', units: classes, ...window(1) });
    return tf.model({ name: 'toy', inputs: image, outputs: scores });
  },
};

beforeAll(async () => void (await useBackend()));

function filled(network: Network, input: Recipe['input']['shape'], classes = 3): tf.LayersModel {
  const model = network.build({ classes, input, seed: 1 });
  fillWeights(model);
  return model;
}

const files = openLoader({ workers: 0 });

async function all(options: PredictOptions): Promise<Prediction[]> {
  const found: Prediction[] = [];
  for await (const one of predict({ loader: files, ...options })) found.push(one);
  return found;
}

/** The mean of what the ordinary network says of each 8×8 window, 2 pixels apart. `[classes]` */
function meanOfWindows(model: tf.LayersModel, image: tf.Tensor3D): number[] {
  const [height, width] = image.shape;
  const windows: tf.Tensor3D[] = [];
  for (let top = 0; top + 8 <= height; top += 2)
    for (let left = 0; left + 8 <= width; left += 2) windows.push(image.slice([top, left, 0], [8, 8, 3]));
  return (model.apply(tf.stack(windows)) as tf.Tensor2D).mean<tf.Tensor1D>(0).arraySync();
}

const softmax = (scores: readonly number[]) => {
  const shares = scores.map((score) => Math.exp(score));
  const sum = shares.reduce((a, b) => a + b);
  return shares.map((share) => share / sum);
};

it('averages scores over the positions of each view, then probabilities over scales and mirrored views', async () => {
  const data = await noisyImages(join(folder, 'noisy'), 5, 13, 16);
  const model = filled(toy, [8, 8, 3]);
  const form = convolutionalForm(toy, model);
  const crops = cropsFor('dense', [13, 9, 10], recipe);
  const found = await all({ model: form, recipe, data, crops });
  expect(found.map(({ image, label }) => [image, label])).toEqual(
    Array.from(data.labels, (label, image) => [image, label]),
  );
  for (const [image, { file }] of data.files.entries()) {
    const views: number[][] = [];
    for (const [height, width] of [
      [13, 16],
      [9, 11],
      [10, 12],
    ] as const) {
      const { data: pixels, info } = await sharp(file)
        .resize({ height, width, fit: 'fill', kernel: 'linear' })
        .raw()
        .toBuffer({ resolveWithObject: true }); // prettier-ignore
      expect([info.height, info.width]).toEqual([height, width]);
      tf.tidy(() => {
        const whole = tf.tensor3d(Float32Array.from(pixels), [height, width, 3]).mul<tf.Tensor3D>(2 / 255);
        const values = whole.sub<tf.Tensor3D>(1);
        views.push(meanOfWindows(model, values), meanOfWindows(model, values.reverse(1)));
      });
    }
    const shares = views.map(softmax);
    const mean = [0, 1, 2].map((index) => shares.reduce((sum, share) => sum + share[index]! / 6, 0));
    [...found[image]!.scores].forEach((score, index) => expect(score).toBeCloseTo(mean[index]!, 5));
  }
});

it('says of images of exactly the network’s size what the middle crop says, with zeros around its maps too', async () => {
  const input = { ...recipe.input, shape: [64, 64, 3] as const };
  const network = { ...narrowVgg, recipe: { ...narrowVgg.recipe, input } };
  const data = await noisyImages(join(folder, 'square'), 4, 64, 64);
  const model = filled(network, [64, 64, 3]);
  const form = convolutionalForm(network, model);
  const seen = { recipe: { ...recipe, input }, data };
  const middle = await all({ ...seen, model, crops: { kind: 'centre', side: 64 } });
  const dense = await all({ ...seen, model: form, crops: { kind: 'dense', sides: [64], mirrored: false } });
  expect(dense.length).toBe(4);
  const scores = (found: readonly Prediction[]) => found.flatMap((one) => [...one.scores]);
  const size = Math.max(...scores(middle).map(Math.abs));
  expect(size).toBeGreaterThan(0);
  scores(dense).forEach((score, at) =>
    expect(Math.abs(score - scores(middle)[at]!)).toBeLessThan(1e-5 * size),
  );
});

it('keeps GoogLeNet’s main path and weights when the other form is gone, and leaves no tensor behind', async () => {
  const before = tf.memory();
  const network = zoo.googlenet;
  const trained = filled(network, [224, 224, 3], 5);
  const image = randomTensor([1, 224, 224, 3], 4) as tf.Tensor4D;
  const expected = tf.tidy(() => [...(trained.predict(image) as tf.Tensor[])[0]!.dataSync()]);
  const form = convolutionalForm(network, trained);
  trained.dispose();
  // What the paper's network has, but for the scores of 995 of its classes; and the image.
  const parameters = network.paper.parameters.exact - 995 * (1024 + 1);
  expect(tf.memory().numBytes - before.numBytes).toBe(4 * (parameters + 224 * 224 * 3));
  expect(form.outputs.length).toBe(1);
  const found = tf.tidy(() => form.apply(image) as tf.Tensor);
  expect(found.shape).toEqual([1, 1, 1, 5]);
  const largest = Math.max(...expected.map(Math.abs));
  found
    .dataSync()
    .forEach((score, at) => expect(Math.abs(score - expected[at]!) / largest).toBeLessThan(1e-4));
  tf.dispose([found, image]);
  form.dispose();
  expect(tf.memory().numTensors).toBe(before.numTensors);
  const main = mainPathOf(filled(network, [224, 224, 3], 5));
  expect(convolutionalForm(network, main).outputShape).toEqual([null, 1, 1, 5]);
}, 180_000);

it('sees images that lie in memory like images, and disposes of what it makes', async () => {
  const pixels = Uint8Array.from({ length: 2 * 10 * 12 * 3 }, (_, at) => (at * 2654435761) >>> 24);
  const model = filled(toy, [8, 8, 3]);
  const form = convolutionalForm(toy, model);
  const facts = { name: 'toy', synthetic: true, classes: ['a', 'b', 'c'], labels: Int32Array.of(0, 1) };
  const data = datasetInMemory({ ...facts, shape: [10, 12, 3], pixels });
  const before = tf.memory().numTensors;
  const found = await all({
    model: form,
    recipe,
    data,
    crops: { kind: 'dense', sides: [10], mirrored: false },
  });
  expect(tf.memory().numTensors).toBe(before);
  const expected = tf.tidy(() =>
    [0, 1].map((at) =>
      meanOfWindows(
        model,
        tf
          .tensor3d(Float32Array.from(pixels.subarray(360 * at, 360 * (at + 1))), [10, 12, 3])
          .mul<tf.Tensor3D>(2 / 255)
          .sub(1),
      ),
    ),
  );
  found.forEach(({ scores }, at) =>
    scores.forEach((score, index) => expect(score).toBeCloseTo(expected[at]![index]!, 5)),
  );
});

it('leaves out or refuses bad images, and goes on after known answers, alone and with other networks', async () => {
  const data = await noisyImages(join(folder, 'bad'), 9, 9, 11); // three of each class
  for (const index of [1, 2, 8]) truncateSync(data.files[index]!.file, 40);
  const model = filled(toy, [8, 8, 3]);
  const form = convolutionalForm(toy, model);
  const crops = cropsFor('dense', [9], recipe);
  const loader = openLoader({ workers: 0, onBadImage: 'skip' });
  const evaluated = async (known: readonly Answer[], knownSkipped: readonly SkippedImage[]) => {
    const [answers, skipped]: [Answer[], SkippedImage[]] = [[], []];
    const { seconds: _, ...report } = await evaluate({
      model: form,
      recipe,
      data,
      crops,
      loader,
      others: [{ model, recipe, loader, crops: { kind: 'ten', side: 9 } }],
      known,
      knownSkipped,
      onAnswer: (answer) => void answers.push(answer),
      onSkipped: (image) => void skipped.push(image),
    });
    return { report, answers, skipped };
  };
  const whole = await evaluated([], []);
  expect(whole.answers.map(({ image }) => image)).toEqual([0, 3, 4, 5, 6, 7]);
  expect(whole.skipped.map(({ index }) => index)).toEqual([1, 2, 8]);
  expect(whole.report.skippedImages?.length).toBe(3);
  for (let done = 0; done <= 6; done++) {
    const resumed = await evaluated(whole.answers.slice(0, done), whole.skipped);
    expect(resumed.report).toEqual(whole.report);
    expect(resumed.answers).toEqual(whole.answers.slice(done));
  }
  const own = await all({ model: form, recipe, data, crops, loader });
  const ten = await all({ model, recipe, data, crops: { kind: 'ten', side: 9 }, loader });
  whole.answers.forEach(({ best, probability }, at) => {
    const mean = [...own[at]!.probabilities!].map(
      (share, index) => (share + ten[at]!.probabilities![index]!) / 2,
    );
    expect(probability).toBeCloseTo(Math.max(...mean), 6);
    expect(best[0]).toBe(mean.indexOf(Math.max(...mean)));
  });
  const failing = openLoader();
  await expect(evaluate({ model: form, recipe, data, crops, loader: failing })).rejects.toThrow(
    /001\.png: .*onBadImage: 'skip' leaves such images out/,
  );
  await failing.close();
});

it('has the scales of VGG §4.2 where none are asked for, and one where one is', () => {
  const { recipe: vgg } = zoo['vgg-d'];
  const step = { kind: 'scaleJitter', size: 224, least: 256, most: 512 } as const;
  expect(cropsFor('dense', undefined, vgg)).toEqual({
    kind: 'dense',
    sides: [224, 256, 288],
    mirrored: true,
  });
  expect(cropsFor('dense', undefined, { ...vgg, augment: [step] })).toMatchObject({ sides: [256, 384, 512] });
  expect(cropsFor('dense', [384], vgg)).toMatchObject({ sides: [384] });
  expect(() => cropsFor('dense', 'none', vgg)).toThrow(
    'resize: expected lengths for dense crops, found none',
  );
});

it('refuses in one line what no whole image can be shown to', async () => {
  const model = filled(toy, [8, 8, 3]);
  const form = convolutionalForm(toy, model);
  const data: ImageSet = await noisyImages(join(folder, 'refused'), 2, 9, 9);
  const crops = { kind: 'dense', sides: [9], mirrored: true } as const;
  const whitened = {
    ...recipe,
    input: { ...recipe.input, preprocess: [{ kind: 'whiten', bias: 1 }] },
  } as const;
  await expect(all({ model: form, recipe: whitened, data, crops })).rejects.toThrow(
    'crops: expected preprocessing that is the same at every position (range, subtract) for dense crops, found whiten',
  );
  expect(() => cropsFor('dense', [32], zoo['nin-cifar10'].recipe)).toThrow(/found contrastNormalise$/);
  await expect(all({ model: form, recipe, data, crops: { ...crops, sides: [9, 7] } })).rejects.toThrow(
    'crops: expected images of at least 8x8 pixels, found 7x7',
  );
  await expect(all({ model, recipe, data, crops })).rejects.toThrow(RangeError);
  const lenet = filled(zoo.lenet5, zoo.lenet5.recipe.input.shape, 10);
  expect(() => convolutionalForm(zoo.lenet5, lenet)).toThrow(UserError);
  expect(() => convolutionalForm(zoo.lenet5, lenet)).toThrow(
    'lenet5: expected a network with a convolutional form, found one without: its full layers see one position',
  );
  expect(() => convolutionalForm(toy, filled(toy, [10, 8, 3]))).toThrow(
    'toy: expected a model for images of 8x8 to take the convolutional form of, found one for 10x8',
  );
});

it('the command evaluates model folders so, one and two, as the library does', async () => {
  const network = zoo['nin-svhn'];
  const { input } = network.recipe;
  const images = join(folder, 'images');
  for (const name of ['a', 'b', 'c']) {
    mkdirSync(join(images, name), { recursive: true });
    await noisyImages(join(images, name), 2, 36, 41);
  }
  const model = filled(network, input.shape);
  const names = ['a', 'b', 'c'];
  for (const name of ['one', 'two'])
    await writeModelFolder(join(folder, name), model, {
      network: 'nin-svhn',
      classes: 3,
      labels: names,
      synsets: null,
      input: structuredClone(input) as unknown as Parameters<typeof writeModelFolder>[2]['input'],
      missing: [],
      seed: 1,
      source: { kind: 'fineTuned', data: 'noise', epochs: 0, frozen: [], from: {} },
      command: '',
      commit: null,
      made: new Date().toISOString(),
    });
  const form = convolutionalForm(network, model);
  const data: ImageSet = {
    kind: 'files',
    name: 'images',
    synthetic: false,
    classes: names,
    labels: Int32Array.of(0, 0, 1, 1, 2, 2),
    files: names.flatMap((name) =>
      ['000', '001'].map((file) => ({ file: join(images, name, `${file}.png`) })),
    ),
  };
  const crops = cropsFor('dense', [32, 40], network.recipe);
  const loader = openLoader();
  const expected = await evaluate({ model: form, recipe: network.recipe, data, crops, loader });
  await loader.close();
  const report = async (...models: string[]) => {
    const run = models.map((name) => join(folder, name));
    const words = ['evaluate', ...run, '--data', images, '--crops', 'dense', '--resize', '32,40', '--json'];
    const { code, stdout, stderr } = await command(words);
    expect({ code, stderr: code ? stderr : '' }).toEqual({ code: 0, stderr: '' });
    return JSON.parse(stdout) as Evaluation & { readonly peakBytes: number };
  };
  const single = await report('one');
  expect(single).toMatchObject({
    crops: 4,
    networks: 1,
    protocol: 'each image whole and mirrored, shorter side 32, 40',
    error: expected.error,
    confusion: expected.confusion,
  });
  expect(single.calibration!.bins[0]!.confidence).toBeCloseTo(expected.calibration!.bins[0]!.confidence, 5);
  expect(single.peakBytes).toBeGreaterThan(5e7);
  const both = await report('one', 'two');
  expect(both).toMatchObject({ networks: 2, error: expected.error, confusion: expected.confusion });
  const kept = readFileSync(join(folder, 'one', 'report-images-dense-32-40.json'), 'utf8');
  expect((JSON.parse(kept) as Evaluation).confusion).toEqual(expected.confusion);
}, 180_000);
