/** What readers of the code trace most often, each as the few calls that a test of it would make. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { zoo } from '../../models/registry';
import { seededRandom } from '../../src/core/random';
import { randomCrop } from '../../src/data/augment/random-crop';
import { subset } from '../../src/data/dataset';
import { openData } from '../../src/data/open';
import { openIdx } from '../../src/data/formats/idx/idx-folder';
import { openImage } from '../../src/data/image/open-image';
import { trainingBatches } from '../../src/data/loader/batches';
import { openLoader } from '../../src/data/loader/loader';
import { evaluate } from '../../src/evaluate/evaluate';
import { useBackend } from '../../src/runtime/backend';
import { train } from '../../src/train/train';

/** Prepares a task, and returns the function to trace. */
export type Task = (data: string) => Promise<() => Promise<unknown>>;

const { recipe: alexnet } = zoo.alexnet;
const crop = { kind: 'randomCrop', size: 224, shortSide: 256 } as const;

/** Tasks by name; `data` is the data root, which contains `mnist`. */
export const tasks: Readonly<Record<string, Task>> = {
  'MNIST’s files to pixels and labels': async (data) => () => openIdx(join(data, 'mnist'), 'mnist'),
  'a random crop of a JPEG': async () => {
    const file = await drawnJpeg();
    return async () => {
      const image = await openImage({ file }, 3);
      return image.decode(randomCrop(image.size, [crop], { height: 224, width: 224 }, seededRandom(1)));
    };
  },
  'a JPEG to a training batch': async () => {
    const file = await drawnJpeg();
    const recipe = { ...alexnet, batchSize: 1 };
    const data = {
      ...({ kind: 'files', name: 'one', synthetic: true, classes: ['a', 'b'] } as const),
      labels: Int32Array.of(0),
      files: [{ file }],
    };
    const fitted = { mean: new Float32Array(224 * 224 * 3) };
    return async () => {
      const loader = openLoader({ workers: 0 });
      await trainingBatches({ data, recipe, seed: 1, done: 0, loader, fitted }).next();
      await loader.close();
    };
  },
  'a top-5 error': async (root) => {
    const { test } = await openData('mnist', { root, seed: 1 });
    const data = subset(
      test,
      Int32Array.from({ length: 100 }, (_, index) => index),
      'mnist test',
    );
    const { recipe, build } = zoo.lenet5;
    const model = build({ classes: 10, seed: 1 });
    return () => evaluate({ model, recipe, data });
  },
  'a first update of LeNet-5 on MNIST': async (root) => async () => {
    const data = (await openData('mnist', { root, seed: 1 })).train;
    const { recipe, build } = zoo.lenet5;
    const model = build({ classes: 10, seed: 1 });
    await train({ model, recipe, data, seed: 1 }).next();
  },
};

const folders: string[] = [];

/** Draws noise with the size of a photo. */
async function drawnJpeg(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'lineage-tree-'));
  folders.push(folder);
  const file = join(folder, 'image.jpg');
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const;
  await sharp({ create: { width: 500, height: 375, channels: 3, background: '#000', noise } })
    .jpeg()
    .toFile(file);
  return file;
}

/** Selects the JavaScript backend: what is traced is the algorithm, not how TensorFlow runs it. */
export async function begin(): Promise<void> {
  await useBackend('cpu');
}

/** Removes the files that the tasks have created. */
export async function end(): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true });
}
