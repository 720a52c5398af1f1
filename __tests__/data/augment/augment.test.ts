import fc from 'fast-check';
import { augmentPixels } from '../../../src/data/augment/augment';
import { distortionStages } from '../../../src/data/augment/stages';
import { flip } from '../../../src/data/image/resample';
import { imagenetColours } from '../../../src/data/augment/pca-lighting';
import { translate } from '../../../src/data/augment/translate';
import { UserError } from '../../../src/core/errors';
import type { Augment, ImageShape, Preprocess } from '../../../src/core/network';
import { gaussian, seededRandom, type Random } from '../../../src/core/random';

const shapes = fc.tuple(
  fc.integer({ min: 1, max: 9 }),
  fc.integer({ min: 1, max: 9 }),
  fc.constantFrom(1, 3),
) as fc.Arbitrary<ImageShape>;
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });

function noise(length: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length }, () => random.integer(256));
}

/** Answers with the given numbers, whatever is asked, as shares of the range. */
function scripted(...shares: readonly number[]): Random {
  const left = [...shares];
  return {
    uniform: (low, high) => low + (high - low) * left.shift()!,
    integer: (count) => Math.floor(count * left.shift()!),
  };
}

describe('geometry', () => {
  it('moves by whole pixels as padding with zeros and cropping does', () => {
    fc.assert(
      fc.property(
        shapes,
        fc.integer({ min: 0, max: 10 }),
        seeds,
        ([height, width, channels], shift, seed) => {
          const random = seededRandom(seed);
          const [down, right] = [
            random.integer(2 * shift + 1) - shift,
            random.integer(2 * shift + 1) - shift,
          ];
          const pixels = noise(height * width * channels, seed);
          const at = (y: number, x: number, k: number) =>
            y >= 0 && y < height && x >= 0 && x < width ? pixels[(y * width + x) * channels + k]! : 0;
          const expected = Array.from(pixels, (_, place) => {
            const [y, x] = [Math.floor(place / channels / width), Math.floor(place / channels) % width];
            return at(y - down, x - right, place % channels);
          });
          const shape = [height, width, channels] as const;
          expect([...translate(pixels, shape, down, right)]).toEqual(expected);
          const drawn = augmentPixels(pixels, shape, [{ kind: 'translate', shift }], seededRandom(seed));
          expect([...drawn]).toEqual(expected);
          expect([...translate(Float32Array.from(pixels), shape, down, right)]).toEqual(expected);
        },
      ),
    );
  });

  it('mirrors left to right, and twice is once too often', () => {
    expect([...flip(Uint8Array.of(1, 2, 3, 4, 5, 6), [1, 3, 2])]).toEqual([5, 6, 3, 4, 1, 2]);
    fc.assert(
      fc.property(shapes, seeds, (shape, seed) => {
        const pixels = noise(shape[0] * shape[1] * shape[2], seed);
        expect(flip(flip(pixels, shape), shape)).toEqual(pixels);
      }),
    );
  });

  it('keeps whole pixels whole, and real ones real', () => {
    const steps: readonly Augment[] = [
      { kind: 'affine', shift: 1.3, scale: 0.2, squeeze: 0.1, shear: 0.2 },
      { kind: 'translate', shift: 2 },
      { kind: 'flip' },
    ];
    const pixels = noise(75, 1);
    const whole = augmentPixels(pixels, [5, 5, 3], steps, seededRandom(5));
    const real = augmentPixels(Float32Array.from(pixels), [5, 5, 3], steps, seededRandom(5));
    expect(whole).toBeInstanceOf(Uint8Array);
    expect(real).toBeInstanceOf(Float32Array);
    real.forEach((value, at) => expect(Math.abs(value - whole[at]!)).toBeLessThanOrEqual(0.5001));
    expect([...real].some((value) => value % 1 !== 0)).toBe(true);
  });
});

// 0.4 times the bytes of a made-up image, plus 60: far enough from 0 and 255 that torchvision crops nothing off.
// prettier-ignore
const colours = Float32Array.of(60, 81.2, 102.4, 96.4, 117.6, 138.8, 132.8, 154, 72.8, 74.8, 96, 117.2, 115.6, 136.8, 158, 156.4, 75.2, 96.4);

describe('photometric distortions', () => {
  // torchvision.transforms.functional of torch 2.15, on the pixels / 255 in float64, times 255. The draws are shares
  // of 0.5 to 1.5: brightness, contrast, saturation.
  // prettier-ignore
  it.each<[string, [number, number, number], number[]]>([
    ['adjust_brightness(0.8)', [0.3, 0.5, 0.5], [48, 64.96, 81.92, 77.12, 94.08, 111.04, 106.24, 123.2, 58.24, 59.84, 76.8, 93.76, 92.48, 109.44, 126.4, 125.12, 60.16, 77.12]],
    ['adjust_contrast(1.3)', [0.5, 0.8, 0.5], [45.1926, 72.7526, 100.3126, 92.5126, 120.0726, 147.6326, 139.8326, 167.3926, 61.8326, 64.4326, 91.9926, 119.5526, 117.4726, 145.0326, 172.5926, 170.5126, 64.9526, 92.5126]],
    ['adjust_saturation(0.6)', [0.5, 0.5, 0.1], [66.9088, 79.6288, 92.3488, 103.3073, 116.0273, 128.7473, 135.0364, 147.7564, 99.0364, 81.7082, 94.4282, 107.1482, 122.5066, 135.2266, 147.9466, 134.592, 85.872, 98.592]],
    ['all three, saturation first or brightness first', [0.3, 0.8, 0.1], [43.3403, 56.5691, 69.7979, 81.1948, 94.4236, 107.6524, 114.193, 127.4218, 76.753, 58.7317, 71.9605, 85.1893, 101.162, 114.3908, 127.6196, 113.7308, 63.062, 76.2908]],
  ])('are torchvision’s %s', (_, draws, expected) => {
    const changed = augmentPixels(colours, [2, 3, 3], [{ kind: 'photometric', strength: 0.5 }], scripted(...draws));
    // torchvision rounds the shares of grey to 0.2989, 0.587 and 0.114.
    changed.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(0.02));
  });

  it('in one pass are what they are one after the other, shifted colours between them', () => {
    const photometric: Augment = { kind: 'photometric', strength: 0.4 };
    const lighting: Augment = { kind: 'pcaLighting', deviation: 0.3 };
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = seededRandom(seed);
        const pixels = noise(4 * 5 * 3, seed);
        const shape = [4, 5, 3] as const;
        const apart = [photometric, lighting, photometric].reduce<Uint8Array | Float32Array>(
          (image, step) => augmentPixels(image, shape, [step], random),
          pixels,
        );
        const steps = [photometric, lighting, photometric];
        const together = augmentPixels(pixels, shape, steps, seededRandom(seed));
        together.forEach((value, at) => expect(Math.abs(value - apart[at]!)).toBeLessThan(1e-3));
      }),
    );
  });
});

describe('lighting', () => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value) / values.length;

  it('adds the same to all pixels of an image: multiples of the principal components', () => {
    // Box and Muller: −2 ln(1 − u) = 1 for u = 1 − e^−½, and cos 0 = 1, so that every α is the deviation, 0.1.
    const one = 1 - Math.exp(-0.5);
    const random = scripted(one, 0, one, 0, one, 0);
    const step: Augment = { kind: 'pcaLighting', deviation: 0.1 };
    const lit = augmentPixels(new Uint8Array(12).fill(100), [2, 2, 3], [step], random);
    // 255 · 0.1 · (λ1 p1 + λ2 p2 + λ3 p3), by hand from the published numbers.
    const shift = [
      25.5 * (0.2175 * -0.5675 + 0.0188 * 0.7192 + 0.0045 * 0.4009),
      25.5 * (0.2175 * -0.5808 + 0.0188 * -0.0045 + 0.0045 * -0.814),
      25.5 * (0.2175 * -0.5836 + 0.0188 * -0.6948 + 0.0045 * 0.4203),
    ];
    lit.forEach((value, at) => expect(value).toBeCloseTo(100 + shift[at % 3]!, 4));
  });

  it('shifts as often brighter as darker, by 3 to 4 grey values at the usual deviation', () => {
    const random = seededRandom(1);
    const step: Augment = { kind: 'pcaLighting', deviation: 0.1 };
    const reds = Array.from(
      { length: 5_000 },
      () => augmentPixels(new Uint8Array(3), [1, 1, 3], [step], random)[0]!,
    );
    expect(Math.abs(mean(reds))).toBeLessThan(0.2);
    const variance = imagenetColours.eigenvalues
      .map((value, at) => (25.5 * value * imagenetColours.eigenvectors[at]![0]) ** 2)
      .reduce((sum, value) => sum + value);
    expect(mean(reds.map((red) => red * red)) / variance).toBeCloseTo(1, 1);
  });

  it('publishes components of length 1 at right angles, up to the four digits printed', () => {
    const { eigenvectors } = imagenetColours;
    eigenvectors.forEach((one, i) =>
      eigenvectors.forEach((other, j) => {
        const product = one[0] * other[0] + one[1] * other[1] + one[2] * other[2];
        expect(Math.abs(product - (i === j ? 1 : 0))).toBeLessThan(2e-4);
      }),
    );
  });
});

it('draws the normal distribution: 68.3 % within one deviation, 95.4 % within two', () => {
  const random = seededRandom(2);
  const drawn = Array.from({ length: 20_000 }, () => Math.abs(gaussian(random, 3)));
  expect(drawn.filter((value) => value < 3).length / 20_000).toBeCloseTo(0.683, 1.5);
  expect(drawn.filter((value) => value < 6).length / 20_000).toBeCloseTo(0.954, 1.5);
});

it('distorts an image the same way for the same seed, and otherwise for another', () => {
  const steps: readonly Augment[] = [
    { kind: 'affine', shift: 2, scale: 0.1, squeeze: 0.1, shear: 0.1 },
    { kind: 'flip' },
    { kind: 'translate', shift: 2 },
    { kind: 'photometric', strength: 0.4 },
    { kind: 'pcaLighting', deviation: 0.1 },
  ];
  fc.assert(
    fc.property(seeds, (seed) => {
      const pixels = noise(108, 1);
      const distorted = (own: number) => [...augmentPixels(pixels, [6, 6, 3], steps, seededRandom(own))];
      expect(distorted(seed)).toEqual(distorted(seed));
      expect(distorted(seed)).not.toEqual(distorted(seed + 1));
      expect(pixels).toEqual(noise(108, 1));
    }),
  );
});

describe('stages', () => {
  const stagesOf = (augment: readonly Augment[], preprocess: readonly Preprocess[], shape: ImageShape) =>
    distortionStages({ augment, input: { shape, preprocess } });
  const crop: Augment = { kind: 'randomCrop', size: 224, shortSide: 256 };
  const lighting: Augment = { kind: 'pcaLighting', deviation: 0.1 };
  const move: Augment = { kind: 'translate', shift: 4 };
  const whiten: Preprocess = { kind: 'whiten', bias: 0.1 };

  it('crops and mirrors with the crop, distorts the rest on pixels', () => {
    const stages = stagesOf([crop, lighting, { kind: 'flip' }, move], [], [224, 224, 3]);
    expect(stages).toEqual({ crop: [crop, { kind: 'flip' }], pixels: [lighting, move], values: [] });
  });

  it('distorts whitened images after whitening', () => {
    const stages = stagesOf([move, { kind: 'flip' }], [whiten], [32, 32, 3]);
    expect(stages).toEqual({ crop: [], pixels: [], values: [move, { kind: 'flip' }] });
  });

  it('lets a crop be padded to the input', () => {
    const small: Augment = { kind: 'randomCrop', size: 28, shortSide: 30 };
    const pad: Preprocess = { kind: 'pad', height: 32, width: 32, value: 0 };
    expect(stagesOf([small], [pad], [32, 32, 1]).crop).toEqual([small]);
  });

  it.each<[string, () => unknown, RegExp]>([
    ['two crops', () => stagesOf([crop, crop], [], [224, 224, 3]), /at most one crop, found randomCrop and/],
    [
      'another size',
      () => stagesOf([crop], [], [227, 227, 3]),
      /images of 227x227, found randomCrop to 224x224/,
    ],
    [
      'grey images',
      () => stagesOf([lighting], [], [28, 28, 1]),
      /three colours for pcaLighting, found .* 1 channels/,
    ],
    [
      'whitened images',
      () => stagesOf([lighting], [whiten], [32, 32, 3]),
      /colours for pcaLighting, found whitened/,
    ],
  ])('refuses %s', (_, attempt, message) => {
    expect(attempt).toThrow(UserError);
    expect(attempt).toThrow(message);
  });
});
