import fc from 'fast-check';
import sharp from 'sharp';
import { datasetInMemory } from '../../src/data/dataset';
import { mistakesSheet } from '../../src/report/sheets/mistakes-sheet';
import { errorsByRejected, rejectedFor, rejectionCurve } from '../../src/evaluate/metrics/rejection';
import { medianPlace, origin, seedFigures } from '../../src/workflows/reproduce/seed-figures';
import { passesChart, setSizesChart } from '../../src/report/charts/training-charts';
import { rejectedChart } from '../../src/report/charts/rejected-chart';

const answer = fc.record({
  label: fc.integer({ min: 0, max: 2 }),
  best: fc.tuple(fc.integer({ min: 0, max: 2 })),
  margin: fc.integer({ min: 0, max: 1000 }),
});
const answerLists = fc.uniqueArray(answer, { minLength: 1, maxLength: 40, selector: ({ margin }) => margin });

it('finds for every number of rejected images the errors among those with larger margins', () =>
  fc.assert(
    fc.property(answerLists, (answers) => {
      const curve = rejectionCurve(answers);
      expect(curve.length).toBe(answers.length);
      curve.forEach(({ rejected, error }, count) => {
        expect(rejected).toBeCloseTo(count / answers.length, 12);
        const bar = answers.map(({ margin }) => margin).toSorted((a, b) => a - b)[count]!;
        const left = answers.filter(({ margin }) => margin >= bar);
        expect(error).toBeCloseTo(left.filter((one) => one.label !== one.best[0]).length / left.length, 12);
      });
    }),
  ));

it('says how many to reject for an error, or that no number suffices', () => {
  const answers = [
    { label: 1, best: [1], margin: 9 },
    { label: 1, best: [2], margin: 1 },
    { label: 0, best: [0], margin: 5 },
    { label: 0, best: [2], margin: 7 },
  ];
  const curve = rejectionCurve(answers);
  expect(rejectedFor(curve, 0.5)).toBe(0);
  expect(rejectedFor(curve, 0.34)).toBe(0.25);
  expect(rejectedFor(curve, 0)).toBe(0.75);
  expect(rejectedFor(rejectionCurve([answers[1]!]), 0.1)).toBeNull();
});

it('reports the errors with 0 to 10 % of the images rejected, by half percent, rounded down to whole images', () => {
  // 300 images, the surer the later; of the least sure five all are wrong, and then every hundredth.
  const answers = Array.from({ length: 300 }, (_, at) => ({
    label: 1,
    best: [at < 5 || at % 100 === 99 ? 0 : 1],
    margin: at,
  }));
  const found = errorsByRejected(answers);
  expect(found.map(({ rejected }) => Math.round(1000 * rejected))).toEqual(
    Array.from({ length: 21 }, (_, step) => 5 * step),
  );
  expect(found[0]!.error).toBeCloseTo(8 / 300, 12);
  expect(found[1]!.error).toBeCloseTo(7 / 299, 12); // 1.5 images are one
  expect(found[2]!.error).toBeCloseTo(5 / 297, 12);
  expect(found[20]!.error).toBeCloseTo(3 / 270, 12);
});

it('sums up seeds with the mean, the least and the deviation that the pairwise differences give', () =>
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 2, maxLength: 7 }), (mistakes) => {
      const errors = mistakes.map((count) => count / 10_000);
      const figures = seedFigures(
        errors.map((error, index) => ({
          seed: index + 1,
          error,
          trainingSeconds: 10,
          commit: 'a',
          machine: {},
        })),
      );
      const n = errors.length;
      const squares = errors.flatMap((x, i) => errors.slice(i + 1).map((y) => (x - y) ** 2));
      expect(figures.mean).toBeCloseTo(mistakes.reduce((a, b) => a + b) / n / 10_000, 12);
      expect(figures.deviation).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b) / (n * (n - 1))), 12);
      expect(figures.best).toBe(errors.toSorted((a, b) => a - b)[0]);
      expect(figures).toMatchObject({
        seeds: mistakes.map((_, index) => index + 1),
        errors,
        seconds: 10 * n,
      });
    }),
  ));

it('lets the run with the median error stand for all, the lower of two', () => {
  expect(medianPlace([0.03, 0.01, 0.02])).toBe(2);
  expect(medianPlace([0.04, 0.01, 0.02, 0.03])).toBe(2);
  expect(medianPlace([0.01, 0.01, 0.05])).toBe(1);
  expect(medianPlace([0.5])).toBe(0);
});

it('names every commit and device that runs were made with, and claims no deviation for a single run', () => {
  const run = { seed: 1, error: 0.01, trainingSeconds: 1 };
  const here = { cpu: 'Xeon', cores: 2, backend: 'tensorflow', tensorflow: '2.21.0' };
  const there = { cpu: 'M1', cores: 8, backend: 'wasm', tensorflow: null };
  expect(
    origin([
      { ...run, commit: 'abc', machine: here },
      { ...run, commit: 'abc', machine: there },
    ]),
  ).toEqual({ commit: 'abc', device: 'Xeon, 2 cores, tensorflow 2.21.0, M1, 8 cores, wasm' });
  expect(origin([{ ...run, commit: null, machine: here }]).commit).toBeNull();
  expect(seedFigures([{ ...run, commit: null, machine: {} }]).deviation).toBeNull();
});

it('draws the mean of several runs after each pass, and sizes in ascending order', () => {
  const runs = [
    [
      { training: 0.25, test: 0.5 },
      { training: 0.125, test: 0.25 },
    ],
    [
      { training: 0.5, test: 1 },
      { training: 0.125, test: 0 },
    ],
  ];
  expect(passesChart(runs, 'curve')).toMatchObject({
    title: 'curve',
    x: 'passes through the training set',
    y: 'error, %',
    // prettier-ignore
    series: [
      { name: 'training error', points: [[1, 37.5], [2, 12.5]] },
      { name: 'test error', points: [[1, 75], [2, 12.5]] },
    ],
  });
  const sizes = [
    { images: 60_000, errors: { test: 0.125 } },
    { images: 15_000, errors: { test: 0.25 } },
  ];
  expect(setSizesChart(sizes, 's')).toMatchObject({
    title: 's',
    x: 'training images, thousands',
    // prettier-ignore
    series: [{ name: 'test error', points: [[15, 25], [60, 12.5]] }],
  });
});

it('draws a curve of rejection in percent, and no further than asked', () => {
  const curve = [
    { rejected: 0, error: 0.25 },
    { rejected: 0.0625, error: 0.125 },
    { rejected: 0.125, error: 0 },
  ];
  const [line] = rejectedChart(curve, 0.1, 'c').series;
  // prettier-ignore
  expect(line!.points).toEqual([[0, 25], [6.25, 12.5]]);
});

it('shows each mistake as ink on paper with its label and answer, and no image that was right', async () => {
  const pixels = new Uint8Array(3 * 28 * 28);
  pixels.fill(200, 28 * 28, 2 * 28 * 28);
  const data = datasetInMemory({
    name: 'toy',
    synthetic: true,
    classes: ['a&b', 'c', 'd'],
    shape: [28, 28, 1],
    labels: Int32Array.of(0, 1, 2),
    pixels,
  });
  const answers = [
    { image: 0, label: 0, best: [0] },
    { image: 1, label: 1, best: [0] },
    { image: 2, label: 2, best: [1] },
  ];
  const { svg, png } = await mistakesSheet(answers, data, 'two mistakes');
  expect([...svg.matchAll(/text-anchor="middle">([^<]*)</g)].map(([, words]) => words)).toEqual([
    'c → a&amp;b',
    'd → c',
  ]);
  const images = [...svg.matchAll(/base64,([^"]*)"/g)].map(([, text]) => Buffer.from(text!, 'base64'));
  const values = await Promise.all(images.map((image) => sharp(image).raw().toBuffer()));
  expect(values.map((value) => new Set(value))).toEqual([new Set([55]), new Set([255])]);
  const { data: drawn, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const [x, y] = [12 + 36, 36 + 28]; // the middle of the first image
  expect([...drawn.subarray((y * info.width + x) * info.channels).subarray(0, 3)]).toEqual([55, 55, 55]);
});
