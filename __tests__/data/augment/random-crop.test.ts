import fc from 'fast-check';
import type { Crop } from '../../../src/data/image/crop';
import { randomCrop, centreCrop } from '../../../src/data/augment/random-crop';
import type { Augment } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';

/** Sizes of images, also smaller than any crop and of any proportion. */
const sizes = fc.record({
  height: fc.integer({ min: 1, max: 12_000 }),
  width: fc.integer({ min: 1, max: 12_000 }),
});
const seeds = fc.integer({ min: 0, max: 2 ** 31 - 1 });
const wanted = { height: 224, width: 224 };

const crops: readonly (readonly [string, Augment])[] = [
  ['randomCrop', { kind: 'randomCrop', size: 224, shortSide: 256 }],
  ['randomCrop, cropped', { kind: 'randomCrop', size: 224, shortSide: 256, longSide: 'cropped' }],
  ['randomCrop, squeezed', { kind: 'randomCrop', size: 224, shortSide: 256, longSide: 'squeezed' }],
  ['scaleJitter', { kind: 'scaleJitter', size: 224, least: 256, most: 512 }],
  ['areaCrop', { kind: 'areaCrop', size: 224, area: [0.08, 1], aspect: [3 / 4, 4 / 3] }],
  [
    'areaCrop of ratios no image has',
    { kind: 'areaCrop', size: 224, area: [0.9, 1], aspect: [20_000, 20_001] },
  ],
];

/** What `OpenImage.decode` asks of a crop: whole numbers, at least one pixel, everything inside. */
function isInside(crop: Crop, size: { height: number; width: number }): boolean {
  const inside = (inner: Crop['region'], outer: { height: number; width: number }) =>
    [inner.top, inner.left, inner.height, inner.width].every(Number.isInteger) &&
    inner.top >= 0 &&
    inner.left >= 0 &&
    inner.height >= 1 &&
    inner.width >= 1 &&
    inner.top + inner.height <= outer.height &&
    inner.left + inner.width <= outer.width;
  return inside(crop.region, size) && inside(crop.window, crop);
}

describe.each(crops)('%s', (_, step) => {
  it('crops 224×224 out of images of any size, never beyond their edge', () => {
    fc.assert(
      fc.property(sizes, seeds, (size, seed) => {
        const crop = randomCrop(size, [step, { kind: 'flip' }], wanted, seededRandom(seed));
        expect(isInside(crop, size)).toBe(true);
        expect(crop.window).toMatchObject(wanted);
      }),
      {
        examples: [
          [{ height: 1, width: 1 }, 1],
          [{ height: 10_000, width: 3 }, 1],
          [{ height: 3, width: 10_000 }, 1],
        ],
      },
    );
  });

  it('crops the same without chance, from the middle', () => {
    fc.assert(
      fc.property(sizes, (size) => {
        const crop = centreCrop(size, [{ kind: 'flip' }, step], wanted);
        expect(isInside(crop, size)).toBe(true);
        expect(crop.flip).toBe(false);
        const { top, left } = crop.window;
        expect(Math.abs(crop.height - 224 - 2 * top)).toBeLessThanOrEqual(1);
        expect(Math.abs(crop.width - 224 - 2 * left)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('draws the same from the same seed', () => {
    fc.assert(
      fc.property(sizes, seeds, (size, seed) => {
        const steps = [step, { kind: 'flip' }] as const;
        const crop = () => randomCrop(size, steps, wanted, seededRandom(seed));
        expect(crop()).toEqual(crop());
      }),
      { numRuns: 20 },
    );
  });
});

it('brings the shorter side to 256 and keeps the proportion, rounded down', () => {
  const crop = randomCrop({ height: 500, width: 375 }, [crops[0]![1]], wanted, seededRandom(1));
  expect(crop).toMatchObject({ height: 341, width: 256 }); // 256 · 500 / 375 = 341.33
  expect(crop.region).toEqual({ top: 0, left: 0, height: 500, width: 375 });
});

it('takes every place for a crop equally often', () => {
  const random = seededRandom(7);
  const step: Augment = { kind: 'randomCrop', size: 5, shortSide: 7 };
  const count = new Map<string, number>();
  const draws = 12_000;
  for (let draw = 0; draw < draws; draw++) {
    const { window } = randomCrop({ height: 9, width: 7 }, [step], wanted, random);
    const place = `${window.top},${window.left}`;
    count.set(place, (count.get(place) ?? 0) + 1);
  }
  expect(count.size).toBe(5 * 3);
  expect(chiSquared([...count.values()], draws / 15)).toBeLessThan(36.1); // 14 degrees of freedom, p = 0.001
});

it('crops AlexNet’s images from the middle square of the image only', () => {
  const random = seededRandom(3);
  const step = { kind: 'randomCrop', size: 224, shortSide: 256, longSide: 'cropped' } as const;
  const lefts = Array.from(
    { length: 500 },
    () => randomCrop({ height: 256, width: 400 }, [step], wanted, random).window.left,
  );
  expect([Math.min(...lefts), Math.max(...lefts)]).toEqual([72, 104]); // (400 − 256) / 2, and 32 places more
});

it('squeezes both sides to the same length where Caffe does', () => {
  const step = { kind: 'randomCrop', size: 227, shortSide: 256, longSide: 'squeezed' } as const;
  const crop = randomCrop({ height: 100, width: 400 }, [step], wanted, seededRandom(1));
  expect([crop.height, crop.width]).toEqual([256, 256]);
});

it('draws each length of VGG’s shorter side equally often', () => {
  const random = seededRandom(5);
  const step: Augment = { kind: 'scaleJitter', size: 224, least: 256, most: 265 };
  const count = new Array<number>(10).fill(0);
  for (let draw = 0; draw < 5_000; draw++) {
    count[randomCrop({ height: 300, width: 300 }, [step], wanted, random).height - 256]!++;
  }
  expect(chiSquared(count, 500)).toBeLessThan(27.9); // 9 degrees of freedom, p = 0.001
});

it('takes 8 to 100 % of the area and ratios of 3:4 to 4:3, half of them upright', () => {
  const random = seededRandom(9);
  const step: Augment = { kind: 'areaCrop', size: 224, area: [0.08, 1], aspect: [3 / 4, 4 / 3] };
  const regions = Array.from(
    { length: 4_000 },
    () => randomCrop({ height: 3_000, width: 3_000 }, [step], wanted, random).region,
  );
  const ratios = regions.map(({ height, width }) => width / height);
  const shares = regions.map(({ height, width }) => (height * width) / 3_000 ** 2);
  expect(Math.min(...ratios)).toBeGreaterThan(0.7495);
  expect(Math.max(...ratios)).toBeLessThan(1.334);
  expect(Math.min(...shares)).toBeGreaterThan(0.0795);
  expect(ratios.filter((ratio) => ratio < 1).length / 4_000).toBeCloseTo(0.5, 1); // even in the logarithm
  // Large areas fit only where they are nearly square: of what fits always (a share below 3/4), a third lies below
  // 0.08 + (0.75 − 0.08) / 3.
  const fitting = shares.filter((share) => share < 0.75);
  expect(fitting.filter((share) => share < 0.3033).length / fitting.length).toBeCloseTo(1 / 3, 1);
});

// As torchvision 0.30's RandomResizedCrop.get_params answers when no area fits: area (2, 2).
it.each([
  [
    { height: 3, width: 10_000 },
    { top: 0, left: 4_998, height: 3, width: 4 },
  ],
  [
    { height: 10_000, width: 3 },
    { top: 4_998, left: 0, height: 4, width: 3 },
  ],
  [
    { height: 1, width: 1 },
    { top: 0, left: 0, height: 1, width: 1 },
  ],
  [
    { height: 1, width: 3 },
    { top: 0, left: 1, height: 1, width: 1 },
  ],
  [
    { height: 7, width: 5 },
    { top: 0, left: 0, height: 7, width: 5 },
  ],
])('falls back to the middle of an image of %j after ten areas that do not fit', (size, region) => {
  const step: Augment = { kind: 'areaCrop', size: 8, area: [2, 2], aspect: [3 / 4, 4 / 3] };
  expect(randomCrop(size, [step], wanted, seededRandom(1)).region).toEqual(region);
});

it('mirrors half of the images', () => {
  const random = seededRandom(11);
  const flips = Array.from(
    { length: 2_000 },
    () => randomCrop(wanted, [{ kind: 'flip' }], wanted, random).flip,
  );
  expect(flips.filter(Boolean).length).toBeGreaterThan(900);
  expect(flips.filter(Boolean).length).toBeLessThan(1_100);
});

it('without a crop brings the image to just cover what is wanted, and takes the middle', () => {
  const crop = centreCrop({ height: 50, width: 100 }, [], { height: 20, width: 30 });
  expect(crop).toEqual({
    region: { top: 0, left: 0, height: 50, width: 100 },
    height: 20,
    width: 40,
    window: { top: 0, left: 5, height: 20, width: 30 },
    flip: false,
  });
});

it('tests networks at the scale that their training implies', () => {
  const heights = crops
    .slice(0, 5)
    .map(([, step]) => centreCrop({ height: 600, width: 800 }, [step], wanted).height);
  // VGG §4.1: 0.5 (256 + 512); torchvision resizes to 256 for crops of 224.
  expect(heights).toEqual([256, 256, 256, 384, 256]);
});

function chiSquared(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}
