/** Images packed by several ranks, in one process: which rank packs what, and what fails on all. */
import { readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withCrew } from '../../../src/data/cache/crew';
import { packImages, type PackOptions } from '../../../src/data/cache/pack-images';
import type { ImageFiles } from '../../../src/data/dataset';
import { ranksTogether } from '../../runtime/mpi/ranks-together';
import { temporaryFolder } from '../../support/fixtures';
import { noisyImages } from '../../support/images/solid-images';

const folder = temporaryFolder();
const side = 16;
const recipe: PackOptions['recipe'] = { input: { shape: [side, side, 3], preprocess: [] }, augment: [] };
/** Four images a shard: three shards, the last of them of three images. */
const options = { recipe, workers: 0, shardSize: 4 * side * side * 3 };

/** What rank 0 gets, and then what another one finds; or the line that the ranks end with. */
function byRanks(images: ImageFiles, cache: string, given: Partial<PackOptions> = {}) {
  const all = { ...options, ...given, cache };
  return Promise.all(
    ranksTogether(3).map(async (ranks) => {
      try {
        const first = await withCrew(ranks, (crew) => packImages(images, { ...all, crew }));
        return first ?? (await packImages(images, { ...all, beside: ranks.local }));
      } catch (error) {
        return (error as Error).message;
      }
    }),
  );
}

/** The files of a cache below its one folder, by name. */
function contents(cache: string): Record<string, string> {
  const [inner] = readdirSync(cache).filter((name) => name !== 'CACHEDIR.TAG');
  const names = readdirSync(join(cache, inner!)).sort();
  return Object.fromEntries(
    names.map((name) => [name, readFileSync(join(cache, inner!, name)).toString('hex')]),
  );
}

it('gives the shards of one process, and all ranks the same images', async () => {
  const images = await noisyImages(join(folder, 'same'), 11, 20, 31);
  const [alone, together] = [join(folder, 'alone'), join(folder, 'together')];
  const expected = await packImages(images, { ...options, cache: alone });
  const found = await byRanks(images, together);
  const moved = expected.files.map((file) => ({ ...file, file: file.file.replace(alone, together) }));
  expect(found).toEqual(new Array(3).fill({ ...expected, files: moved }));
  const shards = contents(together);
  expect(shards).toEqual(contents(alone));
  expect(Object.keys(shards).filter((name) => name.endsWith('.bin')).length).toBe(3);
});

it('deals out what is missing: the rank that packs an image is named where that fails', async () => {
  const images = await noisyImages(join(folder, 'bad'), 11, 20, 31);
  const { file } = images.files[9]!; // in the third shard
  truncateSync(file, 60);
  const [first, ...others] = await byRanks(images, join(folder, 'fails'));
  expect(first).toMatch(/^rank 2: .*009\.png: /);
  expect(others).toEqual([first, first]);
  const skipped = await byRanks(images, join(folder, 'skips'), { onBadImage: 'skip' });
  for (const found of skipped) {
    const { files } = found as ImageFiles;
    expect(files.flatMap((each, index) => (each.packed ? [] : [index]))).toEqual([9]);
  }
});

it('fails on all ranks where rank 0 fails', async () => {
  const images = await noisyImages(join(folder, 'few'), 3, 20, 31);
  const cache = join(folder, 'file');
  writeFileSync(cache, '');
  const found = await byRanks(images, cache);
  expect(found).toEqual(new Array(3).fill(expect.stringContaining(`${cache} is a file`)));
});

it.each([0, 1, 2])('begins elsewhere beside others, as number %i, and gives the same', async (rank) => {
  const images = await noisyImages(join(folder, `beside-${rank}`), 11, 20, 31);
  const cache = join(folder, `cache-beside-${rank}`);
  const expected = await packImages(images, { ...options, cache });
  expect(await packImages(images, { ...options, cache, beside: { rank, size: 3 } })).toEqual(expected);
  const anew = join(folder, `anew-${rank}`);
  await packImages(images, { ...options, cache: anew, beside: { rank, size: 3 } });
  expect(contents(anew)).toEqual(contents(cache));
});
