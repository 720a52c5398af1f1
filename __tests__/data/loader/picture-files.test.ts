/** Pictures of digits in files are shown to a network as its training set was, whatever their size and background. */
import { join } from 'node:path';
import sharp from 'sharp';
import { zoo } from '../../../models/registry';
import type { Recipe } from '../../../src/core/network';
import type { Dataset } from '../../../src/data/dataset';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { openImage } from '../../../src/data/image/open-image';
import { isDarkOnLight } from '../../../src/data/image/pixels';
import { createTransform } from '../../../src/data/loader/transform';
import { openTestData } from '../../../src/data/open';
import { temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();
const dataRoot = process.env['LINEAGE_DATA'];

/** The recipe of a network that learned light on dark. */
function onBlack({ input, augment }: Recipe): Pick<Recipe, 'input' | 'augment'> {
  return { input: { ...input, background: 'black' }, augment };
}

async function pixelsOf(data: Dataset, index: number): Promise<Uint8Array> {
  return data.pixels(Int32Array.of(index));
}

/** What a network sees of an image that it is given in memory. */
function seenInMemory(recipe: Pick<Recipe, 'input' | 'augment'>, data: Dataset, pixels: Uint8Array) {
  const transform = createTransform({ recipe, stored: data.shape });
  const values = new Float32Array(transform.shape[0] * transform.shape[1]);
  transform.fromPixels(pixels, null, values);
  return values;
}

/** What it sees of a picture in a file. */
async function seenInFile(recipe: Pick<Recipe, 'input' | 'augment'>, file: string) {
  const transform = createTransform({ recipe, stored: null });
  const values = new Float32Array(
    transform.shape[0] * transform.shape[1] * transform.shape[2] * transform.cropsPerImage,
  );
  const decoded = await transform.decode(await openImage({ file }, transform.channels), null);
  decoded.write(values);
  return { values, inverted: decoded.inverted };
}

async function png(name: string, pixels: Uint8Array, side: number, scaledTo = side): Promise<string> {
  const file = join(folder, `${name}.png`);
  const image = sharp(pixels, { raw: { height: side, width: side, channels: 1 } });
  await image.resize(scaledTo, scaledTo, { kernel: 'nearest' }).toColourspace('b-w').png().toFile(file);
  return file;
}

const drawn = drawDigits({ seed: 3 }).test;

describe('a digit of the size of the data set, as a file', () => {
  it.each(['lenet5', 'lenet5-modern', 'lenet1', 'lenet-caffe', 'nin-mnist'] as const)(
    'is the same to %s as in memory, bit for bit, and so is its negative',
    async (name) => {
      const recipe = onBlack(zoo[name].recipe);
      for (const index of [0, 1, 2, 3]) {
        const pixels = await pixelsOf(drawn, index);
        const wanted = seenInMemory(recipe, drawn, pixels);
        const light = await seenInFile(recipe, await png(`${name}-${index}`, pixels, 28));
        expect(light).toEqual({ values: wanted, inverted: false });
        const opposite = pixels.map((value) => 255 - value);
        const dark = await seenInFile(recipe, await png(`${name}-${index}-dark`, opposite, 28));
        expect(dark).toEqual({ values: wanted, inverted: true });
      }
    },
  );

  it('lies in the middle of 32x32 with two pixels of background about it', async () => {
    const recipe = onBlack(zoo.lenet5.recipe);
    const pixels = new Uint8Array(28 * 28).fill(255, 14 * 28, 15 * 28); // a line from edge to edge
    const { values } = await seenInFile(recipe, await png('line', pixels, 28));
    const [ink, background] = [Math.fround(1.175), Math.fround(-0.1)]; // §II.B
    const expected = new Float32Array(32 * 32).fill(background).fill(ink, 16 * 32 + 2, 16 * 32 + 30);
    expect(values).toEqual(expected);
  });

  it('is brought to that size from any other, and then padded', async () => {
    const recipe = onBlack(zoo.lenet5.recipe);
    const pixels = await pixelsOf(drawn, 5);
    const wanted = seenInMemory(recipe, drawn, pixels);
    const { values } = await seenInFile(recipe, await png('large', pixels, 28, 280));
    const near = values.map((value, at) => Math.abs(value - wanted[at]!));
    expect(near.reduce((sum, one) => sum + one, 0) / near.length).toBeLessThan(0.05); // of 1.275 from black to white
    for (let at = 0; at < 32; at++)
      for (const edge of [at, 32 + at, 30 * 32 + at, 31 * 32 + at])
        expect(values[edge]).toBe(Math.fround(-0.1));
  });

  it('is one decision for all crops of an image', async () => {
    const pixels = (await pixelsOf(drawn, 7)).map((value) => 255 - value);
    const recipe = onBlack(zoo['lenet-caffe'].recipe);
    const transform = createTransform({
      recipe,
      stored: null,
      crops: { kind: 'ten', side: 30, longSide: 'kept' },
    });
    const file = await png('crops', pixels, 28);
    const decoded = await transform.decode(await openImage({ file }, 1), null);
    expect(decoded.inverted).toBe(true);
  });
});

it('takes the images of networks for photos as they are, dark or light', async () => {
  const white = await png('white', new Uint8Array(224 * 224).fill(255), 224);
  for (const name of ['alexnet', 'googlenet', 'vgg-a', 'nin-cifar100'] as const) {
    const { input, augment } = zoo[name].recipe;
    expect(input).not.toHaveProperty('background');
    expect(input).not.toHaveProperty('stored');
    const plain = { input: { shape: input.shape, preprocess: [] }, augment };
    const { values, inverted } = await seenInFile(plain, white);
    expect(inverted).toBe(false);
    expect(values.every((value) => value === 255)).toBe(true);
  }
});

it.each([
  ['half of the border light', [255, 255, 0, 0], false],
  ['more than half of it light', [255, 255, 255, 0], true],
  ['a dark grey one', [127, 127, 127, 127], false],
  ['a light grey one', [128, 128, 128, 128], true],
])('%s', (_, pixels, expected) => {
  expect(isDarkOnLight([{ pixels: Uint8Array.from(pixels), shape: [2, 2, 1] }])).toBe(expected);
});

it('looks at the border alone', () => {
  const pixels = new Uint8Array(25).fill(255);
  for (const at of [0, 1, 2, 3, 4, 5, 9, 10, 14, 15, 19, 20, 21, 22, 23, 24]) pixels[at] = 0;
  expect(isDarkOnLight([{ pixels, shape: [5, 5, 1] }])).toBe(false);
});

(dataRoot === undefined ? it.skip : it).each([
  ['mnist', 0],
  ['usps', 0],
  ['fashion-mnist', 0], // two images of its training set are taken for dark on light
])('takes %s for light on dark, and its negative for dark on light', async (name, most) => {
  const data = await openTestData(name, { root: dataRoot, seed: 1 });
  if (data.kind !== 'pixels') throw new Error('expected images in memory');
  const { shape, labels } = data;
  const size = shape[0] * shape[1];
  const all = await data.pixels(Int32Array.from(labels.keys()));
  let [light, dark] = [0, 0];
  for (let at = 0; at < all.length; at += size) {
    const pixels = all.subarray(at, at + size);
    if (isDarkOnLight([{ pixels, shape }])) light++;
    if (!isDarkOnLight([{ pixels: pixels.map((value) => 255 - value), shape }])) dark++;
  }
  expect([light, dark]).toEqual([most, most]);
});
