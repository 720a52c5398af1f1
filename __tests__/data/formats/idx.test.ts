import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Dataset, Splits } from '../../../src/data/dataset';
import { readIdxImages, readIdxLabels } from '../../../src/data/formats/idx/idx-file';
import { openIdx } from '../../../src/data/formats/idx/idx-folder';
import { openData } from '../../../src/data/open';
import { temporaryFolder, testOnRealData, refusal } from '../../support/fixtures';

const folder = temporaryFolder();
let files = 0;

/** A new file of these bytes; the name says nothing of the content. */
function file(bytes: Uint8Array): string {
  const path = join(folder, `file-${++files}`);
  writeFileSync(path, bytes);
  return path;
}

/** An IDX file byte by byte, as its description says: two zeros, type, dimensions, big-endian sizes, data. */
function idx(sizes: readonly number[], data: readonly number[], type = 8): Buffer {
  const words = sizes.flatMap((size) => [24, 16, 8, 0].map((shift) => (size >>> shift) & 255));
  return Buffer.from([0, 0, type, sizes.length, ...words, ...data]);
}

const pixels = Array.from({ length: 2 * 3 * 4 }, (_, place) => place * 10);

const parts = [
  'train-images-idx3-ubyte',
  'train-labels-idx1-ubyte',
  't10k-images-idx3-ubyte',
  't10k-labels-idx1-ubyte',
];

/** A folder of three training images and one test image of 1x2 pixels, parts replaced or left out (null). */
function idxFolder(
  name: string,
  replaced: Readonly<Record<string, Buffer | null>> = {},
  spelling = (part: string) => part,
) {
  const place = join(folder, `folder-${++files}`, name);
  mkdirSync(place, { recursive: true });
  const whole = [
    idx([3, 1, 2], [1, 2, 3, 4, 5, 6]),
    idx([3], [0, 2, 1]),
    idx([1, 1, 2], [7, 8]),
    idx([1], [2]),
  ];
  parts.forEach((part, index) => {
    const bytes = replaced[part] === undefined ? whole[index]! : replaced[part];
    if (bytes) writeFileSync(join(place, spelling(part)), bytes);
  });
  return place;
}

async function allPixels({ train, test: held }: Splits<Dataset>): Promise<readonly number[]> {
  const of = async (set: Dataset) => [...(await set.pixels(Int32Array.from(set.labels.keys())))];
  return [...(await of(train)), ...(await of(held))];
}

test('images come out byte for byte, plain and gzipped, whatever the file is called', async () => {
  const plain = idx([2, 3, 4], pixels);
  for (const bytes of [plain, gzipSync(plain)]) {
    const read = await readIdxImages(file(bytes));
    expect(read).toEqual({ images: 2, shape: [3, 4, 1], pixels: Uint8Array.from(pixels) });
  }
});

test('labels come out in order', async () => {
  expect(await readIdxLabels(file(gzipSync(idx([3], [9, 0, 255]))))).toEqual(Int32Array.of(9, 0, 255));
});

test('a file that is not IDX, or of other data, is refused with both magics', async () => {
  expect(await refusal(readIdxImages(file(Buffer.from('<html><body>not found</body></html>'))))).toMatch(
    /file-\d+: expected an IDX file.*\(magic 00 00 08 03\), found magic 3c 68 74 6d/,
  );
  expect(await refusal(readIdxImages(file(idx([2, 3, 4], pixels, 0x0d))))).toContain(
    'found magic 00 00 0d 03',
  );
  expect(await refusal(readIdxLabels(file(idx([2, 3, 4], pixels))))).toContain(
    'magic 00 00 08 01), found magic 00 00 08 03',
  );
});

test('a file cut anywhere is refused as truncated, plain and gzipped', async () => {
  const plain = idx([2, 3, 4], pixels);
  for (let cut = 0; cut < plain.length; cut++) {
    expect(await refusal(readIdxImages(file(plain.subarray(0, cut))))).toMatch(/expected .* found \d+/);
    expect(await refusal(readIdxImages(file(gzipSync(plain.subarray(0, cut)))))).toMatch(
      /expected .* found \d+/,
    );
  }
  const gzipped = gzipSync(plain);
  for (let cut = 2; cut < gzipped.length; cut++) {
    expect(await refusal(readIdxImages(file(gzipped.subarray(0, cut))))).toMatch(/expected/);
  }
  expect(await refusal(readIdxImages(file(plain.subarray(0, 30))))).toContain(
    'expected 40 bytes (2x3x4 and a header of 16), found 30: truncated',
  );
});

test('bytes after the data are refused', async () => {
  const longer = idx([2, 3, 4], [...pixels, 1]);
  expect(await refusal(readIdxImages(file(longer)))).toContain(
    'expected 40 bytes (2x3x4 and a header of 16), found more',
  );
  expect(await refusal(readIdxImages(file(gzipSync(longer))))).toContain('found more');
});

test('a damaged gzip file is refused by its own checksum', async () => {
  const gzipped = gzipSync(idx([2, 3, 4], pixels));
  gzipped[gzipped.length - 6]! ^= 1;
  expect(await refusal(readIdxImages(file(gzipped)))).toMatch(
    /expected a sound gzip file, found incorrect data check/,
  );
});

test('a header that announces billions of images is refused without room being made for them', async () => {
  const boast = idx([0xffffffff, 28, 28], pixels);
  const before = process.memoryUsage().arrayBuffers;
  expect(await refusal(readIdxImages(file(boast)))).toContain(`expected ${4294967295 * 784 + 16} bytes`);
  expect(await refusal(readIdxImages(file(gzipSync(boast))))).toContain('which cannot hold them');
  const sparse = gzipSync(Buffer.concat([idx([0x7fffffff, 2, 1], []), Buffer.alloc(2 ** 23)]));
  expect(await refusal(readIdxImages(file(sparse)))).toMatch(/expected .* found/);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 26);
});

test('a gzip file that unpacks to more than its header announces is left at that point', async () => {
  const bomb = file(gzipSync(Buffer.concat([idx([2, 3, 4], pixels), Buffer.alloc(2 ** 28)])));
  const before = process.memoryUsage().arrayBuffers;
  expect(await refusal(readIdxImages(bomb))).toContain('found more after them');
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 24);
});

test('no images, a missing file and a folder are each told', async () => {
  expect(await refusal(readIdxImages(file(idx([0, 28, 28], []))))).toContain(
    'expected at least 1 of images, found 0',
  );
  expect(await refusal(readIdxImages(join(folder, 'absent')))).toMatch(
    /absent: cannot be read: no such file or folder$/,
  );
  expect(await refusal(readIdxImages(folder))).toMatch(/cannot be read: a folder, not a file$/);
});

test('a folder is read in every spelling of its files', async () => {
  const spellings = [(part: string) => part, (part: string) => part.replace('-idx', '.idx')];
  for (const spelling of [...spellings, ...spellings.map((plain) => (part: string) => `${plain(part)}.gz`)]) {
    const splits = await openIdx(idxFolder('shapes', {}, spelling), 'shapes');
    expect(await allPixels(splits)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(splits.train).toMatchObject({
      name: 'shapes train',
      synthetic: false,
      classes: ['0', '1', '2'],
      shape: [1, 2, 1],
    });
    expect(splits.test).toMatchObject({ name: 'shapes test', labels: Int32Array.of(2) });
  }
});

test('the name or the folder gives MNIST ten digits and Fashion-MNIST its ten names', async () => {
  const digits = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9'];
  expect((await openIdx(idxFolder('any'), 'mnist')).train.classes).toEqual(digits);
  expect((await openIdx(idxFolder('MNIST'), 'any')).test.classes).toEqual(digits);
  const { classes } = (await openData(idxFolder('FashionMNIST'), { seed: 1 })).train;
  expect(classes).toHaveLength(10);
  expect([classes[0], classes[9]]).toEqual(['T-shirt/top', 'Ankle boot']);
});

test('files that do not fit each other are refused', async () => {
  const labels = { 'train-labels-idx1-ubyte': idx([2], [0, 1]) };
  expect(await refusal(openIdx(idxFolder('a', labels), 'a'))).toMatch(
    /train-labels-idx1-ubyte: expected 3 labels for the images of train-images-idx3-ubyte, found 2/,
  );
  const wide = { 't10k-images-idx3-ubyte': idx([1, 2, 2], [1, 2, 3, 4]) };
  expect(await refusal(openIdx(idxFolder('a', wide), 'a'))).toMatch(
    /t10k-images.*expected images of 1x2 pixels.*found 2x2/,
  );
  const unknown = { 't10k-labels-idx1-ubyte': idx([1], [3]) };
  expect(await refusal(openIdx(idxFolder('a', unknown), 'a'))).toMatch(
    /t10k-labels.*labels from 0 to 2, found 3 at position 0/,
  );
  const eleventh = { 'train-labels-idx1-ubyte': idx([3], [0, 10, 1]) };
  expect(await refusal(openIdx(idxFolder('mnist', eleventh), 'mnist'))).toMatch(
    /labels from 0 to 9, found 10 at position 1/,
  );
});

test("a set's name before the files, other words for the parts and a validation set are known", async () => {
  const emnist = idxFolder('emnist', {}, (part) => `emnist-letters-${part.replace('t10k', 'test')}`);
  expect(await allPixels(await openIdx(emnist, 'e'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const parted = idxFolder('parted');
  writeFileSync(join(parted, 'valid-images-idx3-ubyte'), idx([1, 1, 2], [9, 9]));
  writeFileSync(join(parted, 'valid-labels-idx1-ubyte'), idx([1], [1]));
  writeFileSync(join(parted, 'notes.txt'), '');
  const notes: string[] = [];
  const { validation } = await openIdx(parted, 'e', (line) => notes.push(line));
  expect(validation).toMatchObject({ name: 'e validation', labels: Int32Array.of(1) });
  expect(notes).toEqual(['e: left out: 1 other file (notes.txt)']);
  const two = idxFolder('two');
  writeFileSync(join(two, 'emnist-digits-train-images-idx3-ubyte'), '');
  expect(await refusal(openIdx(two, 'e'))).toMatch(
    /the IDX files of one data set, found those of emnist-digits-train-images, train-images$/,
  );
});

test('a folder that is called like a file does not hide it', async () => {
  const root = idxFolder('kaggle', {}, (part) => part.replace('-idx', '.idx'));
  mkdirSync(join(root, 'train-images-idx3-ubyte'));
  expect(await allPixels(await openIdx(root, 'k'))).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a missing part is told with what is there instead', async () => {
  const without = idxFolder('a', { 't10k-images-idx3-ubyte': null });
  expect(await refusal(openIdx(without, 'a'))).toMatch(
    /expected t10k-images-idx3-ubyte \(or that with \.gz\) in it, found t10k-labels-idx1-ubyte, train-images/,
  );
});

test('a name that means nothing is refused with the names that do', async () => {
  expect(await refusal(openData('mnits', { root: folder, seed: 1 }))).toBe(
    'unknown data "mnits": expected digits, mnist, fashion-mnist, a folder of images by class, of IDX, CIFAR or ' +
      `USPS files or of tar shards, NAME-{000000..000009}.tar, found no folder of that name here or in ${folder}; did you mean mnist?`,
  );
});

testOnRealData('MNIST and Fashion-MNIST have their published sizes and first labels', async (root) => {
  const mnist = await openIdx(join(root, 'mnist'), 'mnist');
  expect([mnist.train.labels.length, mnist.test.labels.length]).toEqual([60_000, 10_000]);
  expect(mnist.train.shape).toEqual([28, 28, 1]);
  expect([...mnist.train.labels.subarray(0, 10)]).toEqual([5, 0, 4, 1, 9, 2, 1, 3, 1, 4]);
  expect([...mnist.test.labels.subarray(0, 10)]).toEqual([7, 2, 1, 0, 4, 1, 4, 9, 5, 9]);
  const fashion = await openIdx(join(root, 'fashion-mnist'), 'fashion-mnist');
  expect([fashion.train.labels.length, fashion.test.labels.length]).toEqual([60_000, 10_000]);
  expect(fashion.train.classes[fashion.train.labels[0]!]).toBe('Ankle boot');
});

testOnRealData(
  "the mean and deviation of MNIST's training pixels are the known 0.1307 and 0.3081",
  async (root) => {
    const { train } = await openIdx(join(root, 'mnist'), 'mnist');
    const all = await train.pixels(Int32Array.from(train.labels.keys()));
    let [sum, squares] = [0, 0];
    for (const pixel of all) {
      sum += pixel;
      squares += pixel * pixel;
    }
    const mean = sum / all.length;
    expect(mean / 255).toBeCloseTo(0.1307, 4);
    expect(Math.sqrt(squares / all.length - mean * mean) / 255).toBeCloseTo(0.3081, 4);
  },
);
