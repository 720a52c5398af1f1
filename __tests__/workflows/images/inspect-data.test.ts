import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { inspectData } from '../../../src/workflows/data/inspect-data';
import { inspectedDataText } from '../../../src/workflows/data/inspect-data-text';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder } from '../../support/fixtures';

const folder = temporaryFolder();

/** A photo-like JPEG of coloured shapes. */
async function photo(seed: number): Promise<Buffer> {
  const random = seededRandom(seed);
  const shapes = Array.from({ length: 14 }, () => {
    const [x, y, size] = [random.integer(300), random.integer(200), 20 + random.integer(70)];
    const colour = `rgb(${random.integer(256)},${random.integer(256)},${random.integer(256)})`;
    return random.integer(2) === 0
      ? `<circle cx="${x}" cy="${y}" r="${size / 2}" fill="${colour}"/>`
      : `<rect x="${x}" y="${y}" width="${size}" height="${size / 2}" fill="${colour}"/>`;
  });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="300" height="200"><rect width="300" height="200" fill="#889"/>${shapes.join('')}</svg>`;
  return sharp(Buffer.from(svg)).jpeg({ quality: 90 }).toBuffer();
}

const at = (...path: string[]) => join(folder, ...path);

beforeAll(async () => {
  let seed = 1;
  for (const part of ['train', 'test'])
    for (const name of ['apples', 'pears']) {
      mkdirSync(at('fruit', part, name), { recursive: true });
      for (let number = 0; number < 12; number++)
        writeFileSync(at('fruit', part, name, `${number}.jpg`), await photo(seed++));
    }
  cpSync(at('fruit'), at('planted'), { recursive: true });
});

it('finds nothing among different photos, and counts them by class and part', async () => {
  const found = await inspectData(at('fruit'));
  expect(found.alike).toEqual([]);
  expect(found.unreadable).toEqual([]);
  expect(found.few).toEqual([]);
  expect(found.classes).toEqual(['apples', 'pears']);
  expect(found.parts).toEqual([
    { part: 'train', images: 24, perClass: [12, 12] },
    { part: 'test', images: 24, perClass: [12, 12] },
  ]);
  expect(found.formats).toEqual({ JPEG: 48 });
  expect(found.sizes).toEqual({
    height: { least: 200, median: 200, most: 200 },
    width: { least: 300, median: 300, most: 300 },
  });
  expect(inspectedDataText(found)).toMatch(/no image twice, none unreadable, enough of each class/);
});

it('finds planted duplicates of each kind, and tells those under two labels or in two parts', async () => {
  const original = (number: number) => readFileSync(at('planted', 'train', 'apples', `${number}.jpg`));
  const image = (number: number) => sharp(original(number));
  const plant = (path: string, bytes: Buffer) => writeFileSync(at('planted', path), bytes);
  plant('train/apples/copy.jpg', original(0));
  plant('test/apples/pixels.png', await image(1).png().toBuffer());
  plant('test/pears/again.jpg', await image(2).jpeg({ quality: 50 }).toBuffer());
  plant('train/pears/half.jpg', await image(3).resize(150).jpeg().toBuffer());
  plant('train/apples/bright.jpg', await image(4).modulate({ brightness: 1.2 }).jpeg().toBuffer());
  plant('test/apples/mirrored.jpg', await image(5).flop().jpeg().toBuffer());
  const { alike } = await inspectData(at('planted'));
  const short = alike.map(({ how, images, labels, parts }) => ({
    how,
    images: images.map(({ file }) => file.slice(at('planted').length + 1)),
    labels,
    parts,
  }));
  const expected = [
    { how: 'near', images: ['train/apples/2.jpg', 'test/pears/again.jpg'], labels: true, parts: true },
    { how: 'near', images: ['train/apples/3.jpg', 'train/pears/half.jpg'], labels: true, parts: false },
    { how: 'pixels', images: ['train/apples/1.jpg', 'test/apples/pixels.png'], labels: false, parts: true },
    {
      how: 'mirrored',
      images: ['train/apples/5.jpg', 'test/apples/mirrored.jpg'],
      labels: false,
      parts: true,
    },
    { how: 'file', images: ['train/apples/0.jpg', 'train/apples/copy.jpg'], labels: false, parts: false },
    { how: 'near', images: ['train/apples/4.jpg', 'train/apples/bright.jpg'], labels: false, parts: false },
  ];
  expect(short).toEqual(expected);
});

it('names unreadable files with the reason, those of formats that are not read too', async () => {
  const heic = Buffer.concat([Buffer.from('\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'latin1'), Buffer.alloc(80)]);
  const place = (name: string) => at('fruit', 'train', 'pears', name);
  const whole = readFileSync(place('0.jpg'));
  const files: readonly (readonly [string, Buffer, RegExp])[] = [
    ['cut.jpg', whole.subarray(0, whole.length / 2), /truncated/],
    ['empty.jpg', Buffer.alloc(0), /found an empty file/],
    ['heic.jpg', heic, /found a HEIC file/],
    ['other.heic', heic, /HEIC, which is not read: convert it/],
    ['text.jpg', Buffer.from('hello\n'), /found 6 bytes that begin 68656c6c/],
  ];
  for (const [name, bytes] of files) writeFileSync(place(name), bytes);
  const found = await inspectData(at('fruit'));
  const told = [...found.unreadable].sort((one, other) => (one.file < other.file ? -1 : 1));
  expect(told.map(({ file }) => file)).toEqual(files.map(([name]) => place(name)));
  told.forEach(({ reason }, index) => expect(reason).toMatch(files[index]![2]));
  expect(told[0]).toMatchObject({ part: 'train', class: 'pears' });
  expect(inspectedDataText(found)).toMatch(
    /images that cannot be read: 5\n {2}train\/pears\/cut\.jpg: expected a whole JPEG/,
  );
  for (const [name] of files) execFileSync('rm', [place(name)]);
});

it('names each file of a format that is not read, in large folders too', async () => {
  cpSync(at('fruit', 'train'), at('large'), { recursive: true });
  const expected: string[] = [];
  for (const name of ['apples', 'pears'])
    for (let number = 100; number < 200; number++) {
      const file = at('large', name, `${number}.heic`);
      writeFileSync(file, '');
      expected.push(file);
    }
  const { unreadable } = await inspectData(at('large'));
  expect(unreadable.map(({ file }) => file)).toEqual(expected);
});

it('tells classes with too few images for the parts that would be split off', async () => {
  for (const [name, images] of [
    ['many', 12],
    ['few', 5],
  ] as const) {
    mkdirSync(at('whole', name), { recursive: true });
    for (let number = 0; number < images; number++)
      copyFileSync(
        at('fruit', name === 'many' ? 'train' : 'test', 'apples', `${number}.jpg`),
        at('whole', name, `${number}.jpg`),
      );
  }
  // 0.15 of 5 is less than one image; of 12 the test set gets at most 2, and 0.15 of the other 10 is one.
  expect((await inspectData(at('whole'))).few).toEqual([
    { class: 'few', part: 'test', images: 5, needed: 7 },
  ]);
  expect((await inspectData(at('whole'), { validationSplit: 0.4 })).few).toEqual([]);
});

it('draws a sheet', async () => {
  const file = at('sheet.png');
  const { sheet } = await inspectData(at('fruit'), { sheet: file });
  expect(sheet).toBe(file);
  const { format, width, height } = await sharp(file).metadata();
  expect(format).toBe('png');
  expect(width).toBeGreaterThan(900);
  expect(height).toBeGreaterThan(300);
});

it('counts equal images of data that is stored as pixels, and no near ones', async () => {
  const found = await inspectData('digits');
  expect([found.images, found.near, found.folder]).toEqual([10_000, null, '']);
  expect(found.parts.map(({ images }) => images)).toEqual([8000, 2000]);
});

it('refuses in one line what is no data set, another name than PNG, and options that change nothing', async () => {
  await expect(inspectData(at('nowhere'))).rejects.toThrow(/unknown data .*found no folder/);
  await expect(inspectData(at('fruit'), { sheet: 'x.jpg' })).rejects.toThrow(
    /sheet: expected a file that ends in \.png/,
  );
  await expect(inspectData(at('whole'), { validationSplit: 2 })).rejects.toThrow(
    /expected a share between 0 and 1, found 2/,
  );
  await expect(inspectData(at('fruit'), { colour: 1 } as object)).rejects.toThrow(
    /inspectData: expected of sheet, .*found colour/,
  );
  mkdirSync(at('fruit', 'validation'), { recursive: true });
  cpSync(at('fruit', 'test'), at('fruit', 'validation'), { recursive: true });
  await expect(inspectData(at('fruit'), { validationSplit: 0.2 })).rejects.toThrow(
    /validationSplit: expected data of which a part is missing, found all of train, validation, test/,
  );
});
