import fc from 'fast-check';
import { batches, sampleBatches } from '../../../src/data/loader/batches';
import { datasetInMemory, type Dataset } from '../../../src/data/dataset';
import type { Recipe } from '../../../src/core/network';

const side = 12;
const affine = { kind: 'affine', shift: 1.5, scale: 0.1, squeeze: 0.1, shear: 0.1 } as const;
const input: Recipe['input'] = { shape: [side, side, 1], preprocess: [] };

/** Squares of a brightness of their own, by which each version of an image is known, even when distorted. */
function squares(images: number): Dataset {
  const pixels = new Uint8Array(images * side * side);
  for (let image = 0; image < images; image++)
    for (let row = 2; row < 10; row++)
      for (let column = 2; column < 10; column++) pixels[(image * side + row) * side + column] = 10 + image;
  const labels = Int32Array.from({ length: images }, (_, image) => (7 * image) % 10);
  const classes = [...'0123456789'];
  return datasetInMemory({
    name: 'squares',
    synthetic: true,
    classes,
    shape: [side, side, 1],
    labels,
    pixels,
  });
}

interface Shown {
  readonly image: number;
  readonly label: number;
  readonly pixels: string;
}

/** What an epoch shows, image by image, in its order. */
async function shown(
  data: Dataset,
  seed: number,
  epoch: number,
  order: 'new' | 'constant',
  variants?: number,
) {
  const recipe = {
    input,
    batchSize: 5,
    order,
    augment: variants ? [affine] : [],
    ...(variants && { variants }),
  };
  const all: Shown[] = [];
  for await (const { images, labels } of batches({ data, recipe, seed, epoch })) {
    labels.forEach((label, row) => {
      const pixels = images.subarray(row * side * side, (row + 1) * side * side);
      all.push({ image: pixels[6 * side + 6]! - 10, label, pixels: String(pixels) });
    });
  }
  return all;
}

const size = fc.integer({ min: 1, max: 12 });
const seeds = fc.integer({ min: 0, max: 1000 });

it('shows every version of every image once in as many epochs, with its own label, and the image itself among them', () =>
  fc.assert(
    fc.asyncProperty(size, fc.integer({ min: 2, max: 5 }), seeds, async (images, variants, seed) => {
      const data = squares(images);
      const originals = (await shown(data, seed, 0, 'new')).map(({ pixels }) => pixels);
      const round: Shown[] = [];
      for (let epoch = 0; epoch < variants; epoch++) {
        const epochs = await shown(data, seed, epoch, 'new', variants);
        expect(epochs.length).toBe(images);
        round.push(...epochs);
      }
      for (let image = 0; image < images; image++) {
        const own = round.filter((seen) => seen.image === image);
        expect(own.length).toBe(variants);
        expect(own.every(({ label }) => label === data.labels[image])).toBe(true);
        expect(new Set(own.map(({ pixels }) => pixels)).size).toBe(variants);
        expect(own.filter(({ pixels }) => originals.includes(pixels)).length).toBe(1);
      }
    }),
    { numRuns: 25 },
  ));

it('distorts a version once: the next round shows the same ones, in another order unless that is constant', async () => {
  const data = squares(12);
  const round = async (first: number, order: 'new' | 'constant') => {
    const seen = [];
    for (let epoch = first; epoch < first + 3; epoch++) seen.push(...(await shown(data, 4, epoch, order, 3)));
    return seen.map(({ pixels }) => pixels);
  };
  for (const order of ['new', 'constant'] as const) {
    const [one, other] = [await round(0, order), await round(3, order)];
    expect(other.toSorted()).toEqual(one.toSorted());
    expect(other.join() === one.join()).toBe(order === 'constant');
  }
});

it('keeps the order of the first epoch in all where it is constant, and another for another seed', () =>
  fc.assert(
    fc.asyncProperty(seeds, fc.integer({ min: 1, max: 30 }), async (seed, epoch) => {
      const data = squares(12);
      const order = async (of: number, from: number, kind: 'new' | 'constant') =>
        (await shown(data, of, from, kind)).map(({ image }) => image);
      const first = await order(seed, 0, 'constant');
      expect(await order(seed, epoch, 'constant')).toEqual(first);
      expect(await order(seed, epoch, 'new')).not.toEqual(await order(seed, epoch - 1, 'new'));
      expect(await order(seed + 1, 0, 'constant')).not.toEqual(first);
    }),
    { numRuns: 25 },
  ));

it('draws a sample without repetition, as the images are, and all of a data set that is smaller', async () => {
  const data = squares(12);
  const labels = async (images: number, epoch: number) => {
    const seen: number[] = [];
    for await (const batch of sampleBatches({
      data,
      recipe: { input, batchSize: 1, augment: [] },
      images,
      seed: 1,
      epoch,
    }))
      seen.push(
        ...Array.from(batch.labels, (_, row) => batch.images[row * side * side + 6 * side + 6]! - 10),
      );
    return seen;
  };
  const first = await labels(5, 0);
  expect(new Set(first).size).toBe(5);
  expect(await labels(5, 1)).not.toEqual(first);
  expect(await labels(5, 0)).toEqual(first);
  expect((await labels(500, 0)).toSorted((a, b) => a - b)).toEqual([...Array(12).keys()]);
});
