import fc from 'fast-check';
import sharp from 'sharp';
import { datasetInMemory } from '../src/data/dataset';
import { drawChart } from '../src/report/draw-chart';
import { mistakesSheet } from '../src/report/mistakes-sheet';
import { errorsByRejected, rejectedFor, rejectionCurve } from '../src/report/rejection';
import { origin, seedFigures } from '../src/report/summary';
import { drawPasses, drawSetSizes } from '../src/report/training-charts';

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

/** The numbers of all attributes of that name in elements that match. */
const numbers = (svg: string, pattern: RegExp) =>
  [...svg.matchAll(pattern)].map(([, value]) => Number(value));

it('puts points where the marks of the axes say', () => {
  const points = [
    [0, 0],
    [5, 0.5],
    [10, 1.5],
    [20, 2],
  ] as const;
  const svg = drawChart({
    title: 'a < b',
    x: 'passes',
    y: 'error, %',
    series: [{ name: 'test & all', points }],
  });
  expect(svg).toContain('a &lt; b');
  expect(svg).toContain('test &amp; all');
  const xOfMark = new Map(
    [...svg.matchAll(/<text x="([\d.]+)" y="364" text-anchor="middle"[^>]*>([\d.]+)</g)].map(
      ([, x, mark]) => [Number(mark), Number(x)],
    ),
  );
  const yOfMark = new Map(
    [...svg.matchAll(/<text x="64" y="([\d.]+)" text-anchor="end"[^>]*>([\d.]+)</g)].map(([, y, mark]) => [
      Number(mark),
      Number(y) - 4,
    ]),
  );
  expect([...xOfMark.keys()]).toEqual([0, 5, 10, 15, 20]);
  expect([...yOfMark.keys()]).toEqual([0, 0.5, 1, 1.5, 2]);
  const [across, up] = [numbers(svg, /cx="([\d.]+)"/g), numbers(svg, /cy="([\d.]+)"/g)];
  points.forEach(([x, y], index) => {
    expect(across[index]).toBeCloseTo(xOfMark.get(x)!, 0);
    expect(up[index]).toBeCloseTo(yOfMark.get(y)!, 0);
  });
});

it('draws nothing but numbers for series of zeros, and none at all', () => {
  for (const series of [[], [{ name: 'zero', points: [[0, 0] as const] }]])
    expect(drawChart({ title: 't', x: 'x', y: 'y', series })).not.toMatch(/NaN|Infinity|undefined/);
});

it('draws the mean of several runs after each pass, and sizes in ascending order', () => {
  const runs = [
    [
      { training: 0.04, test: 0.05 },
      { training: 0.02, test: 0.03 },
    ],
    [
      { training: 0.06, test: 0.07 },
      { training: 0.02, test: 0.01 },
    ],
  ];
  const expected = drawChart({
    title: 'curve',
    x: 'passes through the training set',
    y: 'error, %',
    series: [
      { name: 'training error', points: [[1, 5], [2, 2]] },
      { name: 'test error', points: [[1, 6], [2, 2]] },
    ],
  }); // prettier-ignore
  expect(drawPasses(runs, 'curve')).toBe(expected);
  const sizes = [
    { images: 60_000, errors: { test: 0.01 } },
    { images: 15_000, errors: { test: 0.02 } },
  ];
  expect(drawSetSizes(sizes, 's')).toBe(
    drawChart({
      title: 's',
      x: 'training images, thousands',
      y: 'error, %',
      series: [{ name: 'test error', points: [[15, 2], [60, 1]] }],
    }), // prettier-ignore
  );
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
