import {
  affineDistort,
  applyAffine,
  randomAffine,
  type Affine,
  type AffineRanges,
} from '../../../src/data/augment/affine';
import type { ImageShape } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';

const none: AffineRanges = { kind: 'affine', shift: 0, scale: 0, squeeze: 0, shear: 0 };
const some: AffineRanges = { kind: 'affine', shift: 2, scale: 0.15, squeeze: 0.1, shear: 0.3 };
const still: Affine = { xx: 1, xy: 0, yy: 1, dx: 0, dy: 0 };

function noise([height, width, channels]: ImageShape, seed: number): Uint8Array {
  const random = seededRandom(seed);
  return Uint8Array.from({ length: height * width * channels }, () => random.integer(256));
}

/** The centre of the ink, in pixels from the centre of the image, and the sum of the ink. */
function inkOf(pixels: Uint8Array, [height, width]: ImageShape) {
  let [x, y, sum] = [0, 0, 0];
  pixels.forEach((pixel, place) => {
    x += pixel * ((place % width) - (width - 1) / 2);
    y += pixel * (Math.floor(place / width) - (height - 1) / 2);
    sum += pixel;
  });
  return { x: x / sum, y: y / sum, sum };
}

test('ranges of nothing leave the image as it is', () => {
  for (const shape of [
    [28, 28, 1],
    [5, 8, 3],
  ] as const) {
    const image = noise(shape, 1);
    expect(affineDistort(image, shape, none, seededRandom(2))).toEqual(image);
  }
});

test('a shift by whole pixels moves the indices and fills with 0', () => {
  const shape = [6, 7, 2] as const;
  const image = noise(shape, 3);
  const moved = applyAffine(image, shape, { ...still, dx: 2, dy: -1 });
  for (let row = 0; row < 6; row++) {
    for (let column = 0; column < 7; column++) {
      for (const channel of [0, 1]) {
        const inside = row + 1 < 6 && column - 2 >= 0;
        const expected = inside ? image[((row + 1) * 7 + column - 2) * 2 + channel] : 0;
        expect(moved[(row * 7 + column) * 2 + channel]).toBe(expected);
      }
    }
  }
});

test('every pixel is the tent-weighted sum of the source around the place that the inverse matrix gives', () => {
  const shape = [9, 12, 1] as const;
  const image = noise(shape, 4);
  const random = seededRandom(5);
  for (let round = 0; round < 20; round++) {
    const map = randomAffine(some, random);
    const moved = applyAffine(image, shape, map);
    const determinant = map.xx * map.yy;
    for (let row = 0; row < 9; row++) {
      for (let column = 0; column < 12; column++) {
        const [right, down] = [column - 5.5 - map.dx, row - 4 - map.dy];
        const x = (map.yy * right - map.xy * down) / determinant + 5.5;
        const y = (map.xx * down) / determinant + 4;
        let expected = 0;
        image.forEach((pixel, place) => {
          const tent = (distance: number) => Math.max(0, 1 - Math.abs(distance));
          expected += pixel * tent((place % 12) - x) * tent(Math.floor(place / 12) - y);
        });
        expect(Math.abs(moved[row * 12 + column]! - expected)).toBeLessThanOrEqual(0.5 + 1e-6);
      }
    }
  }
});

test('the centre of the ink goes where the map sends it, and its mass grows with the determinant', () => {
  const shape = [41, 41, 1] as const;
  const image = new Uint8Array(41 * 41);
  for (let row = 10; row < 18; row++) image.fill(200, row * 41 + 22, row * 41 + 30);
  const before = inkOf(image, shape);
  const random = seededRandom(6);
  for (let round = 0; round < 20; round++) {
    const map = randomAffine(some, random);
    const after = inkOf(applyAffine(image, shape, map), shape);
    expect(after.x).toBeCloseTo(map.xx * before.x + map.xy * before.y + map.dx, 0.5);
    expect(after.y).toBeCloseTo(map.yy * before.y + map.dy, 0.5);
    expect(after.sum / before.sum / (map.xx * map.yy)).toBeCloseTo(1, 1);
  }
});

test('what is drawn stays within the ranges and fills them', () => {
  const random = seededRandom(7);
  const maps = Array.from({ length: 4000 }, () => randomAffine(some, random));
  const span = (value: (map: Affine) => number) => {
    const values = maps.map(value);
    return [Math.min(...values), Math.max(...values)] as const;
  };
  const expectSpan = ([least, most]: readonly [number, number], low: number, high: number) => {
    expect(least).toBeGreaterThanOrEqual(low);
    expect(most).toBeLessThanOrEqual(high);
    expect((most - least) / (high - low)).toBeGreaterThan(0.9);
  };
  expectSpan(
    span((map) => map.dx),
    -2,
    2,
  );
  expectSpan(
    span((map) => map.dy),
    -2,
    2,
  );
  expectSpan(
    span((map) => map.xy / map.yy),
    -0.3,
    0.3,
  );
  expectSpan(
    span((map) => (map.xx + map.yy) / 2),
    0.85,
    1.15,
  );
  expectSpan(
    span((map) => (map.yy - map.xx) / (map.yy + map.xx)),
    -0.1,
    0.1,
  );
});

test('the same seed gives the same image, another seed another', () => {
  const shape = [28, 28, 1] as const;
  const image = noise(shape, 8);
  const distorted = (seed: number) => affineDistort(image, shape, some, seededRandom(seed));
  expect(distorted(1)).toEqual(distorted(1));
  expect(distorted(1)).not.toEqual(distorted(2));
});
