import { truncateSync } from 'node:fs';
import { join } from 'node:path';
import type { SkippedImage } from '../../src/data/loader/batches';
import { datasetInMemory } from '../../src/data/dataset';
import { openLoader } from '../../src/data/loader/loader';
import type { Answer } from '../../src/evaluate/metrics/answers';
import { calibration } from '../../src/evaluate/metrics/calibration';
import { evaluate } from '../../src/evaluate/evaluate';
import { evaluationText } from '../../src/evaluate/evaluation-text';
import { wilson95 } from '../../src/evaluate/metrics/interval';
import { useBackend } from '../../src/runtime/backend';
import { tf } from '../../src/core/tf';
import { fillWeights, temporaryFolder } from '../support/fixtures';
import { noisyImages } from '../support/images/solid-images';

const folder = temporaryFolder();
const classes = [...'abcdefghijkl'];
const recipe = {
  input: { shape: [1, 1, 12], preprocess: [{ kind: 'range', black: 0, white: 1 }] },
  augment: [],
  loss: { kind: 'softmaxCrossEntropy' },
} as const;

/** Scores are the pixels themselves, so that every answer can be read off the data. */
function echo(): tf.LayersModel {
  const input = tf.input({ shape: [1, 1, 12] });
  return tf.model({ inputs: input, outputs: tf.layers.flatten().apply(input) as tf.SymbolicTensor });
}

/** Each image ranks the classes in the given order, best first. */
function data(images: readonly { label: number; ranking: readonly number[] }[]) {
  return datasetInMemory({
    name: 'ranked',
    synthetic: false,
    classes,
    shape: [1, 1, 12],
    labels: Int32Array.from(images, ({ label }) => label),
    pixels: Uint8Array.from(
      images.flatMap(({ ranking }) =>
        classes.map((_, index) => (ranking.includes(index) ? 200 - ranking.indexOf(index) : 0)),
      ),
    ),
  });
}

const ranked = data([
  { label: 0, ranking: [0, 1, 2, 3, 4, 5] }, // right
  { label: 0, ranking: [1, 0, 2, 3, 4, 5] }, // second
  { label: 3, ranking: [1, 0, 2, 4, 3, 5] }, // fifth
  { label: 5, ranking: [1, 0, 2, 3, 4, 5] }, // sixth
]);

beforeAll(async () => void (await useBackend()));

it('counts mistakes, those beyond the fifth rank, and which class was answered', async () => {
  const found = await evaluate({ model: echo(), recipe, data: ranked, batchSize: 3 });
  expect(found).toMatchObject({ images: 4, mistakes: 3, error: 0.75, top5Error: 0.25, dataset: 'ranked' });
  expect(found.perClass[0]).toMatchObject({ label: 'a', images: 2, mistakes: 1 });
  expect(found.confusion[0]).toEqual([1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  expect(found.confusion[3]![1]).toBe(1);
});

it('counts those beyond any rank that is asked for', async () => {
  const found = await evaluate({ model: echo(), recipe, data: ranked, top: [2, 4, 6] });
  expect(found.topErrors).toEqual([
    { k: 2, error: 0.5 },
    { k: 4, error: 0.5 },
    { k: 6, error: 0 },
  ]);
  expect(found.top5Error).toBe(0.25);
});

it('averages the probabilities of several networks, which may overrule each of them', async () => {
  // One sees pixels from 0 to 1, the other ten times larger ones, upside down: its best class is the darkest.
  const sharper = {
    ...recipe,
    input: { ...recipe.input, preprocess: [{ kind: 'range', black: 10, white: 0 }] },
  } as const;
  const pixels = [200, 150, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255];
  const images = datasetInMemory({
    name: 'one image',
    synthetic: false,
    classes,
    shape: [1, 1, 12],
    labels: Int32Array.of(2),
    pixels: Uint8Array.from(pixels),
  });
  const softmax = (scores: number[]) => {
    const shares = scores.map((score) => Math.exp(score));
    const sum = shares.reduce((a, b) => a + b);
    return shares.map((share) => share / sum);
  };
  const one = softmax(pixels.map((pixel) => pixel / 255));
  const other = softmax(pixels.map((pixel) => 10 - (10 * pixel) / 255));
  const mean = one.map((share, index) => (share + other[index]!) / 2);
  const found = await evaluate({
    model: echo(),
    recipe,
    data: images,
    others: [{ model: echo(), recipe: sharper }],
  });
  expect(found.confusion[2]!.indexOf(1)).toBe(mean.indexOf(Math.max(...mean)));
  expect(found.calibration!.bins[0]!.confidence).toBeCloseTo(Math.max(...mean), 6);
  expect(found.protocol).toBe('each image once, as it is; mean of 2 networks');
});

it('averages the probabilities of all places of a grid and of their mirror images', async () => {
  const input = tf.input({ shape: [8, 8, 1] });
  const flat = tf.layers.flatten().apply(input);
  const model = tf.model({
    inputs: input,
    outputs: tf.layers.dense({ units: 3 }).apply(flat) as tf.SymbolicTensor,
  });
  fillWeights(model);
  const pixels = Uint8Array.from({ length: 12 * 12 }, (_, at) => ((at + 7) * 2654435761) >>> 24);
  const image = datasetInMemory({
    name: 'one image',
    synthetic: false,
    classes: ['a', 'b', 'c'],
    shape: [12, 12, 1],
    labels: Int32Array.of(2),
    pixels,
  });
  const weights = model.getWeights()[0]!.dataSync(); // [64, 3]
  const mean = [0, 0, 0];
  for (let top = 0; top <= 4; top++)
    for (let left = 0; left <= 4; left++)
      for (const mirrored of [false, true]) {
        const scores = [0, 0, 0];
        for (let row = 0; row < 8; row++)
          for (let column = 0; column < 8; column++) {
            const pixel = pixels[12 * (top + row) + left + (mirrored ? 7 - column : column)]! / 255;
            for (let unit = 0; unit < 3; unit++)
              scores[unit]! += pixel * weights[3 * (8 * row + column) + unit]!;
          }
        const shares = scores.map((score) => Math.exp(score));
        const sum = shares.reduce((a, b) => a + b);
        shares.forEach((share, unit) => (mean[unit]! += share / sum / 50));
      }
  const seen = {
    ...recipe,
    input: { ...recipe.input, shape: [8, 8, 1] },
    augment: [{ kind: 'randomCrop', size: 8, shortSide: 12 }],
  } as const;
  const found = await evaluate({ model, recipe: seen, data: image, crops: { kind: 'grid', sides: [12] } });
  expect(found.confusion[2]!.indexOf(1)).toBe(mean.indexOf(Math.max(...mean)));
  expect(found.calibration!.bins[0]!.confidence).toBeCloseTo(Math.max(...mean), 6);
  expect(found.crops).toBe(50);
});

it('refuses to average scores of different kinds', async () => {
  const loss = { kind: 'rbfPenalty', rival: 1 } as const;
  const others = [{ model: echo(), recipe: { ...recipe, loss } }];
  await expect(evaluate({ model: echo(), recipe, data: ranked, others })).rejects.toThrow(
    /one kind of loss, found softmaxCrossEntropy and rbfPenalty/,
  );
});

it('says how far confidence is from accuracy, by bins of a fifteenth', () => {
  const found = calibration([
    { probability: 0.9, right: true }, // 13/15 to 14/15, with the next one
    { probability: 0.92, right: false },
    { probability: 0.3, right: true }, // 4/15 to 5/15
    { probability: 1.0000001, right: true }, // the last bin holds its upper end, and what is rounded beyond it
  ]);
  expect(found.bins.map(({ images, accuracy }) => [images, accuracy])).toEqual([
    [1, 1],
    [2, 0.5],
    [1, 1],
  ]);
  expect(found.error).toBeCloseTo((1 / 4) * 0.7 + (2 / 4) * (0.91 - 0.5) + 0, 6);
});

it('says what the error falls to when the least sure are rejected, by the margin to the second class', async () => {
  // Twenty images; the one whose two best classes are closest is wrong, and so is the second surest.
  const images = Array.from({ length: 20 }, (_, at) => ({
    label: at === 0 || at === 18 ? 3 : 1,
    gap: at + 1,
  }));
  const data = datasetInMemory({
    name: 'gaps',
    synthetic: false,
    classes,
    shape: [1, 1, 12],
    labels: Int32Array.from(images, ({ label }) => label),
    pixels: Uint8Array.from(images.flatMap(({ gap }) => [100, 100 + gap, ...new Array<number>(10).fill(0)])),
  });
  const found = await evaluate({ model: echo(), recipe, data });
  expect(found.rejection.length).toBe(21);
  expect(found.rejection[0]).toEqual({ rejected: 0, error: 2 / 20 });
  expect(found.rejection[9]).toEqual({ rejected: 0.045, error: 2 / 20 }); // 0.9 of an image is none
  expect(found.rejection[10]).toEqual({ rejected: 0.05, error: 1 / 19 });
  expect(found.rejection[20]).toEqual({ rejected: 0.1, error: 1 / 18 });
  expect(evaluationText(found, { rejection: true }).split('\n')[1]).toBe(
    'error of the others, the least sure answers rejected: 10.00 % with 1 %, 5.26 % with 5 %, 5.56 % with 10 %',
  );
  expect(evaluationText(found)).not.toMatch(/rejected/);
});

it('says the same in words', async () => {
  const text = evaluationText(await evaluate({ model: echo(), recipe, data: ranked }));
  expect(text).toMatch(
    /^error 75\.00 % \(95 % interval 30\.06 % to 95\.44 %\), top-5 error 25\.00 %: 3 of 4 images, ranked\n/,
  );
  expect(text).toMatch(/^a +50\.0 +\| +1 +1 /m);
});

it('gives the smallest penalty the first rank when scores are penalties', async () => {
  const loss = { kind: 'rbfPenalty', rival: 1 } as const;
  const found = await evaluate({
    model: echo(),
    recipe: { ...recipe, loss },
    data: data([{ label: 11, ranking: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }]),
  });
  expect(found.error).toBe(0);
});

it('goes on after any number of known answers to the same report, and computes only what is not known', async () => {
  const images = await noisyImages(join(folder, 'noisy'), 11, 10, 9);
  for (const index of [0, 4, 5, 10]) truncateSync(images.files[index]!.file, 40);
  const input = tf.input({ shape: [8, 8, 3] });
  const means = tf.layers.globalAveragePooling2d({}).apply(input) as tf.SymbolicTensor;
  const model = tf.model({ inputs: input, outputs: means });
  const seen = {
    input: { shape: [8, 8, 3], preprocess: [{ kind: 'range', black: 0, white: 100 }] },
    augment: [],
    loss: { kind: 'softmaxCrossEntropy' },
  } as const;
  const loader = openLoader({ workers: 0, onBadImage: 'skip' });
  const evaluated = async (known: readonly Answer[], knownSkipped: readonly SkippedImage[]) => {
    const [answers, skipped]: [Answer[], SkippedImage[]] = [[], []];
    const { seconds: _, ...report } = await evaluate({
      model,
      recipe: seen,
      data: images,
      batchSize: 3,
      loader,
      top: [2],
      others: [{ model, recipe: seen, batchSize: 4, loader, crops: { kind: 'ten', side: 9 } }],
      known,
      knownSkipped,
      onAnswer: (answer) => void answers.push(answer),
      onSkipped: (image) => void skipped.push(image),
    });
    return { report, answers, skipped };
  };
  const whole = await evaluated([], []);
  expect(whole.answers.map(({ image }) => image)).toEqual([1, 2, 3, 6, 7, 8, 9]);
  expect(whole.skipped.map(({ index }) => index)).toEqual([0, 4, 5, 10]);
  for (let done = 0; done <= whole.answers.length; done++) {
    const known = whole.answers.slice(0, done);
    const resumed = await evaluated(known, whole.skipped);
    expect(resumed.report).toEqual(whole.report);
    expect(resumed.answers).toEqual(whole.answers.slice(done));
  }
});

it('leaves no tensor behind', async () => {
  const model = echo();
  const before = tf.memory().numTensors;
  await evaluate({ model, recipe, data: ranked });
  expect(tf.memory().numTensors).toBe(before);
});

// R. G. Newcombe 1998, Statistics in Medicine 17, 857–872, Table I, method 3.
it.each([
  [81, 263, 0.2553, 0.3662],
  [15, 148, 0.0624, 0.1605],
  [0, 20, 0, 0.1611],
  [1, 29, 0.0061, 0.1718],
])('gives Wilson’s interval for %d of %d', (hits, trials, low, high) => {
  const interval = wilson95(hits, trials);
  expect(interval[0]).toBeCloseTo(low, 4);
  expect(interval[1]).toBeCloseTo(high, 4);
});
