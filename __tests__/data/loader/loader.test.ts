import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { BadImageError } from '../../../src/data/image/bad-image';
import { plansInOrder } from '../../../src/data/loader/sampler';
import { batches, batchesInOrder, trainingBatches, type Batch } from '../../../src/data/loader/batches';
import { datasetInMemory, subset, type ImageFiles } from '../../../src/data/dataset';
import { openLoader, type Loader } from '../../../src/data/loader/loader';
import { UserError } from '../../../src/core/errors';
import type { Recipe } from '../../../src/core/network';
import { spawn } from 'node:child_process';
import { ended, temporaryFolder } from '../../support/fixtures';
import { colourOf, noisyImages, solidImages } from '../../support/images/solid-images';
import { projectRoot } from '../../support/places';

const folder = temporaryFolder();
const input: Recipe['input'] = { shape: [8, 8, 3], preprocess: [] };
const augment: Recipe['augment'] = [
  { kind: 'randomCrop', size: 8, shortSide: 10 },
  { kind: 'flip' },
  { kind: 'photometric', strength: 0.4 },
];
const crops = augment.slice(0, 2);
/** The same threads for many streams of batches. */
const feeds: Record<string, Loader> = {};
let solid: ImageFiles;
let noisy: ImageFiles;

beforeAll(async () => {
  solid = await solidImages(join(folder, 'solid'), 40);
  noisy = await noisyImages(join(folder, 'noisy'), 23, 13, 17);
  for (const workers of [0, 1, 2, 3]) feeds[workers] = openLoader({ workers });
});
afterAll(() => Promise.all(Object.values(feeds).map((loader) => loader.close())));

interface Seen {
  readonly label: number;
  readonly values: Float32Array;
}

/** The images one after the other, each with its label, whatever the batches; copied, since their memory is used again. */
async function seen(given: AsyncIterable<Batch>): Promise<Seen[]> {
  const all: Seen[] = [];
  for await (const { images, labels, shape } of given) {
    const size = shape[0] * shape[1] * shape[2];
    labels.forEach((label, row) => all.push({ label, values: images.slice(row * size, (row + 1) * size) }));
  }
  return all;
}

/** The number of the solid image that an image shows. */
function numberOf({ values }: Seen): number {
  const number = Math.round(values[0]! / 4);
  const { r, g, b } = colourOf(number);
  expect(values.every((value, at) => value === [r, g, b][at % 3])).toBe(true);
  return number;
}

const few = fc.record({
  count: fc.integer({ min: 1, max: 40 }),
  batchSize: fc.integer({ min: 1, max: 50 }),
  seed: fc.nat(1000),
  epoch: fc.nat(5),
  workers: fc.constantFrom('0', '1', '2', '3'),
});

it('shows every image exactly once an epoch, and never parts it from its label', () =>
  fc.assert(
    fc.asyncProperty(few, async ({ count, batchSize, seed, epoch, workers }) => {
      const data = subset(
        solid,
        Int32Array.from({ length: count }, (_, index) => index),
        'some',
      );
      const recipe = { input, augment: crops, batchSize };
      const images = await seen(batches({ data, recipe, seed, epoch, loader: feeds[workers] }));
      expect(images.map(numberOf).toSorted((one, other) => one - other)).toEqual([...Array(count).keys()]);
      for (const image of images) expect(image.label).toBe(numberOf(image) % 3);
    }),
    { numRuns: 30 },
  ));

it('gives the same images in the same order, bit for bit, with any number of workers and any size of batches', () =>
  fc.assert(
    fc.asyncProperty(few, few, async (one, other) => {
      const { seed, epoch } = one;
      const of = ({ batchSize, workers }: typeof one) =>
        seen(
          batches({
            data: noisy,
            recipe: { input, augment, batchSize },
            seed,
            epoch,
            loader: feeds[workers],
          }),
        );
      expect(await of(other)).toEqual(await of(one));
    }),
    { numRuns: 20 },
  ));

it('distorts each image anew in each epoch, and otherwise for another seed', async () => {
  const of = async (seed: number, epoch: number) => {
    const images = await seen(
      batches({ data: noisy, recipe: { input, augment, batchSize: 9 }, seed, epoch, loader: feeds[1] }),
    );
    return new Set(images.map(({ values }) => String(values)));
  };
  const first = await of(1, 0);
  expect(first.size).toBe(noisy.labels.length);
  for (const others of [await of(1, 1), await of(2, 0)])
    expect([...others].filter((values) => first.has(values))).toEqual([]);
});

it('goes on after any update as if it had not been interrupted', () =>
  fc.assert(
    fc.asyncProperty(few, fc.nat(30), async ({ batchSize, seed, workers }, interrupted) => {
      const recipe = { input, augment, batchSize, epochs: 2 };
      const perEpoch = Math.ceil(noisy.labels.length / batchSize);
      const done = interrupted % (2 * perEpoch);
      const options = { data: noisy, recipe, seed, loader: feeds[workers]! };
      const whole = await seen(trainingBatches({ ...options, done: 0 }));
      const rest = await seen(trainingBatches({ ...options, done }));
      expect(whole.length).toBe(2 * noisy.labels.length);
      const before = Math.floor(done / perEpoch) * noisy.labels.length + (done % perEpoch) * batchSize;
      expect(rest).toEqual(whole.slice(before));
    }),
    { numRuns: 15 },
  ));

it('takes up no more batches than the workers can have in hand and two, however slow whoever takes them', async () => {
  for (const [workers, batchSize, most] of [
    [2, 4, 3],
    [1, 4, 3],
    [3, 1, 8],
    [0, 4, 2],
  ] as const) {
    let [begun, taken] = [0, 0];
    function* plans() {
      for (const plan of plansInOrder(solid.labels.length, batchSize)) {
        begun++;
        yield plan;
      }
    }
    const transform = { recipe: { input, augment: crops } };
    for await (const { labels } of feeds[workers]!.batches({
      data: solid,
      plans: plans(),
      transform,
      batchSize,
    })) {
      if (taken < 5) await setTimeout(50);
      expect(begun - taken).toBeLessThanOrEqual(most);
      taken++;
      expect(labels.length).toBeLessThanOrEqual(batchSize);
    }
    expect(taken).toBe(Math.ceil(40 / batchSize));
  }
});

it('hands images that lie in memory to workers, too, and gets back what the calling thread makes of them', async () => {
  const data = datasetInMemory({
    name: 'noise',
    synthetic: true,
    classes: ['a', 'b'],
    shape: [12, 12, 1],
    labels: Int32Array.from({ length: 50 }, (_, index) => index % 2),
    pixels: Uint8Array.from({ length: 50 * 144 }, (_, at) => (at * 2654435761) >>> 24),
  });
  const recipe = {
    input: { shape: [16, 16, 1], preprocess: [{ kind: 'pad', height: 16, width: 16, value: 7 }] },
    augment: [{ kind: 'affine', shift: 2, scale: 0.1, squeeze: 0.1, shear: 0.1 }],
    batchSize: 7,
  } as const;
  const by = (workers: number) => seen(batches({ data, recipe, seed: 3, epoch: 1, loader: feeds[workers] }));
  expect(await by(2)).toEqual(await by(0));
});

describe('an image that cannot be read', () => {
  let damaged: ImageFiles;
  const bad = [5, 11, 12];
  const nameOf = (index: number) => damaged.files[index]!.file;

  beforeAll(async () => {
    damaged = await solidImages(join(folder, 'damaged'), 16);
    writeFileSync(nameOf(5), '');
    writeFileSync(nameOf(11), 'no image');
    writeFileSync(nameOf(12), 'nor this');
  });

  it('ends the work with its name, when its turn comes', async () => {
    const good: number[] = [];
    const reading = async () => {
      for await (const { labels } of batchesInOrder(damaged, { input, augment: crops }, 4, {
        loader: feeds[2],
      }))
        good.push(...labels);
    };
    await expect(reading()).rejects.toThrow(BadImageError);
    expect(good).toEqual([0, 1, 2, 0]);
    await expect(reading()).rejects.toThrow(
      `${nameOf(5)}: expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found an empty file`,
    );
  });

  it('is left out of its batch where it shall be, and every other is shown exactly once', async () => {
    for (const workers of [0, 2]) {
      const loader = openLoader({ workers, onBadImage: 'skip' });
      const sizes: number[] = [];
      const skipped: string[] = [];
      const numbers: number[] = [];
      const options = {
        data: damaged,
        recipe: { input, augment: crops, batchSize: 1 },
        seed: 1,
        epoch: 0,
        loader,
      };
      for await (const batch of batches(options)) {
        sizes.push(batch.labels.length);
        for (const { file, index, reason } of batch.skipped ?? []) {
          expect(file).toBe(nameOf(index));
          expect(reason).toMatch(/^expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found/);
          skipped.push(file);
        }
        for (const image of await seen(
          (async function* () {
            yield batch;
          })(),
        )) {
          numbers.push(numberOf(image));
          expect(image.label).toBe(numberOf(image) % 3);
        }
      }
      expect(sizes.length).toBe(16); // an empty batch keeps the count of updates
      expect(skipped.toSorted()).toEqual(bad.map(nameOf));
      expect(numbers.toSorted((one, other) => one - other)).toEqual(
        [...Array(16).keys()].filter((at) => !bad.includes(at)),
      );
      await loader.close();
    }
  });
});

it('says what is wrong with a recipe before any image is read', async () => {
  const recipe = { input, augment: [{ kind: 'randomCrop', size: 9, shortSide: 12 }], batchSize: 4 } as const;
  const taking = batches({ data: solid, recipe, seed: 1, epoch: 0, loader: feeds[2] }).next();
  await expect(taking).rejects.toThrow(
    'augment: expected crops that become images of 8x8, found randomCrop to 9x9',
  );
});

it('passes a mistake that workers meet on as the mistake that it is, once, and refuses work then', async () => {
  const loader = openLoader({ workers: 2 });
  const packed = {
    file: join(folder, 'gone.bin'),
    part: { offset: 0, length: 192, name: 'x.png' },
    packed: { shape: [8, 8, 3], crc32: null },
  } as const;
  const data = { ...solid, files: solid.files.map((place, index) => (index === 20 ? packed : place)) };
  const reading = () => seen(batchesInOrder(data, { input, augment: [] }, 8, { loader }));
  const message = `x.png: expected it packed as it was, found no ${join(folder, 'gone.bin')} any more; the next run packs it again`;
  await expect(reading()).rejects.toThrow(new UserError(message));
  await expect(reading()).rejects.toThrow(message);
  await loader.close();
});

it('lets the process end when whoever takes batches leaves early, or never closes it', async () => {
  const program = `
    const { openLoader } = require('./src/data/loader/loader');
    const { batchesInOrder } = require('./src/data/loader/batches');
    const data = ${JSON.stringify({ ...solid, labels: undefined })};
    data.labels = new Int32Array(${solid.labels.length});
    const loader = openLoader({ workers: 2 });
    const given = batchesInOrder(data, ${JSON.stringify({ input, augment: crops })}, 4, { loader });
    given.next().then(({ value }) => console.log(value.labels.length, 'images'));
  `;
  const child = spawn(process.execPath, ['--import', 'tsx', '-e', program], { cwd: projectRoot });
  expect(await ended(child)).toMatchObject({ code: 0, stdout: '4 images\n' });
});
