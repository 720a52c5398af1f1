import { mkdirSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadImageError } from '../../../src/data/image/bad-image';
import { checkImage } from '../../../src/data/image/open-image';
import { decodeCrop, decodeImage, imageSize } from '../../support/images/decoded';
import { UserError } from '../../../src/core/errors';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder } from '../../support/fixtures';
import { fixtures } from '../../support/places';

const stored = join(fixtures, 'images', 'stored');
const folder = temporaryFolder();
let files = 0;

const bytesOf = (name: string) => readFileSync(join(stored, name));

function file(bytes: Uint8Array, ending = '.jpg'): string {
  const path = join(folder, `${++files}${ending}`);
  writeFileSync(path, bytes);
  return path;
}

/** What is wrong with a file, by every way of reading it. */
async function refusal(path: string): Promise<string> {
  const found = await checkImage({ file: path });
  expect(found).toBeInstanceOf(BadImageError);
  expect(found).toBeInstanceOf(UserError);
  expect(found!.file).toBe(path);
  expect(found!.message).toBe(`${path}: ${found!.reason}`);
  expect(found!.message).not.toContain('\n');
  await expect(decodeImage({ file: path }, 3)).rejects.toThrow(found!.message);
  return found!.reason;
}

const names = readdirSync(stored);
const random = seededRandom(6);
const draw = <Item>(items: readonly Item[]) => items[random.integer(items.length)]!;

/** Of several frames or pages only the first is read, which has not ended yet at this byte; nor is a TIFF's resolution. */
const lastNeeded: Readonly<Record<string, number>> = {
  'frames.gif': 800,
  'gif-second-frame.gif': 300,
  'tiff-pages.tif': 9000,
  'tiff-grey.tif': 2100,
  'tiff-grey-alpha.tif': 4400,
};

it('a file cut anywhere is refused, whatever its format', async () => {
  for (let made = 0; made < 100; made++) {
    const name = draw(names);
    const whole = bytesOf(name);
    const most = lastNeeded[name] ?? whole.length - 1;
    const reason = await refusal(file(whole.subarray(0, random.integer(most))));
    expect(reason).toMatch(/truncated|empty file|found \d+ bytes that begin/);
  }
});

it('a truncated file is refused also where the part that is wanted is there', async () => {
  for (const name of ['baseline.jpg', 'progressive.jpg', 'deep.png', 'lossy.webp', 'frames.gif']) {
    const whole = bytesOf(name);
    const path = file(whole.subarray(0, whole.length - (name === 'frames.gif' ? 700 : 12)));
    const corner = { top: 0, left: 0, height: 1, width: 1 };
    const cut = decodeCrop({ file: path }, 3, () => ({
      region: corner,
      height: 1,
      width: 1,
      window: corner,
      flip: false,
    }));
    if (name === 'frames.gif')
      expect(await cut).toHaveLength(3); // of the second frame, which is not read
    else await expect(cut).rejects.toThrow('truncated');
  }
});

it('a hundred files with flipped bits give an image of the right size or a reason, and end', async () => {
  const outcomes = { image: 0, refused: 0 };
  for (let made = 0; made < 100; made++) {
    const bytes = Buffer.from(bytesOf(draw(names)));
    for (let flips = 1 + random.integer(8); flips > 0; flips--) {
      bytes[random.integer(bytes.length)]! ^= 1 << random.integer(8);
    }
    const path = file(bytes);
    const bad = await checkImage({ file: path });
    if (bad) {
      expect(bad).toBeInstanceOf(BadImageError);
      expect(bad.message).toMatch(/^\S+\.jpg: expected .*, found .*$/);
      outcomes.refused++;
    } else {
      const { height, width, pixels } = await decodeImage({ file: path }, 3);
      expect(await imageSize({ file: path })).toEqual({ height, width });
      expect(pixels).toHaveLength(height * width * 3);
      outcomes.image++;
    }
  }
  expect(outcomes.image).toBeGreaterThan(5);
  expect(outcomes.refused).toBeGreaterThan(30);
});

it('random bytes, zero bytes and no bytes are refused, also after a true beginning', async () => {
  expect(await refusal(file(Buffer.alloc(0)))).toBe(
    'expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found an empty file',
  );
  for (let made = 0; made < 30; made++) {
    const noise = Uint8Array.from({ length: 3000 }, () => random.integer(256));
    const start = bytesOf(draw(names)).subarray(0, draw([0, 4, 12, 40]));
    const rest = draw([noise, Buffer.alloc(3000)]);
    expect(await refusal(file(Buffer.concat([start, rest])))).toMatch(/^expected /);
  }
});

/** An image's header that announces another size than its pixels have. */
function announcing(name: string, height: number, width: number): Buffer {
  const bytes = Buffer.from(bytesOf(name));
  if (name.endsWith('.png')) {
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    bytes.writeUInt32BE(crc32(bytes.subarray(12, 29)), 29);
  } else if (name.endsWith('.gif')) {
    bytes.writeUInt16LE(width, 6);
    bytes.writeUInt16LE(height, 8);
  } else if (name.endsWith('.tif')) {
    const directory = bytes.readUInt32LE(4) + 2;
    for (const [entry, side] of [width, height].entries()) {
      expect(bytes.readUInt16LE(directory + 12 * entry)).toBe(256 + entry);
      bytes.writeUInt16LE(4, directory + 12 * entry + 2);
      bytes.writeUInt32LE(side, directory + 12 * entry + 8);
    }
  } else if (name.endsWith('.avif')) {
    const size = bytes.indexOf('ispe') + 8;
    bytes.writeUInt32BE(width, size);
    bytes.writeUInt32BE(height, size + 4);
  } else if (name.endsWith('.bmp')) {
    bytes.writeInt32LE(width, 18);
    bytes.writeInt32LE(height, 22);
  } else {
    const frame = bytes.indexOf(Buffer.of(0xff, name === 'progressive.jpg' ? 0xc2 : 0xc0));
    bytes.writeUInt16BE(height, frame + 5);
    bytes.writeUInt16BE(width, frame + 7);
  }
  return bytes;
}

/** By the polynomial's definition, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

const headed = ['tiff-raw.tif', 'avif-grey.avif', 'bmp-grey.bmp'];

it('a header that announces hundreds of millions of pixels is refused before room is made for them', async () => {
  const before = process.memoryUsage().rss;
  for (const name of ['baseline.jpg', 'progressive.jpg', 'drawn.png', 'frames.gif', ...headed]) {
    expect(await refusal(file(announcing(name, 65000, 65000)))).toMatch(
      /^expected at most 120000000 pixels, found a (JPEG|PNG|GIF|TIFF|AVIF|BMP) header of 65000x65000$/,
    );
  }
  expect(await refusal(file(announcing('drawn.png', 2 ** 31 - 1, 2 ** 31 - 1)))).toContain(
    'at most 120000000',
  );
  expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 27);
});

it('a header of more pixels than there are is refused, and one of none', async () => {
  for (const name of ['baseline.jpg', 'progressive.jpg', 'drawn.png', ...headed]) {
    expect(await refusal(file(announcing(name, 3000, 3000)))).toMatch(
      /sound (JPEG|PNG|AVIF) image, found it damaged: .|truncated|pieces/,
    );
    expect(await refusal(file(announcing(name, 0, 64)))).toMatch(/found a size of 0x64|damaged/);
  }
});

it('an AVIF whose header announces fewer pixels than there are is refused', async () => {
  expect(await refusal(file(announcing('avif-grey.avif', 40, 40)))).toMatch(/damaged|found/);
});

it('formats that are not read are named, and never handed to a decoder', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';
  expect(await refusal(file(Buffer.from(svg), '.png'))).toBe(
    'expected a JPEG, PNG, WebP, GIF, TIFF, AVIF or BMP image, found an SVG, XML or HTML file',
  );
  const named = (text: string) => refusal(file(Buffer.from(text, 'latin1')));
  expect(await named('%PDF-1.7 ...........')).toContain('found a PDF file');
  expect(await named('\0\0\0\x18ftypheic....')).toContain(
    'found a HEIC file, which is not read: convert it to JPEG',
  );
  expect(await named('\0\0\0\x18ftypjp2 ....')).toContain('found a file of type jp2');
  expect(await named('II+\0\x08\0\0\0............')).toContain('found a BigTIFF file');
  // Within a format, kinds that would be shown otherwise than they are meant.
  const bmp = bytesOf('bmp-grey.bmp');
  bmp.writeUInt32LE(1, 30);
  expect(await refusal(file(bmp))).toContain('found compressed pixels (1)');
  const tiff = bytesOf('tiff-raw.tif');
  const entry = tiff.indexOf(Buffer.of(3, 1, 3, 0));
  tiff.writeUInt16LE(34712, entry + 8);
  expect(await refusal(file(tiff))).toContain('found one of compression 34712, which is not read');
  const avif = bytesOf('avif-grey.avif');
  avif.write('hvc1', avif.indexOf('av01'));
  expect(await refusal(file(avif))).toContain('found one coded as hvc1, which is not read');
});

it('padding that no decoder minds is no damage, lost data are', async () => {
  const whole = bytesOf('baseline.jpg');
  const end = whole.length - 2;
  const padded = Buffer.concat([
    whole.subarray(0, end),
    Buffer.of(1, 2, 3),
    whole.subarray(end),
    Buffer.alloc(64),
  ]);
  expect(await checkImage({ file: file(padded) })).toBeUndefined();
  const scan = whole.indexOf(Buffer.of(0xff, 0xda)) + 40;
  const without = Buffer.concat([whole.subarray(0, scan), whole.subarray(end)]);
  expect(await refusal(file(without))).toMatch(/found it damaged: .*premature end/i);
});

it('a file that is gone, a folder and a link to nowhere are bad images with the reason', async () => {
  const gone = join(folder, 'gone.jpg');
  expect(await refusal(gone)).toMatch(/^expected an image, found no such file$/);
  mkdirSync(join(folder, 'folder.jpg'));
  expect(await refusal(join(folder, 'folder.jpg'))).toMatch(/found a folder/);
  symlinkSync(gone, join(folder, 'link.jpg'));
  symlinkSync(join(folder, 'circle.jpg'), join(folder, 'circle.jpg'));
  expect(await refusal(join(folder, 'link.jpg'))).toMatch(/no such file$/);
  expect(await refusal(join(folder, 'circle.jpg'))).toMatch(/a link in a circle/);
});
