import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { openCifar } from '../../../src/data/formats/cifar';
import type { Dataset } from '../../../src/data/dataset';
import { openData } from '../../../src/data/open';
import { openUsps } from '../../../src/data/formats/usps';
import { temporaryFolder, testOnRealData, refusal } from '../../support/fixtures';

const folder = temporaryFolder();
let folders = 0;

function holding(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(folder, String(++folders));
  mkdirSync(root);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(root, name), bytes);
  return root;
}

const pixelsOf = (set: Dataset, ...indices: readonly number[]) => set.pixels(Int32Array.from(indices));

/** A record of CIFAR's binary version: red is 1 in the row of `label`, green 2 and blue 3 in its column. */
function record(labels: readonly number[]): Buffer {
  const at = labels.at(-1)!;
  const plane = (value: number, inside: (row: number, column: number) => boolean) =>
    Array.from({ length: 1024 }, (_, place) => (inside(place >> 5, place & 31) ? value : 0));
  return Buffer.from([
    ...labels,
    ...plane(1, (row) => row === at),
    ...plane(2, (_, column) => column === at),
    ...plane(3, (_, column) => column === at),
  ]);
}

/** The colour at a place of an image of 32x32. */
const colour = (pixels: Uint8Array, row: number, column: number) => {
  const start = 3 * (32 * row + column);
  return [...pixels.subarray(start, start + 3)];
};

describe('CIFAR', () => {
  it('of ten classes: three planes become three colours a pixel, the batches follow each other', async () => {
    const root = holding({
      'data_batch_2.bin': record([7]),
      'data_batch_1.bin': Buffer.concat([record([3]), record([9])]),
      'test_batch.bin': record([0]),
    });
    const notes: string[] = [];
    const { train, test } = await openCifar(root, 'cifar10', (line) => notes.push(line));
    expect([...train!.labels, ...test!.labels]).toEqual([3, 9, 7, 0]);
    expect(train!.shape).toEqual([32, 32, 3]);
    const second = await pixelsOf(train!, 2, 1);
    expect(second).toHaveLength(2 * 3072);
    expect([colour(second, 7, 7), colour(second, 7, 8), colour(second, 8, 7)]).toEqual([
      [1, 2, 3],
      [1, 0, 0],
      [0, 2, 3],
    ]);
    expect(train!.classes.slice(0, 4)).toEqual(['airplane', 'automobile', 'bird', 'cat']);
    expect(notes).toEqual([
      'cifar10: not all of the published training set: no data_batch_3.bin, data_batch_4.bin, data_batch_5.bin',
    ]);
  });

  it('of a hundred classes: the fine label counts, and its name is that of its file', async () => {
    const names = Array.from({ length: 100 }, (_, label) => `class ${label}`).join('\n');
    const root = holding({
      'train.bin': Buffer.concat([record([4, 30]), record([1, 99])]),
      'test.bin': record([0, 5]),
      'fine_label_names.txt': `${names}\n`,
    });
    const { train, test } = await openData(root, { seed: 1 });
    expect([...train.labels, ...test.labels]).toEqual([30, 99, 5]);
    expect(train.classes[99]).toBe('class 99');
    expect(colour(await pixelsOf(train as Dataset, 0), 30, 30)).toEqual([1, 2, 3]);
  });

  it('files of other sizes, other labels and other names are refused by file', async () => {
    const whole = record([1]);
    const cut = holding({ 'data_batch_1.bin': whole.subarray(1) });
    expect(await refusal(openCifar(cut, 'a'))).toMatch(
      /data_batch_1\.bin: expected a whole number of images of 3073 bytes .*, found 3072/,
    );
    expect(await refusal(openCifar(holding({ 'test_batch.bin': '' }), 'a'))).toMatch(/found 0 bytes/);
    const tenth = holding({ 'data_batch_1.bin': Buffer.concat([whole, record([10])]) });
    expect(await refusal(openCifar(tenth, 'a'))).toMatch(/labels from 0 to 9, found 10 in image 1$/);
    const names = holding({ 'data_batch_1.bin': whole, 'batches.meta.txt': 'cat\ndog\n' });
    expect(await refusal(openCifar(names, 'a'))).toMatch(
      /batches\.meta\.txt: expected 10 names of classes, found 2$/,
    );
  });

  it('a folder deeper, as its archive unpacks, is found, and what is not read is said', async () => {
    const root = holding({});
    mkdirSync(join(root, 'cifar-10-batches-bin'));
    for (const [file, bytes] of [
      ['data_batch_1.bin', record([1])],
      ['test_batch.bin', record([2])],
      ['readme.html', ''],
    ] as const) {
      writeFileSync(join(root, 'cifar-10-batches-bin', file), bytes);
    }
    const notes: string[] = [];
    const { train, test } = await openData(root, { seed: 1, onProgress: (line) => notes.push(line) });
    expect([...train.labels, ...test.labels]).toEqual([1, 2]);
    const name = root.split('/').at(-1)!;
    expect(notes[0]).toBe(`${name}: the files are those of ${join(root, 'cifar-10-batches-bin')}`);
    expect(notes.at(-3)).toBe(`${name}: left out: 1 other file (readme.html)`);
    expect(notes.at(-2)).toMatch(
      / train: 1 image of 10 classes \(airplane, automobile, bird, …\), 0 to 1 of each$/,
    );
  });

  testOnRealData("the first images of CIFAR-10's first batch are the known ones", async (root) => {
    const { train } = await openCifar(join(root, 'cifar10'), 'cifar10');
    expect(train!.labels).toHaveLength(4000);
    // As the Python version of the same batch begins: a frog, two trucks, a deer, two automobiles, …
    const names = [...train!.labels.subarray(0, 10)].map((label) => train!.classes[label]);
    expect(names.join(' ')).toBe('frog truck truck deer automobile automobile bird horse ship cat');
    const pixels = await pixelsOf(train!, 0);
    expect([colour(pixels, 0, 0), colour(pixels, 0, 1), colour(pixels, 31, 31)]).toEqual([
      [59, 62, 63],
      [43, 46, 45],
      [123, 92, 72],
    ]);
  });
});

describe('USPS', () => {
  /** A line of a label and 256 greys, the first ones given. */
  const line = (label: string, ...greys: readonly string[]) =>
    `${[label, ...greys, ...Array.from({ length: 256 - greys.length }, () => '-1.000')].join(' ')} \n`;

  it('greys from -1 to 1 become pixels from 0 to 255, plain and gzipped', async () => {
    const text = line('6.0000', '-1.000', '1.000', '0', '-0.631') + line('0.0000');
    const root = holding({ 'zip.train.gz': gzipSync(text), 'zip.test': line('9') });
    const { train, test } = await openUsps(root, 'usps');
    expect([...train!.labels, ...test!.labels]).toEqual([6, 0, 9]);
    expect(train!.shape).toEqual([16, 16, 1]);
    const pixels = await pixelsOf(train!, 0);
    expect([...pixels.subarray(0, 5)]).toEqual([0, 255, 128, 47, 0]); // (1 - 0.631) / 2 · 255 = 47.05
    expect(pixels).toHaveLength(256);
  });

  it('lines that are not so are refused by number', async () => {
    const found = (text: string | Buffer) => refusal(openUsps(holding({ 'zip.train': text }), 'usps'));
    expect(await found(line('1') + '5 0 0\n')).toMatch(/a label and 256 values in line 2, found 3 numbers$/);
    expect(await found(line('10'))).toMatch(/a label from 0 to 9 in line 1, found 10$/);
    expect(await found(line('1', '1.5'))).toMatch(/values from -1 to 1 in line 1, found 1\.5$/);
    expect(await found(line('1', 'x'))).toMatch(/found NaN$/);
    expect(await found('')).toMatch(/expected a line an image, found none$/);
    const zipped = gzipSync(line('1'));
    expect(await found(zipped.subarray(0, zipped.length - 9))).toMatch(/expected a sound gzip file, found /);
  });

  testOnRealData(
    'the digits are as many of each class as the book that hands them out says',
    async (root) => {
      // T. Hastie, R. Tibshirani, J. Friedman, the file zip.info beside the data
      const { train, test } = await openData('usps', { root, seed: 1 });
      const counts = ({ labels }: { labels: Int32Array }) =>
        Array.from({ length: 10 }, (_, digit) => labels.filter((label) => label === digit).length);
      expect(counts(train)).toEqual([1194, 1005, 731, 658, 652, 556, 664, 645, 542, 644]);
      expect(counts(test)).toEqual([359, 264, 198, 166, 200, 160, 170, 147, 166, 177]);
    },
  );
});

it('a name that recipes use and that cannot be downloaded is asked for in the data root', async () => {
  const root = holding({});
  expect(await refusal(openData('cifar10', { root, seed: 1 }))).toBe(
    `cifar10: expected data_batch_1.bin to data_batch_5.bin and test_batch.bin in ${join(root, 'cifar10')}, found no such folder`,
  );
  mkdirSync(join(root, 'usps'));
  expect(await refusal(openData('usps', { root, seed: 1 }))).toMatch(
    /usps: expected a folder of .*, found an empty folder$/,
  );
});
