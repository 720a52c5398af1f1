import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadImageError } from '../../../src/data/image/bad-image';
import { inspectImages, lookedAtByRanks } from '../../../src/data/inspect/inspect-images';
import type { ImageFiles } from '../../../src/data/dataset';
import { ranksTogether } from '../../runtime/mpi/ranks-together';
import { temporaryFolder } from '../../support/fixtures';
import { noisyImages } from '../../support/images/solid-images';

const folder = temporaryFolder();
let sets = 0;
const images = () => noisyImages(join(folder, String(sets++)), 12, 20, 24);

it('tells the SHA-256 of each image, as the system does, of files and of parts of an archive', async () => {
  const set = await images();
  const paths = set.files.map(({ file }) => file);
  const expected = execFileSync('sha256sum', paths, { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 64));
  expect(await inspectImages(set)).toEqual({ sha256: expected, bad: [] });
  const archive = join(folder, 'archive');
  const contents = paths.map((file) => readFileSync(file));
  writeFileSync(archive, Buffer.concat(contents));
  let offset = 0;
  const files = contents.map(({ length }, index) => {
    const part = { offset, length, name: `${index}.png` };
    offset += length;
    return { file: archive, part };
  });
  expect((await inspectImages({ ...set, files })).sha256).toEqual(expected);
  truncateSync(archive, offset - 1);
  await expect(inspectImages({ ...set, files })).rejects.toThrow(
    /archive: 11\.png: expected \d+ bytes from byte \d+, found only \d+: the file has changed; onBadImage: 'skip'/,
  );
});

/** Truncated, empty, gone, a folder and a link to nowhere: none of class 2, of which 2, 5, 8 and 11 are. */
function damage({ files }: ImageFiles): number[] {
  const { file } = files[1]!;
  truncateSync(file, readFileSync(file).length - 5);
  writeFileSync(files[3]!.file, '');
  rmSync(files[4]!.file);
  rmSync(files[7]!.file);
  mkdirSync(files[7]!.file);
  rmSync(files[9]!.file);
  symlinkSync('nowhere', files[9]!.file);
  return [1, 3, 4, 7, 9];
}

it('names the first image in order that is not whole, and under skip each with the reason', async () => {
  const set = await images();
  const bad = damage(set);
  await expect(inspectImages(set)).rejects.toThrow(BadImageError);
  await expect(inspectImages(set)).rejects.toThrow(
    `${set.files[1]!.file}: expected a whole PNG image, found no end of it in`,
  );
  const found = await inspectImages(set, { onBadImage: 'skip' });
  expect(found.bad.map(({ index }) => index)).toEqual(bad);
  expect(found.bad.map(({ file }) => file)).toEqual(bad.map((index) => set.files[index]!.file));
  expect(found.bad.map(({ reason }) => /truncated|empty|no such|a folder/.exec(reason)?.[0])).toEqual([
    'truncated',
    'empty',
    'no such',
    'a folder',
    'no such',
  ]);
  expect(found.sha256.flatMap((digest, index) => (digest ? [] : [index]))).toEqual([4, 7, 9]);
});

it('a class of which every image is unreadable is refused by its name also where such are skipped', async () => {
  const set = { ...(await images()), classes: ['cats', 'dogs', 'birds'] };
  for (const index of [2, 5, 8, 11]) writeFileSync(set.files[index]!.file, 'no image');
  await expect(inspectImages(set, { onBadImage: 'skip' })).rejects.toThrow(
    /^solid: expected images of each class that can be read, found none of birds \(4 unreadable; .*002\.png: expected/,
  );
});

describe('ranks', () => {
  it('find between them what one process finds', async () => {
    const set = await images();
    damage(set);
    const alone = await inspectImages(set, { onBadImage: 'skip' });
    const found = await Promise.all(
      ranksTogether(5).map((ranks) => inspectImages(set, { onBadImage: 'skip' }, ranks)),
    );
    expect(found).toEqual(new Array(5).fill(alone));
    const lines = await Promise.all(
      ranksTogether(5).map((ranks) => inspectImages(set, {}, ranks).catch((error: Error) => error.message)),
    );
    expect(lines).toEqual(
      new Array(5).fill(expect.stringContaining(`${set.files[1]!.file}: expected a whole PNG`)),
    );
  });

  it('look at each image once, and not again at what rank 0 has just seen', async () => {
    const set = await images();
    const { sha256 } = await inspectImages(set);
    const { bad } = await inspectImages(set, { onBadImage: 'skip' });
    damage(set); // 1 and 3 are in rank 0's third of the twelve, 4 and 7 in rank 1's, 9 in rank 2's
    const found = await Promise.all(
      ranksTogether(3).map((ranks) => lookedAtByRanks(ranks, set, { onBadImage: 'skip' }, sha256)),
    );
    expect(bad).toEqual([]);
    const differing = sha256.map((digest, index) => ([4, 7, 9].includes(index) ? '' : digest));
    for (const each of found) {
      expect(each.sha256).toEqual(differing);
      expect(each.bad.map(({ index }) => index)).toEqual([4, 7, 9]);
    }
  });
});
