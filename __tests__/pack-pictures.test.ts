import {
  copyFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { BadPicture } from '../src/data/bad-picture';
import { batches, batchesInOrder } from '../src/data/batches';
import { subset } from '../src/data/dataset';
import { openFeed } from '../src/data/feed';
import { packPictures, type PackOptions } from '../src/data/pack-pictures';
import type { Pictures } from '../src/data/pictures';
import type { Recipe } from '../src/network';
import { temporaryFolder } from './fixtures';
import { noisyPictures, solidPictures } from './solid-pictures';

const folder = temporaryFolder();
const side = 16;
const crop = { kind: 'randomCrop', size: 12, shortSide: side, longSide: 'cropped' } as const;
const recipe: Pick<Recipe, 'input' | 'augment' | 'batchSize'> = {
  input: { shape: [12, 12, 3], preprocess: [{ kind: 'range', black: -1, white: 1 }] },
  augment: [crop, { kind: 'flip' }, { kind: 'pcaLighting', deviation: 0.1 }],
  batchSize: 5,
};
/** Four pictures a shard. */
const shardSize = 4 * side * side * 3;

const feed = openFeed({ workers: 0 });

let caches = 0;
function options(): PackOptions & { readonly cache: string } {
  return { cache: join(folder, `cache-${caches++}`), recipe, workers: 0, shardSize };
}

async function valuesOf(data: Pictures, of = recipe): Promise<Float32Array[]> {
  const all = [];
  for (const epoch of [0, 1])
    for await (const { images } of batches({ data, recipe: of, seed: 1, epoch, feed }))
      all.push(images.slice());
  for await (const { images } of batchesInOrder(data, of, 5, { feed })) all.push(images.slice());
  return all;
}

/** The shards of a cache by name, with the number of the file and when it was written. */
function shards(cache: string): Record<string, string> {
  const [inner] = readdirSync(cache);
  const names = readdirSync(join(cache, inner!)).filter((name) => name.endsWith('.bin'));
  return Object.fromEntries(
    names.sort().map((name) => {
      const { ino, mtimeNs } = statSync(join(cache, inner!, name), { bigint: true });
      return [name, `${ino} ${mtimeNs}`];
    }),
  );
}

it.each(['cropped', 'squeezed'] as const)(
  'of pictures whose longer side is %s, the network sees the same pixels packed and not, bit for bit',
  async (longSide) => {
    const pictures = await noisyPictures(join(folder, longSide), 11, 20, 31);
    const of = { ...recipe, augment: [{ ...crop, longSide }, ...recipe.augment.slice(1)] };
    const packed = await packPictures(pictures, { ...options(), recipe: of });
    for (const { file, packed: shape } of packed.places) {
      expect(file).toMatch(/\.bin$/);
      expect(shape).toEqual([side, side, 3]);
    }
    expect(await valuesOf(packed, of)).toEqual(await valuesOf(pictures, of));
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
  const pictures = await solidPictures(join(folder, 'kinds'), 6);
  const of = { ...recipe, augment };
  const packed = await packPictures(pictures, { ...options(), recipe: of });
  expect(packed.places[0]!.packed).toEqual([packedSide, packedSide, 3]);
  expect(await valuesOf(packed, of)).toEqual(await valuesOf(pictures, of)); // of one colour each
});

describe('what was packed', () => {
  let pictures: Pictures;
  let given: ReturnType<typeof options>;
  let before: Record<string, string>;

  beforeEach(async () => {
    pictures = await noisyPictures(join(folder, `set-${caches}`), 10, 20, 24);
    given = options();
    await packPictures(pictures, given);
    before = shards(given.cache);
    expect(Object.keys(before)).toEqual(['00000.bin', '00001.bin', '00002.bin']);
  });

  it('is not packed again while nothing changes', async () => {
    const lines: string[] = [];
    await packPictures(pictures, { ...given, onProgress: (line) => lines.push(line) });
    expect(shards(given.cache)).toEqual(before);
    expect(lines).toEqual([]);
  });

  it('is packed anew where a picture has changed, and only there', async () => {
    const [changed, other] = [pictures.places[5]!.file, pictures.places[0]!.file];
    copyFileSync(other, changed);
    const lines: string[] = [];
    const packed = await packPictures(pictures, { ...given, onProgress: (line) => lines.push(line) });
    expect(shards(given.cache)).toEqual({
      ...before,
      '00001.bin': expect.not.stringMatching(before['00001.bin']!) as string,
    });
    expect(await valuesOf(packed)).toEqual(await valuesOf(pictures));
    expect(lines[0]).toMatch(/^packing solid: 10 pictures as 16x16 pixels, 0\.0 GB, in .*solid-16x16-/);
  });

  it('is packed anew where a picture has another time, though it be as large', async () => {
    utimesSync(pictures.places[9]!.file, 1, 1);
    await packPictures(pictures, given);
    expect(shards(given.cache)).toEqual({
      ...before,
      '00002.bin': expect.not.stringMatching(before['00002.bin']!) as string,
    });
  });

  it('is packed anew from where the list differs on, and shards of a longer list are removed', async () => {
    const fewer = subset(pictures, Int32Array.of(0, 1, 2, 3, 5, 6), pictures.name);
    const packed = await packPictures(fewer, given);
    const after = shards(given.cache);
    expect(Object.keys(after)).toEqual(['00000.bin', '00001.bin']);
    expect(after['00000.bin']).toBe(before['00000.bin']);
    expect(await valuesOf(packed)).toEqual(await valuesOf(fewer));
  });

  it('lies apart for other sizes and other folders', async () => {
    const larger = { ...recipe, augment: [{ ...crop, shortSide: 18 }] };
    await packPictures(pictures, { ...given, recipe: larger });
    await packPictures(await noisyPictures(join(folder, `other-${caches}`), 3, 20, 20), given);
    expect(readdirSync(given.cache).length).toBe(3);
  });

  it('is packed anew where a shard is cut short or its record is damaged', async () => {
    const inner = join(given.cache, readdirSync(given.cache)[0]!);
    truncateSync(join(inner, '00000.bin'), 100);
    writeFileSync(join(inner, '00001.json'), '{"finger');
    rmSync(join(inner, '00002.json'));
    const packed = await packPictures(pictures, given);
    expect(await valuesOf(packed)).toEqual(await valuesOf(pictures));
  });
});

it('goes on where packing was cut off', async () => {
  const pictures = await noisyPictures(join(folder, 'cut-off'), 10, 20, 24);
  const given = options();
  const spare = join(folder, 'spare.png');
  copyFileSync(pictures.places[9]!.file, spare);
  writeFileSync(pictures.places[9]!.file, 'no picture');
  await expect(packPictures(pictures, given)).rejects.toThrow(BadPicture);
  const before = shards(given.cache);
  expect(Object.keys(before)).toEqual(['00000.bin', '00001.bin']);
  copyFileSync(spare, pictures.places[9]!.file);
  const packed = await packPictures(pictures, given);
  expect(shards(given.cache)).toMatchObject(before);
  expect(await valuesOf(packed)).toEqual(await valuesOf(pictures));
});

it('leaves a picture that cannot be read where it is, so that it is named whenever it is wanted', async () => {
  const pictures = await noisyPictures(join(folder, 'unreadable'), 10, 20, 24);
  const [, bad] = pictures.places;
  writeFileSync(bad!.file, 'no picture');
  const given = { ...options(), onBadPicture: 'skip' } as const;
  const { places } = await packPictures(pictures, given);
  expect(places[1]).toBe(bad);
  expect(places.filter(({ packed }) => packed).length).toBe(9);
  await expect(packPictures(pictures, { ...given, onBadPicture: 'fail' })).rejects.toThrow(
    `${bad!.file}: expected`,
  );
});

it('says where a cache cannot be made', async () => {
  const pictures = await solidPictures(join(folder, 'no-place'), 3);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  await expect(packPictures(pictures, { ...options(), cache: file })).rejects.toThrow(
    /file.*: expected a folder to pack pictures in, cannot be made: /,
  );
});
