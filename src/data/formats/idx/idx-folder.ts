/** Opens a folder of IDX files, such as MNIST: images and labels of training and test set. */
import { publishedDataset } from '../../datasets/catalogue';
import { basename, join, resolve } from 'node:path';
import { UserError, messageOf } from '../../../core/errors';
import { datasetInMemory, type Dataset, type Splits } from '../../dataset';
import { readIdxImages, readIdxLabels } from './idx-file';
import { entries, listed, otherFiles } from '../image-folder/image-files';

/** The prefixes of the files of each part; for the test set, MNIST's own prefix is first. */
const words = {
  train: ['train', 'training'],
  validation: ['validation', 'val', 'valid', 'dev'],
  test: ['t10k', 'test', 'testing'],
} as const;

type Part = keyof typeof words;

/** The files of a part. */
interface Files {
  readonly images: string;
  readonly labels: string;
}

/**
 * Opens a folder that holds a data set as MNIST's four IDX files: `train-images-idx3-ubyte` and so on, also spelt
 * `train-images.idx3-ubyte`, with or without `.gz`. Whether a file is gzipped is read from its content. The names may
 * have `test` for `t10k`, and a data set's name in front (as EMNIST's have); there may be a validation set too. The
 * class names are those known for the data set's name or the folder's name; otherwise the classes are numbered, as many
 * as the training labels need.
 * @param note called with the files that are left out
 * @throws UserError naming the file when one is missing or damaged, or when the files do not match each other
 */
export async function openIdx(
  folder: string,
  name: string,
  note: (line: string) => void = () => undefined,
): Promise<Splits<Dataset>> {
  const { train: trainFiles, validation: validationFiles, test: testFiles, others } = await findFiles(folder);
  if (others.length > 0) note(`${name}: left out: ${otherFiles(others)}`);
  const train = await readSplit(trainFiles);
  const classes = classNamesOf(name) ?? classNamesOf(basename(resolve(folder))) ?? numbered(train.labels);
  const dataset = async (part: Part, files: Files, read?: Awaited<ReturnType<typeof readSplit>>) => {
    const own = read ?? (await readSplit(files));
    if (String(train.shape) !== String(own.shape)) {
      throw new UserError(
        `${files.images}: expected images of ${size(train.shape)} pixels as in ${basename(trainFiles.images)}, ` +
          `found ${size(own.shape)}`,
      );
    }
    checkLabels(files.labels, own.labels, classes.length);
    return datasetInMemory({ name: `${name} ${part}`, synthetic: false, classes, ...own });
  };
  return {
    train: await dataset('train', trainFiles, train),
    ...(validationFiles && { validation: await dataset('validation', validationFiles) }),
    test: await dataset('test', testFiles),
  };
}

/** Whether the folder has files with MNIST's names, whatever their content. */
export async function hasIdx(folder: string): Promise<boolean> {
  const names = new Set(await filesIn(folder).catch(() => []));
  return (['train', 't10k'] as const).every((word) =>
    (['images', 'labels'] as const).every((kind) => spellings(word, kind).some((name) => names.has(name))),
  );
}

async function filesIn(folder: string): Promise<readonly string[]> {
  const inside = await entries(folder).catch((error: unknown) => {
    throw new UserError(`${folder}: expected a folder of IDX files, cannot be read: ${messageOf(error)}`);
  });
  return inside.filter(({ kind }) => kind === 'file').map(({ name }) => name);
}

async function findFiles(folder: string) {
  const names = await filesIn(folder);
  const prefix = prefixOf(folder, names);
  const find = (part: Part, kind: 'images' | 'labels') => {
    const wanted = words[part].flatMap((word) => spellings(`${prefix}${word}`, kind));
    return wanted.find((spelling) => names.includes(spelling));
  };
  const both = (part: Part): Files => {
    const need = (kind: 'images' | 'labels') => {
      const name = find(part, kind);
      if (name !== undefined) return join(folder, name);
      throw new UserError(
        `${folder}: expected ${spellings(prefix + words[part][0], kind)[0]} (or that with .gz) in it, found ${
          names.length > 0 ? listed(names, 6) : 'an empty folder'
        }`,
      );
    };
    return { images: need('images'), labels: need('labels') };
  };
  const found = {
    train: both('train'),
    ...((find('validation', 'images') ?? find('validation', 'labels')) && { validation: both('validation') }),
    test: both('test'),
  };
  const used = new Set(
    Object.values(found).flatMap(({ images, labels }) => [basename(images), basename(labels)]),
  );
  return { ...found, others: names.filter((name) => !used.has(name) && !name.startsWith('.')) };
}

/** The prefix of all names, such as `emnist-letters-`. Refuses a folder with the files of several data sets. */
function prefixOf(folder: string, names: readonly string[]): string {
  const prefixes = [...new Set(names.flatMap((name) => prefixIn(name)))];
  if (prefixes.length <= 1) return prefixes[0] ?? '';
  throw new UserError(
    `${folder}: expected the IDX files of one data set, found those of ${listed(
      prefixes.map((prefix) => `${prefix}train-images`),
      6,
    )}`,
  );
}

function prefixIn(name: string): readonly string[] {
  const match = /^(.*-)?train(?:ing)?-images[-.]idx3-ubyte(?:\.gz)?$/.exec(name);
  return match ? [match[1] ?? ''] : [];
}

function spellings(word: string, part: 'images' | 'labels'): readonly string[] {
  const [stem, kind] = [`${word}-${part}`, part === 'images' ? 'idx3-ubyte' : 'idx1-ubyte'];
  return [`${stem}-${kind}`, `${stem}.${kind}`, `${stem}-${kind}.gz`, `${stem}.${kind}.gz`];
}

async function readSplit({ images: imagesPath, labels: labelsPath }: Files) {
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

/**
 * The class names of a data set published as IDX files; `FashionMNIST`, `fashion_mnist` and so on are `fashion-mnist`.
 */
function classNamesOf(name: string): readonly string[] | undefined {
  const letters = name.toLowerCase().replace(/[^a-z]/g, '');
  const record = publishedDataset(letters === 'fashionmnist' ? 'fashion-mnist' : letters);
  return record?.download && record.classNames;
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
