import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bounds } from '../../../src/core/bounds';
import { UserError, messageOf } from '../../../src/core/errors';
import { jpegHeader } from '../../../src/data/image/formats/jpeg-header';
import { float16ToFloat32 } from '../../../src/weights/formats/half-floats';
import { bombs } from '../../../scripts/fuzz/bombs';
import { mutated } from '../../../scripts/fuzz/mutations';
import { targets } from '../../../scripts/fuzz/targets';
import { seededRandom } from '../../../src/core/random';
import { temporaryFolder } from '../../support/fixtures';
import { createHash } from 'node:crypto';

const root = temporaryFolder();
let folders = 0;

function folderOf(files: Readonly<Record<string, Uint8Array>>): string {
  const folder = join(root, String(folders++));
  mkdirSync(folder);
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

// Without the bounds most of these end the process, or take minutes.
it.each(Object.entries(bombs))(
  '%s: a bomb is refused in one line, or harmless',
  async (_, { reader, refusal, files }) => {
    const read = targets[reader]!.read(folderOf(files()));
    if (refusal === null) return void (await read);
    const error = await read.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(messageOf(error)).not.toContain('\n');
    expect(messageOf(error)).toMatch(refusal);
  },
);

it.each(Object.entries(targets))(
  '%s: sound files are read, damaged ones read or refused in one line',
  async (name, { files, read, sealed }) => {
    for (const each of files) {
      const sound = await read(folderOf(each));
      const random = seededRandom(1);
      for (let round = 0; round < (name.startsWith('Keras') ? 1 : 20); round++) {
        const changed = Object.fromEntries(
          Object.entries(each).map(([file, bytes]) => [file, mutated(bytes, random)]),
        );
        const found = await read(folderOf(changed)).catch((thrown: unknown) => thrown);
        if (typeof found === 'string') expect(sealed && found !== sound).toBeFalsy();
        else {
          expect(found).toBeInstanceOf(UserError);
          expect(messageOf(found)).not.toContain('\n');
        }
      }
    }
  },
);

it('a JPEG of as many scans as encoders make is read, and one of the most pixels in fewer', () => {
  const fail = (found: string): never => {
    throw new Error(found);
  };
  const headed = (side: number, scans: number) => {
    const frame = Buffer.from([
      0xff,
      0xc2,
      0,
      17,
      8,
      side >> 8,
      side & 255,
      side >> 8,
      side & 255,
      3,
      1,
      17,
      0,
      2,
      17,
      0,
      3,
      17,
      0,
    ]);
    const scan = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0, 0xff, 0xd0, 0x34]);
    return Buffer.concat([
      Buffer.from([0xff, 0xd8]),
      frame,
      ...Array.from({ length: scans }, () => scan),
      Buffer.from([0xff, 0xd9]),
    ]);
  };
  expect(jpegHeader(headed(500, 100), fail).whole).toBe(true);
  expect(() => jpegHeader(headed(500, 101), fail)).toThrow('more than 100 scans of 500x500 pixels');
  expect(jpegHeader(headed(10_900, 20), fail).whole).toBe(true);
  expect(() => jpegHeader(headed(10_900, 21), fail)).toThrow('more than 20 scans of 10900x10900 pixels');
  expect(bounds.image.pixels).toBe(120_000_000);
});

it('each of the 65,536 half floats is the number that Python reads', () => {
  const numbers = float16ToFloat32(Uint16Array.from({ length: 65_536 }, (_, half) => half));
  // hashlib.sha256(b''.join(b'\0\0\xc0\x7f' if x != x else struct.pack('<f', x) for x in
  //   (struct.unpack('<e', struct.pack('<H', h))[0] for h in range(65536)))).hexdigest()
  expect(createHash('sha256').update(new Uint8Array(numbers.buffer)).digest('hex')).toBe(
    '385ff5fe69182797cda5f1827e20cf423f4416bc9246f27d0eec27cac9039259',
  );
});
