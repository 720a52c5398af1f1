import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BadImageError } from '../../../src/data/image/bad-image';
import { batches, batchesInOrder } from '../../../src/data/loader/batches';
import { subset, type ImageFiles } from '../../../src/data/dataset';
import { openLoader } from '../../../src/data/loader/loader';
import { inspectImages } from '../../../src/data/inspect/inspect-images';
import { packImages, type PackOptions } from '../../../src/data/cache/pack-images';
import type { Recipe } from '../../../src/core/network';
import { temporaryFolder } from '../../support/fixtures';
import { noisyImages, solidImages } from '../../support/images/solid-images';

const folder = temporaryFolder();
const side = 16;
const crop = { kind: 'randomCrop', size: 12, shortSide: side, longSide: 'cropped' } as const;
const recipe: Pick<Recipe, 'input' | 'augment' | 'batchSize'> = {
  input: { shape: [12, 12, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  augment: [crop, { kind: 'flip' }, { kind: 'pcaLighting', deviation: 0.1 }],
  batchSize: 5,
};
/** Four images a shard. */
const shardSize = 4 * side * side * 3;

const loader = openLoader({ workers: 0 });

let caches = 0;
function options(): PackOptions & { readonly cache: string } {
  return { cache: join(folder, `cache-${caches++}`), recipe, workers: 0, shardSize };
}

async function valuesOf(data: ImageFiles, of = recipe): Promise<Float32Array[]> {
  const all = [];
  for (const epoch of [0, 1])
    for await (const { images } of batches({ data, recipe: of, seed: 1, epoch, loader }))
      all.push(images.slice());
  for await (const { images } of batchesInOrder(data, of, 5, { loader })) all.push(images.slice());
  return all;
}

/** The one folder of shards in a cache. */
function innerFolder(cache: string): string {
  const folders = readdirSync(cache, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.length).toBe(1);
  return join(cache, folders[0]!.name);
}

/** The shards of a cache by name, with the number of the file and when it was written. */
function shards(cache: string): Record<string, string> {
  const inner = innerFolder(cache);
  const names = readdirSync(inner).filter((name) => name.endsWith('.bin'));
  return Object.fromEntries(
    names.sort().map((name) => {
      const { ino, mtimeNs } = statSync(join(inner, name), { bigint: true });
      return [name, `${ino} ${mtimeNs}`];
    }),
  );
}

it.each(['cropped', 'squeezed'] as const)(
  'of images whose longer side is %s, the network sees the same pixels packed and not, bit for bit',
  async (longSide) => {
    const images = await noisyImages(join(folder, longSide), 11, 20, 31);
    const of = { ...recipe, augment: [{ ...crop, longSide }, ...recipe.augment.slice(1)] };
    const packed = await packImages(images, { ...options(), recipe: of });
    for (const { file, packed: pixels } of packed.files) {
      expect(file).toMatch(/\.bin$/);
      expect(pixels?.shape).toEqual([side, side, 3]);
    }
    expect(await valuesOf(packed, of)).toEqual(await valuesOf(images, of));
  },
);

it.each<[string, Recipe['augment'], number]>([
  [
    'an area crop takes squares of 256/224 of its side',
    [{ kind: 'areaCrop', size: 12, area: [0.1, 1], aspect: [0.8, 1.2] }],
    14,
  ],
  [
    'scale jitter takes squares of its largest shorter side',
    [{ kind: 'scaleJitter', size: 12, least: 14, most: 18 }],
    18,
  ],
  ['no crop takes squares of the input', [{ kind: 'flip' }], 12],
])('%s', async (_, augment, packedSide) => {
  const images = await solidImages(join(folder, 'kinds'), 6);
  const of = { ...recipe, augment };
  const packed = await packImages(images, { ...options(), recipe: of });
  expect(packed.files[0]!.packed?.shape).toEqual([packedSide, packedSide, 3]);
  expect(await valuesOf(packed, of)).toEqual(await valuesOf(images, of)); // of one colour each
});

describe('what was packed', () => {
  let images: ImageFiles;
  let given: ReturnType<typeof options>;
  let before: Record<string, string>;

  beforeEach(async () => {
    images = await noisyImages(join(folder, `set-${caches}`), 10, 20, 24);
    given = options();
    await packImages(images, given);
    before = shards(given.cache);
    expect(Object.keys(before).length).toBe(3);
  });

  /** How many shards are there besides those before, which are all as they were. */
  function added(): number {
    const after = shards(given.cache);
    expect(after).toMatchObject(before);
    return Object.keys(after).length - Object.keys(before).length;
  }

  it('is not packed again while nothing changes', async () => {
    const lines: string[] = [];
    const onProgress = (line: string) => void lines.push(line);
    await packImages(images, { ...given, onProgress });
    const { sha256 } = await inspectImages(images);
    await packImages(images, { ...given, onProgress, sha256 });
    expect(shards(given.cache)).toEqual(before);
    expect(lines).toEqual([]);
  });

  it('is packed again where an image has changed, and only there', async () => {
    const [changed, other] = [images.files[5]!.file, images.files[0]!.file];
    copyFileSync(other, changed);
    const lines: string[] = [];
    const packed = await packImages(images, { ...given, onProgress: (line) => lines.push(line) });
    expect(added()).toBe(1);
    expect(await valuesOf(packed)).toEqual(await valuesOf(images));
    expect(lines[0]).toMatch(/^packing solid: 10 images as 16x16 pixels, 0\.0 GB, in .*solid-16x16-/);
  });

  it('is packed again where an image has another time, though it be as large', async () => {
    utimesSync(images.files[9]!.file, 1, 1);
    await packImages(images, given);
    expect(added()).toBe(1);
  });

  it('is packed again where an image has changed under the same size and time, if its digest is told', async () => {
    const files = [images.files[0]!.file, images.files[2]!.file];
    const contents = files.map((file) => readFileSync(file));
    const length = Math.max(...contents.map((bytes) => bytes.length));
    const write = (order: readonly number[]) => {
      order.forEach((content, at) => {
        const bytes = contents[content]!;
        writeFileSync(files[at]!, Buffer.concat([bytes, Buffer.alloc(length - bytes.length)]));
        utimesSync(files[at]!, 1e9, 1e9);
      });
    };
    const fresh = { ...given, cache: `${given.cache}-fresh` };
    write([0, 1]);
    await packImages(images, fresh);
    write([1, 0]);
    const { sha256 } = await inspectImages(images);
    const packed = await packImages(images, { ...fresh, sha256 });
    expect(await valuesOf(packed)).toEqual(await valuesOf(images));
    expect(Object.keys(shards(fresh.cache)).length).toBe(4);
    // Whoever is told no digest looks at the images where two shards would fit.
    expect((await packImages(images, fresh)).files).toEqual(packed.files);
  });

  it('stays for whoever reads it while another packs other lists into the same cache', async () => {
    const mine = await packImages(images, given);
    const seen = await valuesOf(mine);
    const fewer = subset(images, Int32Array.of(0, 1, 2, 3, 5, 6), images.name);
    const theirs = await packImages(fewer, given);
    expect(added()).toBe(1); // the first four are the same
    expect(await valuesOf(theirs)).toEqual(await valuesOf(fewer));
    expect(await valuesOf(mine)).toEqual(seen);
  });

  it('is the same when two pack at once', async () => {
    const both = { ...given, cache: `${given.cache}-both` };
    const [one, other] = await Promise.all([packImages(images, both), packImages(images, both)]);
    expect(one.files).toEqual(other.files);
    expect(await valuesOf(one)).toEqual(await valuesOf(images));
    expect(Object.keys(shards(both.cache))).toEqual(Object.keys(before));
  });

  it('lies apart for other sizes and other folders', async () => {
    const larger = { ...recipe, augment: [{ ...crop, shortSide: 18 }] };
    await packImages(images, { ...given, recipe: larger });
    await packImages(await noisyImages(join(folder, `other-${caches}`), 3, 20, 20), given);
    expect(readdirSync(given.cache).filter((name) => /-1[68]x1[68]-/.test(name)).length).toBe(3);
  });

  it('is packed again where a shard is cut short or its record is damaged', async () => {
    const inner = innerFolder(given.cache);
    const [first, second, third] = Object.keys(before) as [string, string, string];
    truncateSync(join(inner, first), 100);
    writeFileSync(join(inner, second.replace('.bin', '.json')), '{"finger');
    rmSync(join(inner, third.replace('.bin', '.json')));
    const packed = await packImages(images, given);
    expect(Object.keys(shards(given.cache))).toEqual(Object.keys(before));
    expect(await valuesOf(packed)).toEqual(await valuesOf(images));
  });

  it('is never read where it was damaged or replaced: the shard is named, also by a worker', async () => {
    const packed = await packImages(images, given);
    const { file, part } = packed.files[5]!;
    const bytes = readFileSync(file);
    bytes[part!.offset + 300]! ^= 1;
    writeFileSync(file, bytes);
    const refusal = `${part!.name}: expected the pixels that were packed, found others in ${file}; remove that file`;
    await expect(valuesOf(packed)).rejects.toThrow(refusal);
    const threads = openLoader({ workers: 1, onBadImage: 'skip' });
    const all = async () => {
      for await (const batch of batchesInOrder(packed, recipe, 5, { loader: threads })) void batch;
    };
    await expect(all()).rejects.toThrow(refusal);
    await threads.close();
    rmSync(file);
    expect(await valuesOf(await packImages(images, given))).toEqual(await valuesOf(images));
  });

  it('by an earlier release is read, and said to have no checksums', async () => {
    const inner = innerFolder(given.cache);
    const packed = await packImages(images, given);
    const files = [...new Set(packed.files.map(({ file }) => file))];
    files.forEach((file, index) => {
      const number = String(index).padStart(5, '0');
      renameSync(file, join(inner, `${number}.bin`));
      const record = JSON.parse(readFileSync(file.replace('.bin', '.json'), 'utf8')) as object;
      const {
        crc32: _,
        sha256: __,
        ...before
      } = record as { readonly crc32: unknown; readonly sha256: unknown };
      writeFileSync(join(inner, `${number}.json`), JSON.stringify(before));
      rmSync(file.replace('.bin', '.json'));
    });
    const lines: string[] = [];
    const { sha256 } = await inspectImages(images);
    const read = await packImages(images, { ...given, sha256, onProgress: (line) => lines.push(line) });
    expect(read.files[9]).toMatchObject({ file: join(inner, '00002.bin'), packed: { crc32: null } });
    expect(await valuesOf(read)).toEqual(await valuesOf(images));
    expect(lines).toEqual([
      `${inner}: 10 images were packed by an earlier release, without checksums: damage to them would not be seen; ` +
        'remove the folder to have them packed again',
    ]);
  });
});

it('marks a cache as one, but not a folder that holds other things besides', async () => {
  const images = await noisyImages(join(folder, 'marked'), 3, 20, 24);
  const { cache, ...given } = options();
  await packImages(images, { cache, ...given });
  // https://bford.info/cachedir/
  const signature = 'Signature: 8a477f597d28d172789f06886806bc55';
  const start = (...path: string[]) => readFileSync(join(...path, 'CACHEDIR.TAG'), 'latin1').slice(0, 43);
  expect(start(cache)).toBe(signature);
  expect(start(innerFolder(cache))).toBe(signature);
  const own = join(folder, 'marked');
  await packImages(images, { ...given, cache: own });
  expect(readdirSync(own)).not.toContain('CACHEDIR.TAG');
  expect(start(innerFolder(own))).toBe(signature);
});

it('marks it where a process was killed while it did, and leaves nothing of that', async () => {
  const images = await noisyImages(join(folder, 'half-marked'), 3, 20, 24);
  const { cache, ...given } = options();
  mkdirSync(cache, { recursive: true });
  const { pid } = spawnSync('true');
  writeFileSync(
    join(cache, `.CACHEDIR.TAG.${pid}.00000000-0000-4000-8000-000000000000.tmp`),
    'Signature: 8a',
  );
  await packImages(images, { cache, ...given });
  expect(readdirSync(cache).filter((name) => name.includes('CACHEDIR'))).toEqual(['CACHEDIR.TAG']);
});

it('goes on where packing was cut off', async () => {
  const images = await noisyImages(join(folder, 'cut-off'), 10, 20, 24);
  const given = options();
  const spare = join(folder, 'spare.png');
  copyFileSync(images.files[9]!.file, spare);
  writeFileSync(images.files[9]!.file, 'no image');
  await expect(packImages(images, given)).rejects.toThrow(BadImageError);
  const before = shards(given.cache);
  expect(Object.keys(before).length).toBe(2);
  copyFileSync(spare, images.files[9]!.file);
  const packed = await packImages(images, given);
  expect(shards(given.cache)).toMatchObject(before);
  expect(await valuesOf(packed)).toEqual(await valuesOf(images));
});

it('leaves an image that cannot be read where it is, so that it is named whenever it is wanted', async () => {
  const images = await noisyImages(join(folder, 'unreadable'), 10, 20, 24);
  const [, bad] = images.files;
  writeFileSync(bad!.file, 'no image');
  const given = { ...options(), onBadImage: 'skip' } as const;
  const { files } = await packImages(images, given);
  expect(files[1]).toBe(bad);
  expect(files.filter(({ packed }) => packed).length).toBe(9);
  await expect(packImages(images, { ...given, onBadImage: 'fail' })).rejects.toThrow(
    `${bad!.file}: expected`,
  );
});

it('says where a cache cannot be made', async () => {
  const images = await solidImages(join(folder, 'no-place'), 3);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(packImages(images, { ...options(), cache: file })).rejects.toThrow(
    /cannot make the folder .*file\/solid-16x16-\S+: \S+\/file is a file$/,
  );
});
