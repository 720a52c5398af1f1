import fc from 'fast-check';
import { cropArray } from '../../../src/data/image/resample';
import type { ImageShape } from '../../../src/core/network';
import { seededRandom } from '../../../src/core/random';

/** Pixels that Python computes from the same formula. */
function image([height, width, channels]: ImageShape): Uint8Array {
  return Uint8Array.from({ length: height * width * channels }, (_, at) => {
    const [y, x, k] = [Math.floor(at / channels / width), Math.floor(at / channels) % width, at % channels];
    return 37 * y + 91 * x + 53 * k + ((y * x) % 7) * 11;
  });
}

const whole = (height: number, width: number) => ({ top: 0, left: 0, height, width });
const to = (from: ImageShape, height: number, width: number) => ({
  region: whole(from[0], from[1]),
  height,
  width,
  window: whole(height, width),
  flip: false,
});

// PIL.Image.fromarray(image).resize((width, height), BILINEAR) of Pillow 13.0.
// prettier-ignore
const pillow = [
  { shape: [5, 7, 1], height: 8, width: 10, pixels: [0, 50, 114, 177, 75, 49, 113, 176, 125, 34, 16, 69, 136, 203, 104, 81, 143, 131, 106, 79, 39, 96, 164, 224, 140, 126, 181, 75, 82, 139, 62, 123, 155, 109, 125, 155, 184, 82, 95, 155, 86, 149, 167, 69, 122, 149, 134, 76, 107, 171, 109, 176, 199, 106, 133, 108, 30, 55, 120, 187, 132, 124, 112, 94, 156, 130, 25, 92, 156, 204, 148, 81, 42, 82, 173, 151, 29, 123, 183, 215] },
  { shape: [5, 7, 1], height: 2, width: 3, pixels: [109, 125, 113, 125, 122, 120] },
  { shape: [5, 7, 1], height: 3, width: 9, pixels: [16, 80, 154, 171, 47, 122, 135, 112, 78, 74, 149, 149, 110, 140, 150, 96, 88, 163, 132, 121, 106, 115, 190, 58, 74, 147, 204] },
  { shape: [4, 6, 3], height: 3, width: 4, pixels: [46, 99, 152, 150, 161, 114, 88, 132, 139, 143, 196, 109, 96, 149, 154, 147, 129, 125, 147, 186, 83, 99, 152, 109, 145, 131, 155, 138, 131, 130, 117, 170, 56, 64, 117, 141] },
] as const;

it.each(pillow)('resizes $shape to $height×$width as Pillow does', ({ shape, height, width, pixels }) => {
  expect([...cropArray(image(shape), shape, to(shape, height, width))]).toEqual(pixels);
});

it('resizes a part as Pillow resizes that part alone', () => {
  const crop = {
    region: { top: 1, left: 2, height: 3, width: 3 },
    height: 5,
    width: 2,
    window: whole(5, 2),
    flip: false,
  };
  // prettier-ignore
  const pixels = [183, 76, 129, 151, 204, 97, 144, 101, 116, 163, 216, 70, 86, 139, 96, 180, 233, 30, 107, 160, 117, 113, 166, 59, 121, 174, 131, 68, 121, 78];
  expect([...cropArray(image([4, 6, 3]), [4, 6, 3], crop)]).toEqual(pixels);
});

it('gives a window of the resized image, mirrored if asked', () => {
  const sides = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(
      sides,
      sides,
      sides,
      sides,
      fc.constantFrom(1, 3),
      fc.nat(),
      (h, w, height, width, channels, seed) => {
        const random = seededRandom(seed);
        const shape = [h, w, channels] as const;
        const all = cropArray(image(shape), shape, to(shape, height, width));
        const window = { top: random.integer(height), left: random.integer(width), height: 0, width: 0 };
        window.height = 1 + random.integer(height - window.top);
        window.width = 1 + random.integer(width - window.left);
        for (const flip of [false, true]) {
          const part = cropArray(image(shape), shape, { ...to(shape, height, width), window, flip });
          const expected = [];
          for (let y = 0; y < window.height; y++) {
            for (let x = 0; x < window.width; x++) {
              const column = window.left + (flip ? window.width - 1 - x : x);
              const start = ((window.top + y) * width + column) * channels;
              expected.push(...all.subarray(start, start + channels));
            }
          }
          expect([...part]).toEqual(expected);
        }
      },
    ),
  );
});
