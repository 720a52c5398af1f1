import { datasetInMemory } from '../src/data/dataset';
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
