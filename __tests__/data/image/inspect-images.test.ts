import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BadPicture } from '../../../src/data/image/bad-image';
import { inspectPictures } from '../../../src/data/inspect/inspect-images';
import type { Pictures } from '../../../src/data/dataset';
import { temporaryFolder } from '../../support/fixtures';
import { noisyPictures } from '../../support/images/solid-pictures';

const folder = temporaryFolder();
let sets = 0;
const pictures = () => noisyPictures(join(folder, String(sets++)), 12, 20, 24);

it('tells the SHA-256 of each picture, as the system does, of files and of parts of an archive', async () => {
  const set = await pictures();
  const files = set.places.map(({ file }) => file);
  const expected = execFileSync('sha256sum', files, { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((line) => line.slice(0, 64));
  expect(await inspectPictures(set)).toEqual({ sha256: expected, bad: [] });
  const archive = join(folder, 'archive');
  const contents = files.map((file) => readFileSync(file));
  writeFileSync(archive, Buffer.concat(contents));
  let offset = 0;
  const places = contents.map(({ length }, index) => {
    const part = { offset, length, name: `${index}.png` };
    offset += length;
    return { file: archive, part };
  });
  expect((await inspectPictures({ ...set, places })).sha256).toEqual(expected);
  truncateSync(archive, offset - 1);
  await expect(inspectPictures({ ...set, places })).rejects.toThrow(
    /archive: 11\.png: expected \d+ bytes from byte \d+, found only \d+: the file has changed; --on-bad-image skip/,
  );
});

/** Truncated, empty, gone, a folder and a link to nowhere: none of class 2, of which 2, 5, 8 and 11 are. */
function damage({ places }: Pictures): number[] {
  const { file } = places[1]!;
  truncateSync(file, readFileSync(file).length - 5);
  writeFileSync(places[3]!.file, '');
  rmSync(places[4]!.file);
  rmSync(places[7]!.file);
  mkdirSync(places[7]!.file);
  rmSync(places[9]!.file);
  symlinkSync('nowhere', places[9]!.file);
  return [1, 3, 4, 7, 9];
}

it('names the first picture in order that is not whole, and under skip each with the reason', async () => {
  const set = await pictures();
  const bad = damage(set);
  await expect(inspectPictures(set)).rejects.toThrow(BadPicture);
  await expect(inspectPictures(set)).rejects.toThrow(
    `${set.places[1]!.file}: expected a whole PNG picture, found no end of it in`,
  );
  const found = await inspectPictures(set, { onBadPicture: 'skip' });
  expect(found.bad.map(({ index }) => index)).toEqual(bad);
  expect(found.bad.map(({ file }) => file)).toEqual(bad.map((index) => set.places[index]!.file));
  expect(found.bad.map(({ reason }) => /truncated|empty|no such|a folder/.exec(reason)?.[0])).toEqual([
    'truncated',
    'empty',
    'no such',
    'a folder',
    'no such',
  ]);
  expect(found.sha256.flatMap((digest, index) => (digest ? [] : [index]))).toEqual([4, 7, 9]);
});

it('a class of which every picture is unreadable is refused by its name also where such are skipped', async () => {
  const set = { ...(await pictures()), classes: ['cats', 'dogs', 'birds'] };
  for (const index of [2, 5, 8, 11]) writeFileSync(set.places[index]!.file, 'no picture');
  await expect(inspectPictures(set, { onBadPicture: 'skip' })).rejects.toThrow(
    /^solid: expected pictures of each class that can be read, found none of birds \(4 unreadable; .*002\.png: expected/,
  );
});
