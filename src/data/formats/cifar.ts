/** Reads the binary files of CIFAR-10 and CIFAR-100. */
import { datasets } from '../datasets/catalogue';
import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { counted } from '../../core/text/counted';
import { UserError, messageOf } from '../../core/errors';
import { firstText, lines } from './class-names';
import { datasetInMemory, type Dataset } from '../dataset';
import type { FoundSplits } from '../splits';
import { otherFiles } from './image-folder/image-files';

const side = 32;
/** The size of one colour plane; an image has a red, a green and a blue plane, each stored row by row. */
const plane = side * side;
const imageBytes = 3 * plane;

/** The format of the binary versions of the two data sets. A. Krizhevsky, "The CIFAR-10 and CIFAR-100 datasets" */
interface Layout {
  readonly train: RegExp;
  readonly test: RegExp;
  /** The files of the whole training set. */
  readonly published: readonly string[];
  readonly names: string;
  /** Label bytes before the pixels; the last of them is the class. */
  readonly labelBytes: number;
  /** The classes in their published order, used if the file of names is missing. */
  readonly classes: readonly string[];
}

const layouts: Readonly<Record<'cifar10' | 'cifar100', Layout>> = {
  cifar10: {
    train: /^data_batch_\w+\.bin$/,
    test: /^test_batch\.bin$/,
    published: [1, 2, 3, 4, 5].map((batch) => `data_batch_${batch}.bin`),
    names: 'batches.meta.txt',
    labelBytes: 1,
    classes: datasets.cifar10.classNames!,
  },
  cifar100: {
    train: /^train\.bin$/,
    test: /^test\.bin$/,
    published: ['train.bin'],
    names: 'fine_label_names.txt',
    labelBytes: 2, // the coarse label, then the fine one
    classes: Array.from({ length: datasets.cifar100.classes }, (_, label) => String(label)),
  },
};

/** Whether the folder has files with the names of CIFAR's binary version. */
export async function hasCifar(folder: string): Promise<boolean> {
  return (await layoutOf(folder)) !== undefined;
}

/**
 * Opens a folder with the binary version of CIFAR-10 (`data_batch_1.bin` to `_5.bin` and `test_batch.bin`) or CIFAR-100
 * (`train.bin` and `test.bin`, with their fine labels), or with some of these files.
 * @param note called with the published files that are missing
 * @throws UserError naming a file whose size is not a whole number of images, or whose labels exceed the classes
 */
export async function openCifar(
  folder: string,
  name: string,
  note: (line: string) => void = () => undefined,
): Promise<FoundSplits<Dataset>> {
  const found = await layoutOf(folder);
  if (!found) {
    throw new UserError(
      `${folder}: expected data_batch_1.bin or train.bin, as CIFAR calls them, found neither`,
    );
  }
  const { layout, names } = found;
  const missing = layout.published.filter((file) => !names.includes(file));
  if (missing.length > 0) note(`${name}: not all of the published training set: no ${missing.join(', ')}`);
  const others = names.filter(
    (file) =>
      !layout.train.test(file) && !layout.test.test(file) && file !== layout.names && !file.startsWith('.'),
  );
  if (others.length > 0) note(`${name}: left out: ${otherFiles(others)}`);
  const classes = await classesOf(folder, layout);
  const part = async (split: 'train' | 'test') => {
    const files = names.filter((file) => layout[split].test(file)).sort();
    if (files.length === 0) return undefined;
    const paths = files.map((file) => join(folder, file));
    return datasetInMemory({
      name: `${name} ${split}`,
      synthetic: false,
      classes,
      ...(await readCifar(paths, layout.labelBytes, classes.length)),
    });
  };
  return { train: await part('train'), test: await part('test') };
}

async function layoutOf(folder: string) {
  const names: readonly string[] = await readdir(folder).catch(() => []);
  // CIFAR-100's file names are common, so its file of classes or the size of a file must confirm them.
  for (const layout of [layouts.cifar10, layouts.cifar100]) {
    const file = names.find((each) => layout.train.test(each) || layout.test.test(each));
    if (file === undefined) continue;
    if (layout === layouts.cifar10 || names.includes(layout.names)) return { layout, names };
    const facts = await stat(join(folder, file)).catch(() => undefined);
    if (facts?.isFile() && facts.size % (layout.labelBytes + imageBytes) === 0) return { layout, names };
  }
  return undefined;
}

async function classesOf(folder: string, { names, classes }: Layout): Promise<readonly string[]> {
  const found = await firstText([folder], names);
  if (!found) return classes;
  const own = lines(found.text).map(({ line }) => line.trim());
  if (own.length === classes.length && new Set(own).size === own.length) return own;
  throw new UserError(`${found.path}: expected ${classes.length} names of classes, found ${own.length}`);
}

async function readCifar(paths: readonly string[], labelBytes: number, classes: number) {
  const record = labelBytes + imageBytes;
  const files = await Promise.all(paths.map((path) => wholeRecords(path, record)));
  const images = files.reduce((sum, bytes) => sum + bytes.length / record, 0);
  const labels = new Int32Array(images);
  const pixels = new Uint8Array(images * imageBytes);
  let image = 0;
  for (const [index, bytes] of files.entries()) {
    for (let start = 0; start < bytes.length; start += record, image++) {
      const label = bytes[start + labelBytes - 1]!;
      if (label >= classes) {
        throw new UserError(
          `${paths[index]}: expected labels from 0 to ${classes - 1}, found ${label} in image ${start / record}`,
        );
      }
      labels[image] = label;
      interleave(bytes, start + labelBytes, pixels, image * imageBytes);
    }
  }
  return { labels, pixels, shape: [side, side, 3] as const };
}

/** Converts three colour planes into pixels with their three colours side by side. */
function interleave(bytes: Uint8Array, source: number, pixels: Uint8Array, target: number): void {
  for (let pixel = 0; pixel < plane; pixel++) {
    const at = target + 3 * pixel;
    pixels[at] = bytes[source + pixel]!;
    pixels[at + 1] = bytes[source + plane + pixel]!;
    pixels[at + 2] = bytes[source + 2 * plane + pixel]!;
  }
}

async function wholeRecords(path: string, record: number): Promise<Uint8Array> {
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new UserError(`${path}: cannot be read: ${messageOf(error)}`);
  });
  if (bytes.length > 0 && bytes.length % record === 0) return bytes;
  throw new UserError(
    `${path}: expected a whole number of images of ${record} bytes (CIFAR's binary version), ` +
      `found ${counted(bytes.length, 'byte')} in ${basename(path)}`,
  );
}
