import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ImageFiles, datasetInMemory } from '../../../src/data/dataset';
import { batches, batchesInOrder } from '../../../src/data/loader/batches';
import { openLoader } from '../../../src/data/loader/loader';
import type { Network, Paper, Recipe } from '../../../src/core/network';
import { evaluate } from '../../../src/evaluate/evaluate';
import { useBackend } from '../../../src/runtime/backend';
import { tf } from '../../../src/core/tf';
import { createRun, openRun, runFiles, type RunRecord } from '../../../src/train/run/run-record';
import { drawnModel, trainInFolder } from '../../../src/train/run/run';
import { arraysOf } from '../../../src/weights/named-array';
import { command, temporaryFolder } from '../../support/fixtures';
import { colourOf, solidImages } from '../../support/images/solid-images';

const folder = temporaryFolder();

const recipe: Recipe = {
  dataset: 'solid',
  input: { shape: [8, 8, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  epochs: 2,
  batchSize: 4,
  weightDecay: 0,
  optimiser: { kind: 'momentum', momentum: 0.9 },
  schedule: { kind: 'constant', rate: 0.01 },
  loss: { kind: 'softmaxCrossEntropy' },
  augment: [
    { kind: 'randomCrop', size: 8, shortSide: 10 },
    { kind: 'flip' },
    { kind: 'pcaLighting', deviation: 0.1 },
  ],
  initialiser: { kernel: { kind: 'uniformOverFanIn', scale: 1 }, bias: 0 },
  guesses: {},
};

/** One that answers with the strongest of red, green and blue, until it learns otherwise. */
const network: Network = {
  paper: {} as Paper,
  recipe,
  head: [],
  build: () => {
    const input = tf.input({ shape: [8, 8, 3] });
    const means = tf.layers.globalAveragePooling2d({ dataFormat: 'channelsLast' }).apply(input);
    const scores = tf.layers.dense({ units: 3, useBias: false, name: 'dense' }).apply(means);
    const model = tf.model({ inputs: input, outputs: scores as tf.SymbolicTensor });
    model.setWeights([tf.eye(3)]);
    return model;
  },
};

function record(data: ImageFiles, further: Partial<RunRecord> = {}): RunRecord {
  return {
    network: 'toy',
    data: data.name,
    classes: 3,
    recipe,
    seed: 5,
    validationImages: 3,
    checkpointEvery: 2,
    step: 'auto',
    precision: 'float32',
    command: '',
    commit: null,
    started: '',
    machine: {},
    ...further,
  };
}

/** Images of which the label is the strongest of red, green and blue. */
async function strongest(name: string): Promise<ImageFiles> {
  const images = await solidImages(join(folder, name), 20);
  const labelOf = (index: number) => {
    const { r, g, b } = colourOf(index);
    return [r, g, b].indexOf(Math.max(r, g, b));
  };
  return { ...images, labels: images.labels.map((_, index) => labelOf(index)) };
}

/** Trains a run that `createRun` has made. */
async function trained(run: string, data: ImageFiles): Promise<void> {
  const begun = await openRun(run);
  const model = drawnModel(network, begun);
  await trainInFolder({ folder: run, record: begun, model, data }).finally(() => model.dispose());
}

beforeAll(() => useBackend());

it('goes on with a run on images to the same weights, bit for bit, after an interruption at any update', async () => {
  const data = await strongest('resumed');
  const train = async (name: string, interrupted?: number) => {
    const run = join(folder, name);
    await createRun(run, record(data));
    const controller = new AbortController();
    const begun = await openRun(run);
    const options = () => ({ folder: run, record: begun, model: drawnModel(network, begun), data });
    const onUpdate = ({ step }: { readonly step: number }) => {
      if (step === interrupted) controller.abort();
    };
    let training = { ...options(), onUpdate, signal: controller.signal };
    let found = await trainInFolder(training);
    expect(found.finished).toBe(interrupted === undefined);
    if (interrupted !== undefined) {
      training.model.dispose();
      training = { ...training, ...options(), signal: new AbortController().signal };
      found = await trainInFolder(training);
    }
    const log = readFileSync(join(run, runFiles.log), 'utf8');
    return {
      weights: await arraysOf(training.model.weights),
      done: found.progress.done,
      log: log.replaceAll(/"(seconds|residentBytes)":[\d.]+|"crc32":"\w+"/g, ''),
    };
  };
  const whole = await train('whole');
  expect(whole.done).toBe(10); // 17 images in batches of 4, twice
  for (const interrupted of [1, 4, 5, 8])
    expect(await train(`at-${interrupted}`, interrupted)).toEqual(whole);
});

it('names each image that it leaves out in run.json, once, and learns from all others', async () => {
  const data = await strongest('skipped');
  const bad = [data.files[3]!.file, data.files[17]!.file];
  for (const file of bad) writeFileSync(file, 'no image');
  const run = join(folder, 'skipping');
  await createRun(run, record(data, { onBadImage: 'skip', validationImages: 0 }));
  const images: number[] = [];
  const begun = await openRun(run);
  await trainInFolder({
    folder: run,
    record: begun,
    model: drawnModel(network, begun),
    data,
    onUpdate: (update) => images.push(update.images),
  });
  const { skippedImages } = await openRun(run);
  expect(skippedImages?.map(({ file }) => file)).toEqual(bad);
  expect(skippedImages?.[0]?.reason).toMatch(
    /^expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found/,
  );
  expect(images.reduce((all, one) => all + one, 0)).toBe(2 * 18);
});

it('ends on an image that cannot be read with its name and the way around', async () => {
  const data = await strongest('failing');
  writeFileSync(data.files[9]!.file, '');
  const run = join(folder, 'failing-run');
  await createRun(run, record(data, { validationImages: 0 }));
  await expect(trained(run, data)).rejects.toThrow(
    `${data.files[9]!.file}: expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found an empty file; onBadImage: 'skip' leaves such images out`,
  );
});

it('says when none of the images can be read, whose last batch alone would be no reason', async () => {
  const data = await strongest('none');
  for (const { file } of data.files) writeFileSync(file, '');
  const run = join(folder, 'none-run');
  await createRun(run, record(data, { onBadImage: 'skip', validationImages: 0 }));
  await expect(trained(run, data)).rejects.toThrow(
    'solid: expected images to learn from, found none that can be read',
  );
});

it('measures the error on the middles of images, each with its own label, and counts what it left out nowhere', async () => {
  const data = await strongest('evaluated');
  const wrong = {
    ...data,
    labels: data.labels.map((label, index) => (index === 7 ? (label + 1) % 3 : label)),
  };
  const model = network.build({ classes: 3, seed: 1 });
  const failing = openLoader();
  const all = await evaluate({ model, recipe, data: wrong, batchSize: 6, loader: failing });
  await failing.close();
  expect(all).toMatchObject({ images: 20, mistakes: 1, error: 0.05 });
  expect(all.protocol).toBe('each image once, its middle');
  const bad = data.files[2]!.file;
  writeFileSync(bad, '');
  const loader = openLoader({ onBadImage: 'skip' });
  const some = await evaluate({ model, recipe, data: wrong, batchSize: 6, loader });
  expect(some).toMatchObject({ images: 19, mistakes: 1, error: 1 / 19, skippedImages: [{ file: bad }] });
  const second = data.files.filter((_, index) => wrong.labels[index] === 2);
  for (const { file } of second) writeFileSync(file, '');
  await expect(evaluate({ model, recipe, data: wrong, batchSize: 6, loader })).rejects.toThrow(
    `solid: expected images of each class that can be read, found none of 2 (${second.length} unreadable; `,
  );
  await loader.close();
  model.dispose();
});

it('whitens whole batches of what the workers prepared, and distorts after that', async () => {
  const size = 2 * 3 * 1;
  const pixels = Uint8Array.from({ length: 5 * size }, (_, at) => (at * 2654435761) >>> 24);
  const data = datasetInMemory({
    name: 'tiny',
    synthetic: true,
    classes: ['a', 'b'],
    shape: [2, 3, 1],
    labels: Int32Array.of(0, 1, 0, 1, 0),
    pixels,
  });
  const matrix = Float32Array.from({ length: size * size }, (_, at) => ((at * 7) % 11) / 10);
  const mean = Float32Array.from({ length: size }, (_, at) => 10 * at);
  const fitted = { whitening: { mean, matrix } };
  const of = {
    input: { shape: [2, 3, 1], preprocess: [{ kind: 'whiten', bias: 0.1 }] },
    augment: [{ kind: 'translate', shift: 1 }],
    batchSize: 3,
  } as const;
  const whitened = (index: number) =>
    Array.from({ length: size }, (_, column) => {
      let sum = 0;
      for (let row = 0; row < size; row++)
        sum += (pixels[index * size + row]! - mean[row]!) * matrix[row * size + column]!;
      return sum;
    });
  let image = 0;
  for await (const { images, labels } of batchesInOrder(data, of, 3, { fitted })) {
    labels.forEach((_, row) => {
      const expected = whitened(image++);
      expected.forEach((value, at) => expect(images[row * size + at]).toBeCloseTo(value, 2));
    });
  }
  expect(image).toBe(5);
  // Shifted by up to one pixel either way, with zeros behind: what is there stands in the whitened image, too.
  for await (const { images, labels } of batches({ data, recipe: of, fitted, seed: 1, epoch: 0 })) {
    labels.forEach((_, row) => {
      const shown = images.subarray(row * size, (row + 1) * size);
      const own = [0, 1, 2, 3, 4].filter((index) => {
        const values = whitened(index);
        return shown.every((value) => value === 0 || values.some((one) => Math.abs(one - value) < 0.01));
      });
      expect(own.length).toBeGreaterThan(0);
    });
  }
});

it('takes --workers, --cache and --on-bad-image from the command line to the report', async () => {
  const root = join(folder, 'set');
  for (const [part, count] of [
    ['train', 9],
    ['test', 6],
  ] as const)
    for (const name of ['x', 'y']) await solidImages(join(root, part, name), count, 40);
  const bad = [join(root, 'train', 'y', '004.png'), join(root, 'test', 'x', '002.png')];
  for (const file of bad) writeFileSync(file, 'no image');
  const run = join(folder, 'command');
  const grey = 'input.preprocess=[{"kind":"range","black":-0.1,"white":1.175}]';
  const words = [
    '--data',
    root,
    '--epochs',
    '1',
    '--batch',
    '4',
    '--set',
    grey,
    '--workers',
    '1',
    '--cache',
    join(folder, 'cache'),
  ];
  const failed = await command(['train', 'lenet5', '--out', run, ...words]);
  expect(failed).toMatchObject({ code: 2, stdout: '' });
  expect(failed.stderr).toContain(
    `${bad[0]!}: expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found 8 bytes that begin 6e6f2069; --on-bad-image skip`,
  );
  const { code, stdout, stderr } = await command([
    'train',
    'lenet5',
    '--out',
    run,
    ...words,
    '--on-bad-image',
    'skip',
    '--json',
  ]);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ images: 11, skippedImages: [{ file: bad[1] }] });
  // Of each part at the beginning, since its counts before were of all images.
  expect(stderr).toContain('set train: 18 images of 2 classes (x 9, y 9)\n');
  expect(stderr).toContain('set train: left out, for it cannot be read: 1 of y; 17 images are left\n');
  expect(stderr).toContain('set test: left out, for it cannot be read: 1 of x; 11 images are left\n');
  expect(stderr).toContain(
    `1 image was unreadable and left out, as listed in ${join(run, 'run.json')}:\n  ${bad[0]!}: `,
  );
  const kept = await openRun(run);
  expect(kept).toMatchObject({
    onBadImage: 'skip',
    cache: join(folder, 'cache'),
    skippedImages: [{ file: bad[0] }],
  });
  // What a run does with such images can be changed when it goes on, and then stays so.
  const refused = await command(['train', '--resume', run, '--on-bad-image', 'fail']);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/00[24]\.png: expected .*; --on-bad-image skip leaves such images out/);
  for (const name of ['001.png', '002.png']) writeFileSync(join(root, 'train', 'x', name), '');
  const resumed = await command(['train', '--resume', run, '--on-bad-image', 'skip', '--json']);
  expect(resumed.stderr).toContain(
    'set train: left out, for they cannot be read: 2 of x; 15 images are left\n',
  );
  expect(JSON.parse(resumed.stdout)).toMatchObject({ images: 11 });
  expect((await openRun(run)).onBadImage).toBe('skip');
});
