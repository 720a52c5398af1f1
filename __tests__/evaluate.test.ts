import { datasetInMemory } from '../src/data/dataset';
import { calibration } from '../src/report/calibration';
import { evaluate } from '../src/report/evaluate';
import { evaluationText } from '../src/report/evaluation-text';
import { wilson95 } from '../src/report/interval';
import { useBackend } from '../src/runtime/backend';
import { tf } from '../src/tf';

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
  expect(found.perClass[0]).toEqual({ label: 'a', images: 2, mistakes: 1 });
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
