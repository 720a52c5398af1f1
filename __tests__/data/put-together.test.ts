/** Several folders as one data set, and a test set from elsewhere. */
import { symlinkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { openFinetuneData, openSources } from '../../src/data/open';
import type { DataSources } from '../../src/data/put-together';
import { contents, trees } from '../support/images/image-tree';
import { refusal, temporaryFolder } from '../support/fixtures';

const tree = trees();
const temporary = temporaryFolder();

async function opened(sources: DataSources) {
  const notes: string[] = [];
  const { found } = await openSources(sources, { seed: 1, onProgress: (line) => notes.push(line) });
  return { ...found, notes };
}

const refused = (sources: DataSources) => refusal(openSources(sources, { seed: 1 }));

/** Numbered images in a folder. */
const many = (folder: string, count: number) =>
  Array.from({ length: count }, (_, at) => `${folder}/${at}.jpg`);

describe('several folders', () => {
  it('are one data set, in which classes of the same name are one', async () => {
    const one = tree(['cat/1.jpg', 'dog/1.jpg', 'dog/2.jpg']);
    const other = tree(['ant/1.jpg', 'dog/1.jpg']);
    const { train, notes } = await opened({ data: [one, other] });
    expect(train).toMatchObject({ name: 'pets + pets', classes: ['cat', 'dog', 'ant'] });
    expect(contents('/', train!).map((line) => line.replace(/:.*\/(\d+\/)?pets\//, ': '))).toEqual([
      'cat: cat/1.jpg',
      'dog: dog/1.jpg',
      'dog: dog/2.jpg',
      'ant: ant/1.jpg',
      'dog: dog/1.jpg',
    ]);
    expect(notes).toEqual([
      `2 of the 3 classes are not in each folder: cat in ${one} alone, ant in ${other} alone`,
    ]);
  });

  it('have their parts put together, each with its own', async () => {
    const parted = tree(['train/a/1.jpg', 'train/b/1.jpg', 'test/a/2.jpg', 'test/b/2.jpg']);
    const whole = tree(['a/3.jpg', 'b/3.jpg']);
    const { train, validation, test, notes } = await opened({ data: [parted, whole] });
    expect([...train!.labels]).toEqual([0, 1, 0, 1]);
    expect(train!.name).toBe('pets train + pets');
    expect(contents(parted, test!)).toEqual(['a: test/a/2.jpg', 'b: test/b/2.jpg']);
    expect(validation).toBeUndefined();
    expect(notes).toEqual([]);
  });

  it('are split by class, all of them together', async () => {
    const folders = [tree([...many('a', 10), ...many('b', 10)]), tree([...many('b', 10), ...many('c', 10)])];
    const splits = await openFinetuneData({ data: folders }, { seed: 1, validationSplit: 0.2 });
    const counts = (labels: Int32Array) =>
      [0, 1, 2].map((label) => labels.filter((each) => each === label).length);
    expect(counts(splits.test.labels)).toEqual([2, 4, 2]);
    expect(counts(splits.validation.labels).reduce((sum, count) => sum + count)).toBe(6);
  });

  it('keep the WordNet ids that all of them have', async () => {
    const words = 'n01440764 tench, Tinca tinca\nn01443537 goldfish\n';
    const withWords = () => tree(['n01440764/1.jpg', 'n01443537/1.jpg'], { 'synset_words.txt': words });
    const { train } = await opened({ data: [withWords(), withWords()] });
    expect(train!.synsets).toEqual(['n01440764', 'n01443537']);
    expect(train!.classes).toHaveLength(2);
  });

  it('are refused where a class differs in the case of letters alone', async () => {
    const [one, other] = [tree(['Cats/1.jpg', 'dogs/1.jpg']), tree(['cats/1.jpg', 'dogs/1.jpg'])];
    expect(await refused({ data: [one, other] })).toBe(
      `${other}: expected the classes of ${one} and of others, found cats: "cats" for "Cats" differs in the case of letters alone`,
    );
  });

  it('are refused where an image lies in two of them, by whatever path', async () => {
    const whole = tree(['train/a/1.jpg', 'train/b/1.jpg', 'test/a/2.jpg', 'test/b/2.jpg']);
    const link = join(temporary, 'link');
    symlinkSync(whole, link);
    const byFiles = join(temporary, 'by files');
    for (const name of ['a', 'b']) {
      mkdirSync(join(byFiles, name), { recursive: true });
      symlinkSync(join(whole, 'train', name, '1.jpg'), join(byFiles, name, 'linked.jpg'));
    }
    for (const other of [join(whole, 'train'), link, byFiles, whole])
      expect(await refused({ data: [whole, other] })).toMatch(
        new RegExp(`^${other}: expected other images than those of ${whole}, found .*1\\.jpg in both$`),
      );
  });

  it('are refused where images are stored as pixels', async () => {
    const found = await refused({ data: [tree(['a/1.jpg', 'b/1.jpg']), 'digits'] });
    expect(found).toMatch(
      /^data: expected image files where several data sets are put together, found digits train.*pixels$/,
    );
  });
});

describe('a test set from elsewhere', () => {
  it('takes the place of another, by the names of its classes', async () => {
    const data = tree([
      'train/a/1.jpg',
      'train/b/1.jpg',
      'val/a/2.jpg',
      'val/b/2.jpg',
      'test/a/3.jpg',
      'test/b/3.jpg',
    ]);
    const elsewhere = tree(['b/1.jpg', 'a/1.jpg', 'b/2.jpg']);
    const { train, validation, test, notes } = await opened({ data, test: elsewhere });
    expect([train!.labels.length, validation!.labels.length]).toEqual([2, 2]);
    expect(contents(elsewhere, test!)).toEqual(['a: a/1.jpg', 'b: b/1.jpg', 'b: b/2.jpg']);
    expect(notes).toEqual(['pets test: its 2 images are not used, pets tests instead']);
  });

  it('is the test part of a data set that has one', async () => {
    const parted = tree(['train/a/1.jpg', 'train/b/1.jpg', 'test/b/2.jpg', 'test/a/2.jpg']);
    const { test } = await opened({ data: tree(['a/1.jpg', 'b/1.jpg']), test: parted });
    expect(contents(parted, test!)).toEqual(['a: test/a/2.jpg', 'b: test/b/2.jpg']);
  });

  it('may lack classes, and is refused with others', async () => {
    const data = tree(['a/1.jpg', 'b/1.jpg', 'c/1.jpg']);
    const { test, notes } = await opened({ data, test: tree(['c/1.jpg', 'a/1.jpg']) });
    expect(notes).toEqual(['pets: no image of 1 of its 3 classes (b)']);
    expect([...test!.labels]).toEqual([0, 2]);
    expect(test!.classes).toEqual(['a', 'b', 'c']);
    expect(await refused({ data, test: tree(['a/1.jpg', 'd/1.jpg']) })).toBe(
      'pets: expected classes of pets (a, b, c), found d',
    );
  });

  it('is refused with images of the data, and with images of another kind', async () => {
    const data = tree(['a/1.jpg', 'b/1.jpg']);
    mkdirSync(join(temporary, 'linked'));
    for (const name of ['a', 'b']) symlinkSync(join(data, name), join(temporary, 'linked', name));
    expect(await refused({ data, test: join(temporary, 'linked') })).toMatch(
      /expected other images than those of .*, found .*1\.jpg in both$/,
    );
    const numbered = tree(['0/1.jpg', '1/1.jpg']);
    expect(await refused({ data: 'digits', test: numbered })).toMatch(
      /^test: expected stored images of \d+×\d+×1 as those of digits train \(synthetic\), found image files$/,
    );
  });
});
