import { preprocess, preprocessedShape, preprocessor } from '../../../src/data/preprocess/preprocess';
import { UserError } from '../../../src/core/errors';
import type { ImageShape, Preprocess } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';

const lenet: readonly Preprocess[] = [
  { kind: 'pad', height: 32, width: 32, value: 0 },
  { kind: 'range', black: -0.1, white: 1.175 },
];

function noise(length: number): Uint8Array {
  const random = seededRandom(1);
  return Uint8Array.from({ length }, () => random.integer(256));
}

test("LeNet's input is x = -0.1 + 1.275 p on 32x32, two pixels of background on every side", () => {
  const pixels = noise(3 * 28 * 28);
  const { values, shape } = preprocess(pixels, 3, [28, 28, 1], lenet);
  expect(shape).toEqual([32, 32, 1]);
  expect(values).toHaveLength(3 * 32 * 32);
  for (let place = 0; place < values.length; place++) {
    const [image, row, column] = [place >> 10, (place >> 5) & 31, place & 31];
    const inside = row >= 2 && row < 30 && column >= 2 && column < 30;
    const p = inside ? pixels[image * 784 + (row - 2) * 28 + column - 2]! / 255 : 0;
    expect(values[place]).toBeCloseTo(-0.1 + 1.275 * p, 6);
  }
});

test('black is exactly the lower end of the range and white the upper one', () => {
  const { values } = preprocess(Uint8Array.of(0, 255), 1, [1, 2, 1], [lenet[1]!]);
  expect([...values]).toEqual([Math.fround(-0.1), Math.fround(1.175)]);
});

test('without steps the values are the pixels', () => {
  const pixels = noise(2 * 4 * 5 * 3);
  const { values, shape } = preprocess(pixels, 2, [4, 5, 3], []);
  expect(shape).toEqual([4, 5, 3]);
  expect([...values]).toEqual([...pixels]);
});

test('paddings nest, each with its own value, and channels stay together', () => {
  const steps: readonly Preprocess[] = [
    { kind: 'pad', height: 3, width: 3, value: 7 },
    { kind: 'pad', height: 5, width: 3, value: 9 },
  ];
  const { values } = preprocess(Uint8Array.of(1, 2), 1, [1, 1, 2], steps);
  const grid = [
    [9, 9, 9],
    [7, 7, 7],
    [7, 0, 7],
    [7, 7, 7],
    [9, 9, 9],
  ].flatMap((row) => row.flatMap((value) => (value === 0 ? [1, 2] : [value, value])));
  expect([...values]).toEqual(grid);
});

test('a mean and a deviation are taken for each channel, in the image’s order', () => {
  const steps = (deviation?: readonly number[]): readonly Preprocess[] => [
    { kind: 'subtract', mean: [100, 50], ...(deviation && { deviation }) },
  ];
  const pixels = Uint8Array.of(0, 0, 200, 100);
  expect([...preprocess(pixels, 1, [1, 2, 2], steps()).values]).toEqual([-100, -50, 100, 50]);
  expect([...preprocess(pixels, 1, [1, 2, 2], steps([50, 10])).values]).toEqual([-2, -5, 2, 5]);
  expect(() => preprocessedShape([1, 2, 3], steps())).toThrow(/mean for each of 3 channels, found 2 values/);
  expect(() => preprocessedShape([1, 2, 2], steps([50]))).toThrow(/found 2 values and 1 deviations/);
});

test('of an odd margin the larger half lies below and to the right', () => {
  const steps: readonly Preprocess[] = [{ kind: 'pad', height: 2, width: 4, value: 0 }];
  expect([...preprocess(Uint8Array.of(5), 1, [1, 1, 1], steps).values]).toEqual([0, 5, 0, 0, 0, 0, 0, 0]);
});

test('the shape is known without pixels', () => {
  const shapes: readonly ImageShape[] = [
    [28, 28, 1],
    [27, 32, 3],
  ];
  for (const shape of shapes) expect(preprocessedShape(shape, lenet)).toEqual([32, 32, shape[2]]);
});

test('an image larger than its padding is refused with both sizes', () => {
  const refuse = () => preprocessedShape([40, 28, 1], lenet);
  expect(refuse).toThrow(UserError);
  expect(refuse).toThrow(/at most 32x32.*found 40x28/);
});

test('a step after "range" is refused, for there are no pixels any more', () => {
  expect(() => preprocessedShape([28, 28, 1], [...lenet].reverse())).toThrow(/nothing after "range".*"pad"/);
});

test('shrinking gives each pixel the mean of the area that it covers, and leaves even areas even', () => {
  const halves = preprocess(
    Uint8Array.of(0, 10, 20, 30, 100, 110, 120, 130),
    1,
    [2, 4, 1],
    [{ kind: 'shrink', height: 1, width: 2 }],
  );
  expect(halves).toEqual({ values: Float32Array.of(55, 75), shape: [1, 2, 1] });
  // Three pixels to two: the middle one belongs half to each. Channels stay apart.
  const thirds = preprocess(
    Uint8Array.of(0, 1, 90, 1, 240, 1),
    1,
    [1, 3, 2],
    [{ kind: 'shrink', height: 1, width: 2 }],
  );
  expect([...thirds.values]).toEqual([30, 1, 190, 1]);
  const grey = preprocess(
    new Uint8Array(2 * 28 * 28).fill(77),
    2,
    [28, 28, 1],
    [
      { kind: 'shrink', height: 16, width: 16 },
      { kind: 'range', black: 0, white: 1 },
    ],
  );
  expect(grey.shape).toEqual([16, 16, 1]);
  expect(new Set(grey.values)).toEqual(new Set([Math.fround(77 / 255)]));
});

test('shrinking conserves the ink of every image, up to the rounding of a pixel', () => {
  const pixels = noise(2 * 28 * 28);
  const { values } = preprocess(pixels, 2, [28, 28, 1], [{ kind: 'shrink', height: 16, width: 16 }]);
  const mean = (all: ArrayLike<number>) => Array.from(all).reduce((sum, value) => sum + value) / all.length;
  for (const image of [0, 1]) {
    const before = mean(pixels.subarray(image * 784, (image + 1) * 784));
    expect(Math.abs(mean(values.subarray(image * 256, (image + 1) * 256)) - before)).toBeLessThan(0.5);
  }
});

test('shrinking refuses smaller images, and any place but the first', () => {
  const steps: readonly Preprocess[] = [{ kind: 'shrink', height: 16, width: 16 }];
  expect(() => preprocessedShape([8, 28, 1], steps)).toThrow(/at least 16x16 pixels to shrink, found 8x28/);
  expect(preprocessedShape([28, 28, 3], steps)).toEqual([16, 16, 3]);
  expect(() => preprocessedShape([28, 28, 1], [lenet[0]!, ...steps])).toThrow(/"shrink" before all other/);
});

test('real pixels take the same values as whole ones, between them the values between', () => {
  const steps: readonly (readonly Preprocess[])[] = [
    lenet,
    [{ kind: 'subtract', mean: [100], deviation: [7] }],
    [{ kind: 'shrink', height: 14, width: 7 }],
  ];
  const pixels = noise(28 * 28);
  for (const own of steps) {
    const whole = preprocess(pixels, 1, [28, 28, 1], own).values;
    const real = preprocess(Float32Array.from(pixels), 1, [28, 28, 1], own).values;
    const tolerance = own[0]?.kind === 'shrink' ? 0.5 : 1e-5;
    whole.forEach((value, at) => expect(Math.abs(value - real[at]!)).toBeLessThanOrEqual(tolerance));
  }
  const { values } = preprocess(Float32Array.of(-10, 127.5, 300), 1, [1, 3, 1], [lenet[1]!]);
  [-0.1 - 1.275 * (10 / 255), 0.5375, -0.1 + 1.275 * (300 / 255)].forEach((value, at) =>
    expect(values[at]).toBeCloseTo(value, 6),
  );
});

test('values go where they are wanted', () => {
  const { shape, apply } = preprocessor([1, 2, 1], [{ kind: 'pad', height: 1, width: 4, value: 9 }]);
  const into = new Float32Array(8);
  expect(apply(Uint8Array.of(1, 2, 3, 4), 2, into)).toBe(into);
  expect(shape).toEqual([1, 4, 1]);
  expect([...into]).toEqual([9, 1, 2, 9, 9, 3, 4, 9]);
});

test.each<[string, readonly Preprocess['kind'][], RegExp]>([
  [
    'two contrast normalisations',
    ['contrastNormalise', 'contrastNormalise'],
    /no "contrastNormalise" after "contrast/,
  ],
  ['whitening before the contrast', ['whiten', 'contrastNormalise'], /no "contrastNormalise" after "whiten"/],
  [
    'padding of normalised images',
    ['contrastNormalise', 'pad'],
    /nothing after "contrastNormalise".*found "pad"/,
  ],
  ['two means', ['subtract', 'subtractMean'], /nothing after "subtract".*found "subtractMean"/],
])('%s are refused', (_, kinds, message) => {
  const all: Readonly<Record<Preprocess['kind'], Preprocess>> = {
    shrink: { kind: 'shrink', height: 4, width: 4 },
    pad: lenet[0]!,
    range: lenet[1]!,
    subtract: { kind: 'subtract', mean: [1] },
    subtractMean: { kind: 'subtractMean', per: 'pixel' },
    contrastNormalise: { kind: 'contrastNormalise', scale: 1 },
    whiten: { kind: 'whiten', bias: 0.1 },
  };
  expect(() =>
    preprocessedShape(
      [8, 8, 1],
      kinds.map((kind) => all[kind]),
    ),
  ).toThrow(message);
});
