import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { decodeImage } from '../../support/images/decoded';
import { openData } from '../../../src/data/open';
import { readImageFile } from '../../../src/data/image/read';
import { tarEntries, type TarEntry } from '../../../src/data/formats/webdataset/tar-index';
import { openTarShards } from '../../../src/data/formats/webdataset/shards';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder, refusal } from '../../support/fixtures';
import { fixtures } from '../../support/places';

const stored = join(fixtures, 'images', 'stored');
const folder = temporaryFolder();
let folders = 0;

function newFolder(): string {
  const path = join(folder, String(++folders));
  mkdirSync(path);
  return path;
}

/** Packs files with the system's tar, in the order given. */
function packed(
  archive: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  ...options: readonly string[]
): string {
  const root = newFolder();
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), bytes);
  }
  execFileSync('tar', ['cf', archive, '-C', root, ...options, '--', ...Object.keys(files)]);
  return archive;
}

async function entriesOf(path: string): Promise<readonly TarEntry[]> {
  const entries: TarEntry[] = [];
  for await (const entry of tarEntries(path)) entries.push(entry);
  return entries;
}

const jpeg = readFileSync(join(stored, 'baseline.jpg'));
const long = `${'a-folder/'.repeat(20)}${'name'.repeat(30)}`;

describe('an archive', () => {
  const files = {
    'one.txt': 'first',
    'empty.txt': '',
    'large.bin': Buffer.alloc(200_001, 7),
    [`${long}.txt`]: 'of a long name',
    'päckchen 1.txt': 'of an odd one',
    'last.txt': Buffer.alloc(512, 1),
  };
  for (const format of ['ustar', 'pax', 'gnu', 'oldgnu', 'v7']) {
    it(`as tar writes it in the format ${format} is listed with what it holds`, async () => {
      const own = Object.entries(files).filter(
        ([name]) => name.length < 100 || !['ustar', 'v7'].includes(format),
      );
      const path = packed(join(newFolder(), 'a.tar'), Object.fromEntries(own), `--format=${format}`);
      const bytes = readFileSync(path);
      const found = await entriesOf(path);
      expect(found.map(({ name }) => name)).toEqual(own.map(([name]) => name));
      for (const [index, { offset, length }] of found.entries()) {
        expect(bytes.subarray(offset, offset + length).equals(Buffer.from(own[index]![1]))).toBe(true);
      }
    });
  }

  it('is also read where ustar splits a name, and with folders in it', async () => {
    const name = `${'folder/'.repeat(15)}file.txt`;
    const path = packed(join(newFolder(), 'a.tar'), { [name]: 'x' }, '--format=ustar');
    expect((await entriesOf(path)).map((entry) => entry.name)).toEqual([name]);
    const root = newFolder();
    mkdirSync(join(root, 'in', 'ner'), { recursive: true });
    writeFileSync(join(root, 'in', 'ner', 'x'), 'x');
    execFileSync('tar', ['cf', path, '-C', root, '.']);
    expect((await entriesOf(path)).map((entry) => entry.name)).toEqual(['./in/ner/x']);
  });

  it('gives the content of an entry while it is visited', async () => {
    const path = packed(join(newFolder(), 'a.tar'), files, '--format=pax');
    for await (const { name, content } of tarEntries(path)) {
      expect((await content()).equals(Buffer.from(files[name]!))).toBe(true);
    }
  });

  it('cut anywhere is refused as truncated, but within the zeros that fill its end', async () => {
    const whole = packed(join(newFolder(), 'a.tar'), { 'a.txt': 'abc', 'b.bin': Buffer.alloc(1000, 1) });
    const end = 512 + 512 + 512 + 1024; // two headers, their contents in whole blocks
    for (let cut = 0; cut < end + 512; cut += 97) {
      const path = join(folder, 'cut.tar');
      copyFileSync(whole, path);
      truncateSync(path, cut);
      expect(await refusal(entriesOf(path))).toMatch(
        /cut\.tar: expected .* from byte \d+, found the end .*: truncated$/,
      );
    }
    truncateSync(whole, end + 512);
    expect(await entriesOf(whole)).toHaveLength(2);
  });

  it('with a damaged header is refused by its checksum', async () => {
    const whole = readFileSync(packed(join(newFolder(), 'a.tar'), { 'a.txt': 'abc', 'b.txt': 'def' }));
    const random = seededRandom(1);
    for (let made = 0; made < 60; made++) {
      const bytes = Buffer.from(whole);
      const at = random.integer(2) * 1024 + random.integer(500);
      bytes[at]! ^= 1 << random.integer(7);
      const path = join(folder, 'damaged.tar');
      writeFileSync(path, bytes);
      // A digit of the checksum itself may become one that reads as a blank or a zero before it.
      const found = await entriesOf(path).then(
        (entries) => entries.map(({ name }) => name).join(),
        (error: unknown) => String(error),
      );
      expect(found).toMatch(
        /^a\.txt,b\.txt$|expected a header of a tar archive at byte (0|1024), found a damaged one$/,
      );
    }
  });

  it('that is gzipped, empty, none at all, or holds a link is refused with the reason', async () => {
    const file = (bytes: Uint8Array) => {
      const path = join(folder, 'other.tar');
      writeFileSync(path, bytes);
      return path;
    };
    expect(await refusal(entriesOf(file(gzipSync(Buffer.alloc(3000, 1)).subarray(0, 600))))).toMatch(
      /truncated|gzip/,
    );
    const random = seededRandom(2);
    const noise = Uint8Array.from({ length: 3000 }, () => random.integer(256));
    expect(await refusal(entriesOf(file(gzipSync(noise))))).toMatch(/found a gzip file, .*: unpack it$/);
    expect(await refusal(entriesOf(file(noise)))).toMatch(/at byte 0, found a damaged one$/);
    expect(await refusal(entriesOf(file(Buffer.alloc(0))))).toMatch(
      /found the end after 0 bytes: truncated$/,
    );
    expect(await refusal(entriesOf(join(folder, 'none.tar')))).toMatch(
      /none\.tar: expected a tar archive, cannot be read/,
    );
    const root = newFolder();
    execFileSync('ln', ['-s', 'nowhere', join(root, 'link.jpg')]);
    execFileSync('tar', ['cf', join(root, 'a.tar'), '-C', root, 'link.jpg']);
    expect(await refusal(entriesOf(join(root, 'a.tar')))).toMatch(
      /found link\.jpg of type 2; links and sparse files/,
    );
  });

  it('of more than 8 GB is read by its large numbers', async () => {
    const root = newFolder();
    const path = join(root, 'a.tar');
    // A file of 9 GB that is all hole, and one after it: tar writes its size in binary. Only headers are on the disk.
    const header = (name: string, size: number) => {
      const block = Buffer.alloc(512);
      block.write(name);
      block.write('0000644\0', 100);
      block[124] = 0x80;
      block.writeBigUInt64BE(BigInt(size), 128);
      block.write('        0ustar  \0', 148);
      const sum = block.reduce((total, byte) => total + byte, 0);
      block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
      return block;
    };
    const nine = 9 * 2 ** 30;
    writeFileSync(path, header('large.bin', nine));
    truncateSync(path, 512 + nine);
    writeFileSync(path, Buffer.concat([header('small.txt', 3), Buffer.from('abc'.padEnd(2048, '\0'))]), {
      flag: 'a',
    });
    const found = await entriesOf(path);
    expect(found.map(({ name, offset, length }) => [name, offset, length])).toEqual([
      ['large.bin', 512, nine],
      ['small.txt', nine + 1024, 3],
    ]);
  });
});

describe('shards in the form of WebDataset', () => {
  const sample = (key: string, label: number) => ({ [`${key}.jpg`]: jpeg, [`${key}.cls`]: String(label) });

  it('give the images and labels of their samples, in the order of the shards', async () => {
    const root = newFolder();
    packed(join(root, 'pets-train-000001.tar'), { ...sample('c', 1) });
    packed(join(root, 'pets-train-000000.tar'), {
      ...sample('a/0001', 2),
      'b.v2.txt': 'another file',
      'b.png': readFileSync(join(stored, 'drawn.png')),
      'b.json': '{"label": 0, "caption": "a cat"}',
      '.hidden.jpg': jpeg,
    });
    packed(join(root, 'pets-val-000000.tar'), sample('d', 0));
    writeFileSync(join(root, 'classes.txt'), 'cat\ndog\neel\n');
    const { train, test } = await openData(root, { seed: 1 });
    expect(train).toMatchObject({
      kind: 'files',
      classes: ['cat', 'dog', 'eel'],
      labels: Int32Array.of(2, 0, 1),
    });
    expect(test).toMatchObject({ labels: Int32Array.of(0), classes: ['cat', 'dog', 'eel'] });
    if (train.kind !== 'files') throw new Error('expected images');
    expect(train.files.map(({ part }) => part!.name)).toEqual(['a/0001.jpg', 'b.png', 'c.jpg']);
    expect((await readImageFile(train.files[0]!)).equals(jpeg)).toBe(true);
    const inside = await decodeImage(train.files[1]!, 3);
    const outside = await decodeImage({ file: join(stored, 'drawn.png') }, 3);
    expect(inside).toEqual(outside);
  });

  it('are named by a range, and in folders of their parts', async () => {
    const root = newFolder();
    for (const number of [0, 1, 2]) packed(join(root, `x-${number}${number}.tar`), sample('s', number));
    // 00, 11 and 22: a range that is not there in full names the first that is missing
    expect(await refusal(openTarShards(join(root, 'x-{00..22}.tar'), 'x'))).toMatch(
      /x-01\.tar: expected a tar archive/,
    );
    const { train } = await openTarShards(join(root, 'x-{11..11}.tar'), 'x');
    expect(train!.labels).toEqual(Int32Array.of(1));
    const notes: string[] = [];
    expect((await openTarShards(root, 'x', (line) => notes.push(line))).train!.classes).toEqual([
      '0',
      '1',
      '2',
    ]);
    expect(notes).toEqual(['x: 20 of the shards x-0 to 22 are not there']);
    const parted = newFolder();
    for (const part of ['train', 'test']) {
      mkdirSync(join(parted, part));
      packed(join(parted, part, '0000.tar'), sample('s', 1));
    }
    const splits = await openData(parted, { seed: 1 });
    expect([splits.train.labels.length, splits.test.labels.length]).toEqual([1, 1]);
  });

  it('are parts by the words that tools use, and by the folder that they lie in', async () => {
    const root = newFolder();
    packed(join(root, 'x-Training-000000.tar'), sample('a', 0));
    packed(join(root, 'x_valid_00-of-01.tar'), sample('b', 1));
    packed(join(root, 'test_set-0.tar'), sample('c', 1));
    const { train, validation, test } = await openTarShards(root, 'x');
    expect([train!, validation!, test!].map(({ labels }) => [...labels])).toEqual([[0], [1], [1]]);
    const parted = newFolder();
    for (const [at, part] of ['train', 'valid', 'TEST'].entries()) {
      mkdirSync(join(parted, part));
      packed(join(parted, part, 'shard-0000.tar'), sample('s', at % 2));
    }
    const found = await openTarShards(parted, 'x');
    expect([found.train!, found.validation!, found.test!].map(({ labels }) => [...labels])).toEqual([
      [0],
      [1],
      [0],
    ]);
    packed(join(parted, 'train', 'x-test-0000.tar'), sample('s', 1));
    expect(await refusal(openTarShards(parted, 'x'))).toMatch(
      /expected a shard of train in train, found one of test by its name$/,
    );
    packed(join(parted, '0000.tar'), sample('s', 1));
    expect(await refusal(openTarShards(parted, 'x'))).toMatch(
      /in folders of its parts, found both, 0000\.tar and /,
    );
  });

  it('leave out what other programs packed with them, and say so', async () => {
    const root = newFolder();
    packed(
      join(root, 'x-0.tar'),
      {
        './._a.jpg': 'AppleDouble',
        ...sample('./a', 1),
        '__MACOSX/._a.jpg': 'AppleDouble',
        '__MACOSX/b.jpg': jpeg,
        'PaxHeaders.12/b.jpg': 'mtime',
        '.thumbnails/b.jpg': jpeg,
        'Thumbs.db': 'x',
        '@eaDir/b.cls': '7',
        ...sample('c/b', 0),
        README: 'x',
      },
      '--format=pax',
    );
    writeFileSync(join(root, 'list.txt'), '');
    mkdirSync(join(root, 'runs'));
    const notes: string[] = [];
    const { train } = await openTarShards(root, 'x', (line) => notes.push(line));
    expect([...train!.labels]).toEqual([1, 0]);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^x: left out: 2 hidden, 2 other files \(list\.txt, README\), runs \(/);
    expect(notes[0]).toContain('2 times __MACOSX (left by macOS)');
  });

  it('with an index that no data set has are refused by the sample, at once', async () => {
    const found = (files: Readonly<Record<string, string | Uint8Array>>) =>
      refusal(openTarShards(packed(join(newFolder(), 'x.tar'), { 'a.jpg': jpeg, ...files }), 'x'));
    for (const index of ['4000000000', '999999999', '100000']) {
      const expected = new RegExp(`expected an index below 100000, found ${index}$`);
      expect(await found({ 'a.cls': index })).toMatch(expected);
      expect(await found({ 'a.json': `{"label": ${index}}` })).toMatch(expected);
    }
    expect(await found({ 'a.json': '{"label": 1e300}' })).toMatch(
      /a\.json: expected an index below 100000, found 1e\+300/,
    );
    expect(await found({ 'a.cls': Buffer.from([0x31, 0xe4]) })).toMatch(
      /x\.tar: a\.cls: expected text in UTF-8, found 0xe4/,
    );
    const marked = packed(join(newFolder(), 'x.tar'), {
      'a.jpg': jpeg,
      'a.cls': Buffer.from('\ufeff1', 'utf16le'),
      ...sample('b', 0),
    });
    expect([...(await openTarShards(marked, 'x')).train!.labels]).toEqual([1, 0]);
  });

  it('know the synset ids of a file beside them', async () => {
    const root = newFolder();
    packed(join(root, 'x-0.tar'), { ...sample('a', 0), ...sample('b', 1) });
    writeFileSync(join(root, 'synset_words.txt'), 'n01440764 tench\nn01443537 goldfish\n');
    expect((await openTarShards(root, 'x')).train).toMatchObject({
      classes: ['tench', 'goldfish'],
      synsets: ['n01440764', 'n01443537'],
    });
  });

  it('with a sample that is not whole are refused by its name', async () => {
    const found = (files: Readonly<Record<string, string | Uint8Array>>) =>
      refusal(openTarShards(packed(join(newFolder(), 'x.tar'), files), 'x'));
    expect(await found({ 'a.jpg': jpeg })).toMatch(
      /x\.tar: a: expected the index of its class in a\.cls or a\.json, found neither$/,
    );
    expect(await found({ 'a.cls': '1' })).toMatch(/x\.tar: a: expected an image, found none$/);
    expect(await found({ 'a.jpg': jpeg, 'a.png': jpeg, 'a.cls': '1' })).toMatch(
      /expected one image, found a\.jpg and a\.png$/,
    );
    expect(await found({ 'a.jpg': jpeg, 'a.cls': 'cat' })).toMatch(
      /a\.cls: expected the index of a class, found "cat"$/,
    );
    expect(await found({ 'a.jpg': jpeg, 'a.json': '[1' })).toMatch(
      /an object with a number label or cls, found "\[1"$/,
    );
    expect(await found({ 'a.jpg': jpeg, 'a.json': '{"label":"x"}' })).toMatch(/with a number label or cls/);
    expect(await found({ 'notes.txt': 'x' })).toMatch(/notes: expected an image, found none$/);
    expect(await found({ README: 'x' })).toMatch(/expected images in its shards, found none$/);
    expect(await found({ 'a.jpg': jpeg, 'a.cls': '0' })).toMatch(/expected at least two classes, found one$/);
  });

  it('with an index beyond the named classes are refused by the sample', async () => {
    const root = newFolder();
    packed(join(root, 'x-0.tar'), { ...sample('a', 0), ...sample('b', 2) });
    writeFileSync(join(root, 'classes.txt'), 'cat\ndog\n');
    expect(await refusal(openTarShards(root, 'x'))).toMatch(
      /x-0\.tar: b\.jpg: expected an index below the 2 classes, found 2$/,
    );
  });

  it('that change while they are in use give bad images by name and no others', async () => {
    const root = newFolder();
    const path = packed(join(root, 'x.tar'), { ...sample('a', 0), ...sample('b', 1) });
    const { train } = await openTarShards(path, 'x');
    packed(path, { 'other.bin': Buffer.alloc(statSync(path).size, 5) });
    expect(await refusal(decodeImage(train!.files[1]!, 3))).toMatch(
      /x\.tar: b\.jpg: expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP/,
    );
    truncateSync(path, 700);
    expect(await refusal(decodeImage(train!.files[1]!, 3))).toMatch(
      /x\.tar: b\.jpg: expected \d+ bytes .*the file has changed$/,
    );
  });
});

it('a folder that holds nothing known is refused with what it holds', async () => {
  const root = newFolder();
  writeFileSync(join(root, 'a.xyz'), '');
  expect(readdirSync(root)).toEqual(['a.xyz']);
  expect(await refusal(openData(root, { seed: 1 }))).toBe(
    `${root}: expected a folder of images by class, of IDX, CIFAR or USPS files or of tar shards, ` +
      'NAME-{000000..000009}.tar, found a.xyz',
  );
});
