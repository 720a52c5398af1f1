import { readdir } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { UserError, messageOf } from '../errors';
import { datasetInMemory } from './dataset';
import type { Dataset, Splits } from './dataset';
import { readIdxImages, readIdxLabels } from './idx';

/** The classes of the data sets that are known by name; others have as many numbered ones as their labels need. */
const knownClasses: Readonly<Record<string, readonly string[]>> = {
  mnist: ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'],
  // H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST", Table 2
  'fashion-mnist': [
    'T-shirt/top',
    'Trouser',
    'Pullover',
    'Dress',
    'Coat',
    'Sandal',
    'Shirt',
    'Sneaker',
    'Bag',
    'Ankle boot',
  ],
};

/** The beginnings of MNIST's file names, and how the rest of each may be spelt. */
const parts = {
  trainImages: { stem: 'train-images', kind: 'idx3-ubyte' },
  trainLabels: { stem: 'train-labels', kind: 'idx1-ubyte' },
  testImages: { stem: 't10k-images', kind: 'idx3-ubyte' },
  testLabels: { stem: 't10k-labels', kind: 'idx1-ubyte' },
} as const;

type Part = keyof typeof parts;

/**
 * Opens a folder that holds a data set as MNIST's four IDX files: `train-images-idx3-ubyte` and so on, also spelt
 * `train-images.idx3-ubyte`, with `.gz` or without, and plain or gzipped whatever the name says.
 * The classes are those known for the name, or for the folder's name; else as many as the training labels need.
 * @throws UserError naming the file when one is missing or damaged, or when the files do not fit each other
 */
export async function openIdx(folder: string, name: string): Promise<Splits<Dataset>> {
  const paths = await findParts(folder);
  const train = await readSplit(paths.trainImages, paths.trainLabels);
  const test = await readSplit(paths.testImages, paths.testLabels);
  if (String(train.shape) !== String(test.shape)) {
    throw new UserError(
      `${paths.testImages}: expected images of ${size(train.shape)} pixels as in ${basename(paths.trainImages)}, ` +
        `found ${size(test.shape)}`,
    );
  }
  const classes =
    knownClasses[known(name)] ?? knownClasses[known(basename(resolve(folder)))] ?? numbered(train.labels);
  checkLabels(paths.trainLabels, train.labels, classes.length);
  checkLabels(paths.testLabels, test.labels, classes.length);
  const dataset = (split: string, read: Awaited<ReturnType<typeof readSplit>>): Dataset =>
    datasetInMemory({ name: `${name} ${split}`, synthetic: false, classes, ...read });
  return { train: dataset('train', train), test: dataset('test', test) };
}

/** Whether the folder has all four files, whatever is in them. */
export async function hasIdx(folder: string): Promise<boolean> {
  const names = new Set(await readdir(folder).catch(() => []));
  return Object.values(parts).every((part) => spellings(part).some((name) => names.has(name)));
}

async function findParts(folder: string): Promise<Record<Part, string>> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new UserError(`${folder}: expected a folder of IDX files, cannot be read: ${messageOf(error)}`);
  });
  const find = (part: Part) => {
    const name = spellings(parts[part]).find((spelling) => names.includes(spelling));
    if (name !== undefined) return join(folder, name);
    throw new UserError(
      `${folder}: expected ${spellings(parts[part])[0]} (or that with .gz) in it, found ${listed(names)}`,
    );
  };
  return {
    trainImages: find('trainImages'),
    trainLabels: find('trainLabels'),
    testImages: find('testImages'),
    testLabels: find('testLabels'),
  };
}

function spellings({ stem, kind }: { readonly stem: string; readonly kind: string }): readonly string[] {
  return [`${stem}-${kind}`, `${stem}.${kind}`, `${stem}-${kind}.gz`, `${stem}.${kind}.gz`];
}

function listed(names: readonly string[]): string {
  if (names.length === 0) return 'an empty folder';
  const rest = names.length > 6 ? ` and ${names.length - 6} more` : '';
  return names.slice(0, 6).join(', ') + rest;
}

async function readSplit(imagesPath: string, labelsPath: string) {
  const { images, shape, pixels } = await readIdxImages(imagesPath);
  const labels = await readIdxLabels(labelsPath);
  if (labels.length !== images) {
    throw new UserError(
      `${labelsPath}: expected ${images} labels for the images of ${basename(imagesPath)}, found ${labels.length}`,
    );
  }
  return { shape, pixels, labels };
}

const size = ([height, width]: readonly number[]) => `${height}x${width}`;

/** `FashionMNIST`, `fashion_mnist` and the like count as `fashion-mnist`. */
function known(name: string): string {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  return letters === 'fashionmnist' ? 'fashion-mnist' : letters;
}

function numbered(labels: Int32Array): readonly string[] {
  const largest = labels.reduce((most, label) => Math.max(most, label), 0);
  return Array.from({ length: largest + 1 }, (_, label) => String(label));
}

function checkLabels(path: string, labels: Int32Array, classes: number): void {
  const at = labels.findIndex((label) => label >= classes);
  if (at < 0) return;
  throw new UserError(
    `${path}: expected labels from 0 to ${classes - 1}, found ${labels[at]} at position ${at}`,
  );
}
