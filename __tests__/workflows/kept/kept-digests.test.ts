import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beginData } from '../../../src/workflows/data/run-data';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { subset } from '../../../src/data/dataset';
import { openData } from '../../../src/data/open';
import { remarkUnsealed } from '../../../src/workflows/trained/open-folder';
import { reopenData } from '../../../src/workflows/data/reopen-data';
import { UserError, messageOf } from '../../../src/core/errors';
import { servePage } from '../../../src/report/page/server';
import { readWeights } from '../../../src/train/run/checkpoint';
import { openRun, type RunRecord } from '../../../src/train/run/run-record';
import { writeImagesFile } from '../../../src/train/run/images-file';
import { fingerprintOf } from '../../../src/data/inspect/fingerprint';
import { expectFinite } from '../../../src/weights/import/finite';
import { readForeign } from '../../../src/weights/formats/read-weights';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { encodeSafetensors } from '../../../src/weights/formats/safetensors/safetensors';
import { encodeSealed, isSealed } from '../../../src/weights/formats/safetensors/sealed';
import { readZip } from '../../../src/weights/formats/zip';
import { temporaryFolder, writeIdxFolder } from '../../support/fixtures';
import { zipOf } from '../../support/weights/zip-of';
import { contextForTests } from '../../support/context';
import { fixtures } from '../../support/places';

const root = temporaryFolder();
const foreign = join(fixtures, 'weights');
let files = 0;

function file(bytes: Uint8Array | string, name = 'file'): string {
  const path = join(root, String(files++), name);
  mkdirSync(dirname(path));
  writeFileSync(path, bytes);
  return path;
}

const refusal = (read: Promise<unknown>) =>
  read.then(
    () => 'read',
    (error: unknown) => (error instanceof UserError ? error.message : Promise.reject(error as Error)),
  );

const progress = JSON.stringify({
  ...{ done: 9, epochs: 1, lossSum: 1.5, images: 32, seconds: 3, best: null, plateau: null },
});
const tensors = [
  { name: 'weights/c/kernel', shape: [2], dtype: 'F32' as const, data: Float32Array.of(0.5, -2) },
];

describe('a checkpoint', () => {
  const sealed = encodeSealed(tensors, { progress });

  it('holds the SHA-256 of itself with zeros in its place, and any reader of safetensors reads it', async () => {
    const { metadata, tensors: found } = await readSafetensors(new Uint8Array(sealed));
    const { sha256 } = metadata;
    const blank = Buffer.from(sealed.toString('latin1').replace(sha256!, '0'.repeat(64)), 'latin1');
    expect(createHash('sha256').update(blank).digest('hex')).toBe(sha256);
    expect(found[0]!.data).toEqual(tensors[0]!.data);
    expect((await readWeights(file(sealed))).arrays[0]!.values).toEqual(tensors[0]!.data);
  });

  it('is refused whichever bit of it is another', async () => {
    const path = file(sealed);
    for (let bit = 0; bit < 8 * sealed.length; bit++) {
      const changed = Buffer.from(sealed);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, changed);
      expect(await refusal(readWeights(path))).toMatch(
        /^\S+(:| is not a whole safetensors file:) expected .*, found /,
      );
    }
  });

  it('of an earlier release is read, and its missing digest said once', async () => {
    const old = file(encodeSafetensors(tensors, { progress }));
    expect((await readWeights(old)).arrays[0]!.values).toEqual(tensors[0]!.data);
    const said: string[] = [];
    const context = await contextForTests({ onRemark: (line) => said.push(line) });
    for (const path of [old, old, file(sealed), join(root, 'none')]) await remarkUnsealed(path, context);
    expect(said).toEqual([
      expect.stringMatching(
        /file: an earlier release wrote file without a digest, so that damage to its numbers would not be seen$/,
      ),
    ]);
    expect(await isSealed(file(sealed))).toBe(true);
  });
});

describe('an archive', () => {
  it.each(['alexnet.pth', 'normalised.keras'])(
    '%s is refused where a bit of a number is another',
    async (name) => {
      const whole = readFileSync(join(foreign, name));
      // A bit within the first storage or data set: entries are stored, and begin with their names.
      const begin = name.endsWith('.pth')
        ? whole.indexOf('data/0') + 300
        : whole.indexOf('model.weights.h5') + 8000;
      whole[begin]! ^= 4;
      const read = async () => {
        for (const tensor of (await readForeign(file(whole))).tensors) await tensor.values();
      };
      expect(await refusal(read())).toMatch(
        /expected entry "\S+" with the CRC-32 [0-9a-f]{8}, found [0-9a-f]{8}: damaged$/,
      );
    },
  );

  it('without checksums, as PyTorch saves it where it is told to, is read', () => {
    const entries = readZip(zipOf([{ name: 'a', data: Buffer.from('abc'), crc: 0 }]), 'net');
    expect(Buffer.from(entries.get('a')!.bytes()).toString()).toBe('abc');
  });
});

describe('numbers of other toolkits', () => {
  /** The numbers 1.5 and −2 as the safetensors library writes them in each type. */
  const written: readonly (readonly [type: string, hex: string])[] = [
    ['F64', '000000000000f83f 00000000000000c0'],
    ['F32', '0000c03f 000000c0'],
    ['F16', '003e 00c0'],
    ['BF16', 'c03f 00c0'],
  ];
  const safetensors = (dtype: string, hex: string) => {
    const data = Buffer.from(hex.replaceAll(' ', ''), 'hex');
    const header = JSON.stringify({ w: { dtype, shape: [2], data_offsets: [0, data.length] } }).padEnd(72);
    return Buffer.concat([Buffer.of(header.length, 0, 0, 0, 0, 0, 0, 0), Buffer.from(header), data]);
  };
  const valuesOf = async (dtype: string, hex: string) => {
    const { tensors: found } = await readForeign(file(safetensors(dtype, hex)));
    return [...(await found[0]!.values())];
  };

  it.each(written)('of safetensors as %s are read', async (dtype, hex) => {
    expect(await valuesOf(dtype, hex)).toEqual([1.5, -2]);
  });

  it.each([
    ['I8', '0a fe'],
    ['I16', '0a00 feff'],
    ['I32', '0a000000 feffffff'],
    ['I64', '0a00000000000000 feffffffffffffff'],
  ])('of safetensors as %s are read', async (dtype, hex) => {
    expect(await valuesOf(dtype, hex)).toEqual([10, -2]);
  });

  it('of 8 bits are refused when they are asked for, by their type and not as damage', async () => {
    const path = file(safetensors('F8_E4M3', '0102'));
    const { tensors: found } = await readForeign(path);
    expect(() => found[0]!.values()).toThrow(
      `${path}: expected numbers of at least 16 bits in the tensor "w", found F8_E4M3, which is not read here`,
    );
  });

  it.each([NaN, Infinity, -Infinity])('are refused where one is %d', (value) => {
    expect(() => expectFinite(Float32Array.of(1, 0, value, value), 'conv1.weight', 'net.pth')).toThrow(
      new UserError(
        `net.pth: expected finite numbers in conv1.weight, found 2 of 4 that are not (${value} at place 2)`,
      ),
    );
    expect(() => expectFinite(Float32Array.of(1, 3e38, -1e-45), 'w', 'net')).not.toThrow();
  });

  it('of TensorFlow.js are not read through a link out of the model’s folder', async () => {
    const outside = file(new Uint8Array(4), 'secret.bin');
    const json = JSON.stringify([
      { paths: ['w.bin'], weights: [{ name: 'w', shape: [1], dtype: 'float32' }] },
    ]);
    const path = file(json, 'model.json');
    symlinkSync(outside, join(dirname(path), 'w.bin'));
    expect(await refusal(readForeign(path))).toMatch(
      /model\.json: expected a file w\.bin in the model’s folder, found a link that leads out of it, to \S+$/,
    );
    const inner = file(json, 'model.json');
    copyFileSync(outside, join(dirname(inner), 'other.bin'));
    symlinkSync('other.bin', join(dirname(inner), 'w.bin'));
    expect((await readForeign(inner)).tensors).toHaveLength(1);
    const linked = join(root, 'linked');
    symlinkSync(dirname(inner), linked);
    expect((await readForeign(join(linked, 'model.json'))).tensors).toHaveLength(1);
  });
});

it('a line of images.jsonl that names another class is not taken', async () => {
  const folder = join(root, 'run');
  mkdirSync(folder);
  const older = await openRun(join(fixtures, 'older', 'run'));
  const images = ['cat', 'dog'].map((name) => ({
    part: 'train' as const,
    class: name,
    file: `${name}.png`,
    sha256: name,
  }));
  const set = {
    kind: 'files' as const,
    name: 'own',
    synthetic: false,
    classes: ['cat', 'dog'],
    labels: Int32Array.of(0, 1),
    files: images.map(({ file: name }) => ({ file: name })),
  };
  const train = { name: 'own', ...(await fingerprintOf(set, ['cat', 'dog'])) };
  const { olderFingerprint: _, ...rest } = older;
  const record = { ...rest, classes: 2, labels: ['cat', 'dog'], parts: { train, test: train } };
  await writeImagesFile(folder, {
    folder: root,
    images: images.map((each) => ({ ...each, class: 'dog' })),
  });
  const asked = { parts: ['train'], additions: false } as const;
  expect(await refusal(reopenData(folder, record, asked, await contextForTests()))).toMatch(
    /images\.jsonl: expected the 2 images of the train set whose digest run\.json holds, found 2 images with another digest: the file is damaged$/,
  );
});

it('IDX files that were replaced or halved since a run began are not gone on with', async () => {
  const folder = join(root, 'idx');
  const found = drawDigits({ seed: 3, train: 20, test: 10 });
  await writeIdxFolder(folder, found);
  const opened = () => openData(folder, { root: undefined, seed: 1 });
  const context = await contextForTests();
  const { facts } = await beginData({ data: folder }, await opened(), undefined, context);
  const {
    olderFingerprint: _,
    validationSplit: __,
    ...older
  } = await openRun(join(fixtures, 'older', 'run'));
  const record = { ...older, ...facts } as RunRecord;
  const goOn = () => refusal(reopenData(join(root, 'none'), record, { parts: ['train', 'test'] }, context));
  expect(await goOn()).toBe('read');
  await writeIdxFolder(folder, { ...found, train: drawDigits({ seed: 4, train: 20, test: 10 }).train });
  expect(await goOn()).toMatch(
    /expected the 20 images that the run began with as its train set, found 20 images, not the same$/,
  );
  await writeIdxFolder(folder, { ...found, test: subset(found.test, Int32Array.of(0, 1, 2, 3, 4), 'half') });
  expect(await goOn()).toMatch(
    /expected the 10 images that the run began with as its test set, found 5 images, not the same$/,
  );
});

it('a page that cannot be made again is told of once for as long as that lasts', async () => {
  const told: string[] = [];
  let looks = 0;
  let reached: () => void = () => undefined;
  const enough = new Promise<void>((resolve) => (reached = resolve));
  const server = await servePage({
    port: 0,
    interval: 1,
    page: () => Promise.resolve('page'),
    stamp: () => {
      looks++;
      if (looks > 12) reached();
      if (looks === 1 || looks === 7) return 'there';
      throw new Error('gone');
    },
    onError: (error) => void told.push(messageOf(error)),
  });
  await enough;
  await server.close();
  expect(told).toEqual(['gone', 'gone']); // before and after the one look at which it was there
});
