import fc from 'fast-check';
import type { Crop } from '../../../src/data/image/crop';
import {
  evaluationCrops,
  googlenetCrops,
  vggSides,
  type CropProtocol,
} from '../../../src/data/augment/evaluation-crops';
import { UserError } from '../../../src/core/errors';

const input = { height: 224, width: 224 };
const landscape = { height: 375, width: 500 };

/** `flip top left` of a window, for comparing with lists made by hand. */
const places = (crops: readonly Crop[]) =>
  crops.map(({ window, flip }) => `${flip ? 'mirrored' : 'as is'} ${window.top} ${window.left}`);

const mirroredToo = (windows: readonly (readonly [number, number])[]) =>
  ['as is', 'mirrored'].flatMap((way) => windows.map(([top, left]) => `${way} ${top} ${left}`));

it('takes rows and columns 1 to 224 of an image of 227×227 that is left as it is', () => {
  const [crop, ...others] = evaluationCrops(
    { kind: 'centre', side: 'none' },
    { height: 227, width: 227 },
    input,
  );
  expect(others).toEqual([]);
  expect(crop).toEqual({
    region: { top: 0, left: 0, height: 227, width: 227 },
    height: 227,
    width: 227,
    window: { top: 1, left: 1, height: 224, width: 224 }, // floor((227 − 224) / 2) = 1
    flip: false,
  });
});

it('crops the middle of an image whose shorter side became 256', () => {
  const [crop] = evaluationCrops({ kind: 'centre', side: 256 }, landscape, input);
  expect(crop).toMatchObject({ height: 256, width: 341 }); // 256 · 500 / 375 = 341.33
  expect(crop!.window).toEqual({ top: 16, left: 58, height: 224, width: 224 }); // 32 / 2, (341 − 224) / 2
});

it('takes AlexNet’s ten crops from the middle square, and torchvision’s from the whole image', () => {
  const square = evaluationCrops({ kind: 'ten', side: 256, longSide: 'cropped' }, landscape, input);
  // The square begins at column floor((341 − 256) / 2) = 42 and leaves 32 pixels to each crop.
  const corners = [
    [0, 42],
    [0, 74],
    [32, 42],
    [32, 74],
    [16, 58],
  ] as const;
  expect(places(square)).toEqual(mirroredToo(corners));
  const all = evaluationCrops({ kind: 'ten', side: 256 }, landscape, input);
  const ends = [
    [0, 0],
    [0, 117],
    [32, 0],
    [32, 117],
    [16, 58],
  ] as const;
  expect(places(all)).toEqual(mirroredToo(ends));
});

it('shows VGG the whole image at each scale', () => {
  const crops = evaluationCrops({ kind: 'dense', sides: vggSides(256), mirrored: true }, landscape, input);
  expect(crops.map(({ window, flip }) => [window.height, window.width, flip])).toEqual([
    [224, 298, false],
    [224, 298, true],
    [256, 341, false],
    [256, 341, true],
    [288, 384, false],
    [288, 384, true],
  ]);
  expect(evaluationCrops({ kind: 'dense', sides: [384], mirrored: false }, landscape, input)).toHaveLength(1);
  expect(vggSides([256, 512])).toEqual([256, 384, 512]);
});

it('lays VGG’s 50 crops on a grid of 5×5, mirrored too, and 150 at three scales', () => {
  const crops = evaluationCrops({ kind: 'grid', sides: [256] }, landscape, input);
  const grid = [0, 8, 16, 24, 32].flatMap((top) => [0, 29, 59, 88, 117].map((left) => [top, left] as const));
  expect(places(crops)).toEqual(mirroredToo(grid)); // 117 / 4 = 29.25, 58.5, 87.75
  expect(evaluationCrops({ kind: 'grid', sides: [256, 384, 512] }, landscape, input)).toHaveLength(150);
});

it('crops GoogLeNet’s 144 crops out of three squares at four scales', () => {
  const crops = evaluationCrops(googlenetCrops, landscape, input);
  expect(crops).toHaveLength(144);
  expect(crops.slice(0, 36).every(({ flip }, at) => flip === at >= 18)).toBe(true);
  // The shorter side 256: squares from columns 0, floor((341 − 256) / 2) = 42 and 341 − 256 = 85.
  const six = (square: number) => [
    [0, square],
    [0, square + 32],
    [32, square],
    [32, square + 32],
    [16, square + 16],
    [0, 0],
  ];
  expect(crops.slice(0, 18).map(({ window }) => [window.top, window.left])).toEqual([0, 42, 85].flatMap(six));
  // The squares themselves, of the image as it is: columns 0, floor((500 − 375) / 2) = 62 and 125.
  const squares = [5, 11, 17].map((at) => crops[at]!);
  expect(squares.map(({ region, height, width }) => [region, height, width])).toEqual(
    [0, 62, 125].map((left) => [{ top: 0, left, height: 375, width: 375 }, 224, 224]),
  );
  expect(crops.slice(36, 41).every(({ height, width }) => height === 288 && width === 384)).toBe(true);
});

it('takes the top, the middle and the bottom square of an upright image', () => {
  const crops = evaluationCrops({ kind: 'squares', sides: [256] }, { height: 500, width: 375 }, input);
  expect([0, 6, 12].map((at) => crops[at]!.window)).toEqual(
    [0, 42, 85].map((top) => ({ top, left: 0, height: 224, width: 224 })),
  );
});

it('has as many crops as the papers say, whole and inside, each mirrored once', () => {
  const protocols: readonly (readonly [CropProtocol, number])[] = [
    [{ kind: 'centre', side: 256 }, 1],
    [{ kind: 'ten', side: 256, longSide: 'cropped' }, 10],
    [{ kind: 'dense', sides: [224, 256, 288], mirrored: true }, 6],
    [{ kind: 'grid', sides: [256] }, 50],
    [{ kind: 'grid', sides: [256, 384, 512] }, 150],
    [googlenetCrops, 144],
  ];
  const sides = fc.integer({ min: 1, max: 3_000 });
  fc.assert(
    fc.property(sides, sides, fc.constantFrom(...protocols), (height, width, [protocol, count]) => {
      const crops = evaluationCrops(protocol, { height, width }, input);
      expect(crops).toHaveLength(count);
      for (const { region, window, ...crop } of crops) {
        const inside =
          window.top >= 0 &&
          window.left >= 0 &&
          window.top + window.height <= crop.height &&
          window.left + window.width <= crop.width &&
          region.top + region.height <= height &&
          region.left + region.width <= width;
        const { top, left } = window;
        const whole = [
          top,
          left,
          window.height,
          window.width,
          region.top,
          region.left,
          crop.height,
          crop.width,
        ];
        expect(inside && whole.every(Number.isInteger)).toBe(true);
      }
      if (count > 1) expect(crops.filter(({ flip }) => flip)).toHaveLength(count / 2);
    }),
    { numRuns: 60 },
  );
});

it('covers the image evenly: a grid’s offsets are the multiples of a quarter, rounded', () => {
  fc.assert(
    fc.property(fc.integer({ min: 224, max: 900 }), (side) => {
      const crops = evaluationCrops({ kind: 'grid', sides: [side] }, { height: 700, width: 700 }, input);
      const tops = [...new Set(crops.map(({ window }) => window.top))];
      const free = side - 224;
      tops.forEach((top) => {
        const nearest = [0, 1, 2, 3, 4].map((step) => Math.abs(top - (step * free) / 4));
        expect(Math.min(...nearest)).toBeLessThanOrEqual(0.5);
      });
      expect([Math.min(...tops), Math.max(...tops)]).toEqual([0, free]);
    }),
  );
});

it('refuses images that are left as they are and smaller than the network’s input', () => {
  const attempt = () => evaluationCrops({ kind: 'centre', side: 'none' }, { height: 200, width: 300 }, input);
  expect(attempt).toThrow(UserError);
  expect(attempt).toThrow('crops: expected images of at least 224x224 pixels, found 200x300');
});
