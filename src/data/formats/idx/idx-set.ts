/** Puts a data set together of IDX files by their names, as MNIST's: of a folder, or of files that a page was given. */
import { UserError } from '../../../core/errors';
import { listed } from '../../../core/text/counted';
import { publishedDataset } from '../../datasets/catalogue';
import { datasetInMemory, type Dataset, type Splits } from '../../dataset';
import type { IdxImages } from './idx-stream';

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

/** The files among which those of a data set are. */
export interface IdxSource {
  /** The folder, or what else the files are in, for messages. */
  readonly where: string;
  /** The names of all files there. */
  readonly names: readonly string[];
  /** What messages call a file. */
  readonly nameOf: (file: string) => string;
  readonly readImages: (file: string) => Promise<IdxImages>;
  readonly readLabels: (file: string) => Promise<Int32Array>;
}

/**
 * Puts a data set together of MNIST's four IDX files: `train-images-idx3-ubyte` and so on, also spelt
 * `train-images.idx3-ubyte`, with or without `.gz`. The names may have `test` for `t10k`, and a data set's name in
 * front (as EMNIST's have); there may be a validation set too. The class names are those known for one of the given
 * names; otherwise the classes are numbered, as many as the training labels need.
 * @param names of the data set, the first of which its parts are called by
 * @returns the data set, and the files that do not belong to it
 * @throws UserError naming the file when one is missing or damaged, or when the files do not match each other
 */
export async function idxSet(
  source: IdxSource,
  names: readonly [string, ...string[]],
): Promise<{ readonly splits: Splits<Dataset>; readonly others: readonly string[] }> {
  const { nameOf } = source;
  const { train: trainFiles, validation: validationFiles, test: testFiles, others } = findFiles(source);
  const train = await readSplit(source, trainFiles);
  const classes = names.map(classNamesOf).find((found) => found !== undefined) ?? numbered(train.labels);
  const dataset = async (part: Part, files: Files, read?: Awaited<ReturnType<typeof readSplit>>) => {
    const own = read ?? (await readSplit(source, files));
    if (String(train.shape) !== String(own.shape)) {
      throw new UserError(
        `${nameOf(files.images)}: expected images of ${size(train.shape)} pixels as in ${trainFiles.images}, ` +
          `found ${size(own.shape)}`,
      );
    }
    checkLabels(nameOf(files.labels), own.labels, classes.length);
    return datasetInMemory({ name: `${names[0]} ${part}`, synthetic: false, classes, ...own });
  };
  const splits = {
    train: await dataset('train', trainFiles, train),
    ...(validationFiles && { validation: await dataset('validation', validationFiles) }),
    test: await dataset('test', testFiles),
  };
  return { splits, others };
}

/** Whether there are files of MNIST's names, whatever their content. */
export function areIdxNames(given: readonly string[]): boolean {
  const names = new Set(given);
  return (['train', 't10k'] as const).every((word) =>
    (['images', 'labels'] as const).every((kind) => spellings(word, kind).some((name) => names.has(name))),
  );
}

function findFiles({ where, names }: IdxSource) {
  const prefix = prefixOf(where, names);
  const find = (part: Part, kind: 'images' | 'labels') => {
    const wanted = words[part].flatMap((word) => spellings(`${prefix}${word}`, kind));
    return wanted.find((spelling) => names.includes(spelling));
  };
  const both = (part: Part): Files => {
    const need = (kind: 'images' | 'labels') => {
      const name = find(part, kind);
      if (name !== undefined) return name;
      throw new UserError(
        `${where}: expected ${spellings(prefix + words[part][0], kind)[0]} (or that with .gz) in it, found ${
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
  const used = new Set(Object.values(found).flatMap(({ images, labels }) => [images, labels]));
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

async function readSplit(
  { nameOf, readImages, readLabels }: IdxSource,
  { images: imagesName, labels: labelsName }: Files,
) {
  const { images, shape, pixels } = await readImages(imagesName);
  const labels = await readLabels(labelsName);
  if (labels.length !== images) {
    throw new UserError(
      `${nameOf(labelsName)}: expected ${images} labels for the images of ${imagesName}, found ${labels.length}`,
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
