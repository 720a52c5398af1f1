import { copyFileSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import sharp from 'sharp';
import { BadImageError } from '../../../src/data/image/bad-image';
import type { Crop, Rectangle } from '../../../src/data/image/crop';
import { checkImage } from '../../../src/data/image/open-image';
import { decodeCrop, decodeImage, imageSize } from '../../support/images/decoded';
import { temporaryFolder, testOnRealData } from '../../support/fixtures';
import { fixtures } from '../../support/places';

// Drawn and decoded by images/draw.py, with Pillow.
const images = join(fixtures, 'images');
const stored = (name: string) => ({ file: join(images, 'stored', name) });
const folder = temporaryFolder();

interface Pixels {
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** A golden image, stored without loss. */
async function golden(...path: string[]): Promise<Pixels> {
  const { data, info } = await sharp(join(images, ...path))
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { height: info.height, width: info.width, pixels: data };
}

function difference(one: Uint8Array, other: Uint8Array): { largest: number; mean: number } {
  expect(one.length).toBe(other.length);
  const { abs, max } = Math;
  let [largest, sum] = [0, 0];
  for (let at = 0; at < one.length; at++) {
    const distance = abs(one[at]! - other[at]!);
    largest = max(largest, distance);
    sum += distance;
  }
  return { largest, mean: sum / one.length };
}

/** Part of an image, copied pixel by pixel. */
function cropped({ width, pixels }: Pixels, { top, left, ...size }: Rectangle, channels = 3): Uint8Array {
  const rows = Array.from({ length: size.height }, (_, row) => {
    const start = ((top + row) * width + left) * channels;
    return pixels.subarray(start, start + size.width * channels);
  });
  return Buffer.concat(rows);
}

/** A region of an image, resized as a whole. */
const resized = (name: string, region: Rectangle, height: number, width: number) =>
  decodeCrop(stored(name), 3, () => ({
    region,
    height,
    width,
    window: { top: 0, left: 0, height, width },
    flip: false,
  }));

describe('pixels are those that Pillow decodes', () => {
  // Composing onto white and converting inks round otherwise.
  const tolerance: Readonly<Record<string, number>> = {
    'alpha.png': 1,
    'alpha.webp': 1,
    'grey-alpha.png': 1,
    'cmyk.jpg': 1,
    'tiff-alpha.tif': 1,
    'tiff-grey-alpha.tif': 1,
    'tiff-premultiplied.tif': 1,
    'tiff-inks.tif': 1,
    'bmp-alpha.bmp': 1,
    // Other programs turn luma and chroma into colours otherwise, and enlarge halved chroma by repeating it.
    'avif-full.avif': 1,
    'avif-alpha.avif': 2,
    'avif-orientation-2.avif': 1,
    'avif-orientation-6.avif': 1,
    'avif-orientation-8.avif': 1,
    'avif-smooth.avif': 16,
  };
  for (const name of readdirSync(join(images, 'stored'))) {
    const most = tolerance[name] ?? 0;
    it(`of ${name}, ${most ? `within ${most}` : 'exactly'}`, async () => {
      const expected = await golden('decoded', `${name}.png`);
      const found = await decodeImage(stored(name), 3);
      expect([found.height, found.width]).toEqual([expected.height, expected.width]);
      expect(await imageSize(stored(name))).toEqual({ height: expected.height, width: expected.width });
      expect(difference(found.pixels, expected.pixels).largest).toBeLessThanOrEqual(most);
    });
  }
});

/** Differences along the border, and in the rest: libvips holds the edge where Pillow leaves it out of the mean. */
function differences(found: Uint8Array, { height, width, pixels }: Pixels) {
  const within = { top: 1, left: 1, height: height - 2, width: width - 2 };
  const inner = difference(
    cropped({ height, width, pixels: found }, within),
    cropped({ height, width, pixels }, within),
  );
  return { ...difference(found, pixels), inner: inner.largest };
}

describe("the resize is Pillow's antialiased bilinear", () => {
  // Shrinking: the fixed point of libvips has fewer bits. An axis that shrinks to a quarter is averaged beforehand.
  const tolerances = {
    enlarged: { inner: 0, largest: 0, mean: 0 },
    shrunk: { inner: 3, largest: 12, mean: 0.5 },
    quartered: { inner: 16, largest: 20, mean: 5 },
  };
  for (const name of readdirSync(join(images, 'resized')).filter((each) => each.includes('-to-'))) {
    const numbers = name.match(/\d+/g)!.map(Number);
    const [left, top, right, bottom] = numbers.slice(0, 4) as [number, number, number, number];
    const [width, height] = numbers.slice(4) as [number, number];
    const region = { top, left, height: bottom - top, width: right - left };
    const factor = Math.max(region.width / width, region.height / height);
    const kind = factor <= 1 ? 'enlarged' : factor < 4 ? 'shrunk' : 'quartered';
    const { inner, largest, mean } = tolerances[kind];
    it(`${region.width}x${region.height} to ${width}x${height}, within ${inner}, ${largest} at the border`, async () => {
      const found = differences(
        await resized('drawn.png', region, height, width),
        await golden('resized', name),
      );
      expect(found.inner).toBeLessThanOrEqual(inner);
      expect(found.largest).toBeLessThanOrEqual(largest);
      expect(found.mean).toBeLessThanOrEqual(mean);
    });
  }
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(`of a region counted in the upright image, stored with orientation ${orientation}`, async () => {
      const region = { top: 5, left: 3, height: 40, width: 40 };
      const found = await resized(`orientation-${orientation}.jpg`, region, 30, 26);
      const { inner, largest } = differences(
        found,
        await golden('resized', `orientation-${orientation}.png`),
      );
      expect(inner).toBeLessThanOrEqual(3);
      expect(largest).toBeLessThanOrEqual(12);
    });
  }
});

/** A rectangle inside of `outer`. */
const rectangle = ({ height, width }: { readonly height: number; readonly width: number }) =>
  fc.record({ top: fc.nat(height - 1), left: fc.nat(width - 1) }).chain(({ top, left }) =>
    fc.record({
      top: fc.constant(top),
      left: fc.constant(left),
      height: fc.integer({ min: 1, max: height - top }),
      width: fc.integer({ min: 1, max: width - left }),
    }),
  );

const upright = (orientation: number) =>
  orientation > 4 ? { height: 64, width: 48 } : { height: 48, width: 64 };

it('a crop without resizing is the part of the decoded image that it names, mirrored if it says so', async () => {
  const whole = new Map<number, Pixels>();
  for (const orientation of [1, 2, 3, 4, 5, 6, 7, 8]) {
    whole.set(orientation, await golden('decoded', `orientation-${orientation}.jpg.png`));
  }
  const cases = fc.integer({ min: 1, max: 8 }).chain((orientation) =>
    rectangle(upright(orientation)).chain((region) =>
      fc.record({
        orientation: fc.constant(orientation),
        region: fc.constant(region),
        window: rectangle(region),
        flip: fc.boolean(),
      }),
    ),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ({ orientation, region, window, flip }) => {
      const { height, width } = region;
      const crop: Crop = { region, height, width, window, flip };
      const found = await decodeCrop(stored(`orientation-${orientation}.jpg`), 3, () => crop);
      const inImage = { ...window, top: region.top + window.top, left: region.left + window.left };
      const expected = cropped(whole.get(orientation)!, inImage);
      for (let row = 0; flip && row < window.height; row++) {
        const line = expected.subarray(row * window.width * 3, (row + 1) * window.width * 3);
        const colours = Array.from({ length: window.width }, (_, at) => [
          ...line.subarray(3 * at, 3 * at + 3),
        ]);
        line.set(colours.reverse().flat());
      }
      expect(Buffer.from(found).equals(expected)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

it('a window of a resized region is that part of the region resized as a whole', async () => {
  const whole = { top: 0, left: 0, height: 48, width: 64 };
  const sizes = fc.record({
    height: fc.integer({ min: 8, max: 100 }),
    width: fc.integer({ min: 8, max: 100 }),
  });
  const cases = sizes.chain((size) => fc.record({ size: fc.constant(size), window: rectangle(size) }));
  await fc.assert(
    fc.asyncProperty(cases, async ({ size: { height, width }, window }) => {
      const found = await decodeCrop(stored('drawn.png'), 3, () => ({
        region: whole,
        height,
        width,
        window,
        flip: false,
      }));
      const all = await resized('drawn.png', whole, height, width);
      expect(Buffer.from(found).equals(cropped({ height, width, pixels: all }, window))).toBe(true);
    }),
    { numRuns: 100 },
  );
});

it('a flat image stays flat at any size', async () => {
  const file = join(folder, 'flat.png');
  await sharp({ create: { width: 37, height: 23, channels: 3, background: { r: 7, g: 130, b: 255 } } })
    .png()
    .toFile(file);
  for (const [height, width] of [
    [224, 224],
    [5, 9],
    [2, 300],
    [23, 1],
  ] as const) {
    const pixels = await decodeCrop({ file }, 3, (size) => ({
      region: { top: 0, left: 0, ...size },
      height,
      width,
      window: { top: 0, left: 0, height, width },
      flip: false,
    }));
    expect(pixels).toHaveLength(height * width * 3);
    const expected = Buffer.alloc(pixels.length, Buffer.of(7, 130, 255));
    expect(expected.equals(pixels)).toBe(true);
  }
});

it('one channel is the luma of ITU-R BT.601, and a grey image keeps its greys', async () => {
  const colours = (await golden('decoded', 'drawn.png.png')).pixels;
  const { pixels } = await decodeImage(stored('drawn.png'), 1);
  expect(pixels).toHaveLength(64 * 48);
  pixels.forEach((grey, at) => {
    const [red, green, blue] = [...colours.subarray(3 * at, 3 * at + 3)] as [number, number, number];
    expect(Math.abs(grey - (0.299 * red + 0.587 * green + 0.114 * blue))).toBeLessThan(0.51);
  });
  const grey = await decodeImage(stored('grey.png'), 1);
  const expected = (await golden('decoded', 'grey.png.png')).pixels.filter((_, at) => at % 3 === 0);
  expect(Buffer.from(grey.pixels).equals(expected)).toBe(true);
});

it('what is in a file counts, not how it is called', async () => {
  const file = join(folder, 'png-inside.jpg');
  copyFileSync(stored('drawn.png').file, file);
  const { pixels } = await decodeImage({ file }, 3);
  expect(Buffer.from(pixels).equals((await golden('decoded', 'drawn.png.png')).pixels)).toBe(true);
  expect(await checkImage({ file })).toBeUndefined();
});

it('a part of an archive is read by its place', async () => {
  const bytes = readFileSync(stored('baseline.jpg').file);
  const file = join(folder, 'archive');
  writeFileSync(file, Buffer.concat([Buffer.alloc(777, 1), bytes, Buffer.alloc(99, 2)]));
  const part = { offset: 777, length: bytes.length, name: 'a/7.jpg' };
  const { pixels } = await decodeImage({ file, part }, 3);
  expect(Buffer.from(pixels).equals((await golden('decoded', 'baseline.jpg.png')).pixels)).toBe(true);
  const beyond = { file, part: { ...part, offset: 900 } };
  await expect(decodeImage(beyond, 3)).rejects.toThrow(
    `${file}: a/7.jpg: expected ${bytes.length} bytes from byte 900, found only ${bytes.length - 24}: the file has changed`,
  );
});

it('a cut outside of the image is a bug and no bad image', async () => {
  const region = { top: 0, left: 1, height: 48, width: 64 };
  const wrong = decodeCrop(stored('drawn.png'), 3, () => ({
    region,
    height: 8,
    width: 8,
    window: { top: 0, left: 0, height: 8, width: 8 },
    flip: false,
  }));
  await expect(wrong).rejects.toThrow(RangeError);
  await expect(wrong).rejects.not.toBeInstanceOf(BadImageError);
});

testOnRealData('the sizes of real photographs are those that libvips reads', async (root) => {
  const photographs = readdirSync(join(root, 'clothing', 'test'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.jpg'))
    .map((name) => join(root, 'clothing', 'test', name));
  expect(photographs).toHaveLength(165);
  for (const file of photographs) {
    const { autoOrient } = await sharp(file).metadata();
    expect(await imageSize({ file })).toEqual({ height: autoOrient.height, width: autoOrient.width });
  }
});
