import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { decodeImage } from '../../support/images/decoded';
import { olderFingerprint } from '../../../src/data/inspect/fingerprint';
import { openData, openTestData } from '../../../src/data/open';
import { openImageFolder } from '../../../src/data/formats/image-folder/image-folder';
import type { ImageFiles } from '../../../src/data/dataset';
import { stratifiedSplit } from '../../../src/data/splits';
import { temporaryFolder, testOnRealData, refusal } from '../../support/fixtures';

const folder = temporaryFolder();
let folders = 0;

/** A new folder with files of these paths; nothing reads them here. */
function tree(...paths: readonly string[]): string {
  const root = join(folder, String(++folders));
  mkdirSync(root);
  for (const path of paths) {
    const file = join(root, path);
    mkdirSync(path.endsWith('/') ? file : dirname(file), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(file, 'an image');
  }
  return root;
}

/** A label and a path for each image. */
const contents = (root: string, { classes, labels, files }: ImageFiles) =>
  files.map(({ file }, index) => `${classes[labels[index]!]}: ${relative(root, file)}`);

it('each part has the classes of its folders, each image the class of the folder that it lies in', async () => {
  for (const validation of ['validation', 'val']) {
    const root = tree(
      'train/cat/1.jpg',
      'train/cat/2.PNG',
      'train/dog/deep/er/3.JPEG',
      `${validation}/cat/4.webp`,
      `${validation}/dog/5.gif`,
      'test/dog/1.jpg',
      'test/cat/1.jpg',
      'LICENSE',
    );
    const found = await openImageFolder(root, 'pets');
    expect(contents(root, found.train!)).toEqual([
      'cat: train/cat/1.jpg',
      'cat: train/cat/2.PNG',
      'dog: train/dog/deep/er/3.JPEG',
    ]);
    expect(contents(root, found.validation!)).toEqual([
      `cat: ${validation}/cat/4.webp`,
      `dog: ${validation}/dog/5.gif`,
    ]);
    expect(contents(root, found.test!)).toEqual(['cat: test/cat/1.jpg', 'dog: test/dog/1.jpg']);
    expect(found.train).toMatchObject({ kind: 'files', name: 'pets train', synthetic: false });
    const splits = await openData(root, { seed: 1 });
    expect([splits.train, splits.validation, splits.test].map((set) => set!.labels.length)).toEqual([
      3, 2, 2,
    ]);
  }
});

it('classes come in the order of their bytes, that of Python’s sorted, whatever the locale', async () => {
  // In UTF-16 the last two would change files; in most locales Z would come after a.
  const names = ['10', '9', 'Z', 'a b', 'zebra', 'Äpfel', '\uff21', '\u{1f408}'];
  const root = tree(...names.map((name) => `${name}/1.png`).reverse());
  const python = [...names].sort((one, other) => {
    const [ones, others] = [[...one], [...other]].map((each) => each.map((sign) => sign.codePointAt(0)!));
    const at = ones!.findIndex((sign, index) => sign !== others![index]);
    return ones![at]! - (others![at] ?? -1);
  });
  expect((await openImageFolder(root, 'a')).train!.classes).toEqual(python);
  expect(python).toEqual(names);
});

it('blanks and letters of any script are kept, in one form of Unicode in all parts', async () => {
  const root = tree(
    'train/caf\u00e9 au lait/un chat.jpg',
    'train/犬/一.jpg',
    'test/cafe\u0301 au lait/2.jpg',
    'test/犬/二 2.jpg',
  );
  const { train, test } = await openImageFolder(root, 'a');
  expect(train!.classes).toEqual(['café au lait', '犬']);
  expect(test!.classes).toEqual(train!.classes);
  expect(test!.files.map(({ file }) => relative(root, file))).toEqual([
    'test/cafe\u0301 au lait/2.jpg',
    'test/犬/二 2.jpg',
  ]);
  expect(await refusal(openImageFolder(tree('caf\u00e9/1.jpg', 'cafe\u0301/1.jpg', 'b/1.jpg'), 'a'))).toMatch(
    /expected each class once, found "café" twice, in two forms of Unicode$/,
  );
});

it('what is no image is left out, and said', async () => {
  const root = tree(
    'cat/1.jpg',
    'cat/.DS_Store',
    'cat/._1.jpg',
    'cat/notes.txt',
    'cat/scan.HEIC',
    'dog/2.jpg',
    'README.md',
    '.thumbnails/3.jpg',
  );
  execFileSync('mkfifo', [join(root, 'dog', 'pipe.jpg')]);
  const notes: string[] = [];
  const { train } = await openImageFolder(root, 'pets', (line) => notes.push(line));
  expect(contents(root, train!)).toEqual(['cat: cat/1.jpg', 'dog: dog/2.jpg']);
  expect(notes).toEqual([
    'pets: 2 images; left out: 3 hidden, 1 of formats that are not read (scan.HEIC), 3 other files (README.md, notes.txt, pipe.jpg)',
  ]);
});

it('an empty class is refused in training and said elsewhere', async () => {
  expect(
    await refusal(openImageFolder(tree('train/cat/1.jpg', 'train/dog/', 'train/eel/x.txt'), 'a')),
  ).toMatch(/train: expected images \(\.jpg, .*, \.bmp\) of each class, found none of dog, eel$/);
  const notes: string[] = [];
  const root = tree('train/cat/1.jpg', 'train/dog/1.jpg', 'test/cat/1.jpg', 'test/dog/');
  const { test } = await openImageFolder(root, 'pets', (line) => notes.push(line));
  expect(test!.classes).toEqual(['cat', 'dog']);
  expect(notes).toEqual(['pets test: no image of 1 of its 2 classes (dog)']);
});

it('one class, no class, and images without a class are refused', async () => {
  expect(await refusal(openImageFolder(tree('cat/1.jpg'), 'a'))).toMatch(/at least two classes, found cat$/);
  expect(await refusal(openImageFolder(tree('train/1.jpg', 'train/2.jpg'), 'a'))).toMatch(
    /train: expected a folder for each class, found 2 files in none \(1\.jpg, 2\.jpg\)$/,
  );
  expect(await refusal(openImageFolder(tree('train/'), 'a'))).toMatch(
    /a folder for each class, found an empty one$/,
  );
  expect(await refusal(openImageFolder(tree('cat/', 'dog/'), 'a'))).toMatch(
    /expected images .*, found none$/,
  );
});

it('parts with other classes than the training set are refused with both', async () => {
  const root = tree(
    'train/cat/1.jpg',
    'train/dog/1.jpg',
    'test/cat/1.jpg',
    'test/Dog/1.jpg',
    'test/eel/1.jpg',
  );
  expect(await refusal(openImageFolder(root, 'a'))).toBe(
    `${join(root, 'test')}: expected the 2 classes of ${join(root, 'train')}, found none for dog and Dog, eel besides: ` +
      '"Dog" for "dog" differs in the case of letters alone',
  );
  expect(
    await refusal(openImageFolder(tree('train/a/1.jpg', 'val/a/1.jpg', 'validation/a/1.jpg'), 'a')),
  ).toMatch(/expected one folder for validation, found validation and val$/);
});

it('links to folders and files are followed, but for circles', async () => {
  const store = tree('tom/1.jpg', 'tom/2.jpg');
  const root = tree('cat/', 'dog/3.jpg');
  symlinkSync(join(store, 'tom'), join(root, 'cat', 'tom'));
  symlinkSync(join(store, 'tom', '1.jpg'), join(root, 'dog', '4.jpg'));
  symlinkSync(join(store, 'gone.jpg'), join(root, 'dog', '5.jpg'));
  const { train } = await openImageFolder(root, 'a');
  expect(contents(root, train!)).toEqual([
    'cat: cat/tom/1.jpg',
    'cat: cat/tom/2.jpg',
    'dog: dog/3.jpg',
    'dog: dog/4.jpg',
    'dog: dog/5.jpg',
  ]);
  symlinkSync(root, join(root, 'dog', 'all'));
  expect(await refusal(openImageFolder(root, 'a'))).toMatch(/found a link in a circle, back to /);
  rmSync(join(root, 'dog', 'all'));
  symlinkSync('own', join(root, 'dog', 'own'));
  expect(await refusal(openImageFolder(root, 'a'))).toMatch(
    /dog\/own: expected .*, found a link in a circle$/,
  );
});

it('a test set that is a link to the training set is refused', async () => {
  const root = tree('train/cat/1.jpg', 'train/dog/1.jpg');
  symlinkSync(join(root, 'train'), join(root, 'test'));
  expect(await refusal(openImageFolder(root, 'a'))).toMatch(
    /a folder of its own for each part, found a link/,
  );
});

it('an image that vanishes after its folder was listed is told by its path', async () => {
  const root = tree('cat/1.jpg', 'dog/2.jpg');
  const { train } = await openImageFolder(root, 'a');
  rmSync(join(root, 'dog'), { recursive: true });
  expect(await refusal(decodeImage(train!.files[1]!, 3))).toMatch(
    /dog\/2\.jpg: expected an image, found no such file$/,
  );
});

/** ImageNet's way: images of all classes in one folder, and a file that tells them apart. */
function flat(labels: string, words?: string, ...images: readonly string[]): string {
  const root = tree(...(images.length > 0 ? images : ['images/a.JPEG', 'images/b c.JPEG']));
  writeFileSync(join(root, 'labels.txt'), labels);
  if (words !== undefined) writeFileSync(join(root, 'synset_words.txt'), words);
  return root;
}
const words = 'n01 crane\nn02 dog, hound\nn03 crane\n';

it('a label file says the classes of images in one folder', async () => {
  const { train } = await openImageFolder(flat('b c.JPEG 2\r\na.JPEG 0\n', words), 'some');
  expect(train!.classes).toEqual(['crane (n01)', 'dog, hound', 'crane (n03)']);
  expect(train!.files.map(({ file }) => file.split('/').at(-1))).toEqual(['b c.JPEG', 'a.JPEG']);
  expect([...train!.labels]).toEqual([2, 0]);
  const unnamed = await openImageFolder(flat('images/a.JPEG 0\nimages/b c.JPEG 2\n'), 'some');
  expect(unnamed.train!.classes).toEqual(['0', '1', '2']);
});

it('a label file that does not fit its images is refused by the line', async () => {
  const found = (labels: string) => refusal(openImageFolder(flat(labels, words), 'some'));
  expect(await found('a.JPEG 0\n\nnothing.JPEG 1\n')).toMatch(
    /labels\.txt: expected an image that is there, found nothing\.JPEG in line 3$/,
  );
  expect(await found('a.JPEG 3\n')).toMatch(
    /expected an index below the 3 classes of .*synset_words\.txt, found 3 in line 1$/,
  );
  expect(await found('a.JPEG 0\na.JPEG 1\n')).toMatch(
    /expected each image once, found a\.JPEG again in line 2$/,
  );
  expect(await found('a.JPEG\n')).toMatch(
    /expected a file's name, a blank and an index, found "a\.JPEG" in line 1$/,
  );
  expect(await found('../labels.txt 1\n')).toMatch(/an image that is there/);
  expect(await found('')).toMatch(/expected a line an image, found none$/);
});

it('a flat validation folder takes the classes of the training folders by their ids', async () => {
  const ids = ['n00000001', 'n00000003', 'n00000002'];
  const root = tree(...ids.map((id) => `train/${id}/1.jpg`), 'val/x.jpg', 'val/y.jpg', 'val/z.jpg');
  writeFileSync(join(root, 'val', 'labels.txt'), 'z.jpg 1\nx.jpg 2\n');
  writeFileSync(join(root, 'synset_words.txt'), 'n00000002 two\nn00000003 three\nn00000001 one\n');
  const notes: string[] = [];
  const found = await openImageFolder(root, 'some', (line) => notes.push(line));
  expect(found.train!.classes).toEqual(['one', 'two', 'three']);
  expect(contents(root, found.validation!)).toEqual(['three: val/z.jpg', 'one: val/x.jpg']);
  expect(notes[0]).toBe('some validation: 2 images; left out: 1 without a label (y.jpg)');
});

describe('a share split off', () => {
  it('takes of each class its share but for less than one image, leaves it one, and parts all images', () => {
    const cases = fc.record({
      labels: fc.array(fc.nat(6), { minLength: 1, maxLength: 200 }),
      share: fc.double({ min: 0.01, max: 0.99, noNaN: true }),
      seed: fc.nat(),
    });
    fc.assert(
      fc.property(cases, ({ labels, share, seed }) => {
        const { kept, heldOut } = stratifiedSplit(Int32Array.from(labels), 7, share, seed);
        expect([...kept, ...heldOut].sort((one, other) => one - other)).toEqual([...labels.keys()]);
        for (let label = 0; label < 7; label++) {
          const all = labels.filter((each) => each === label).length;
          const held = heldOut.filter((index) => labels[index] === label).length;
          if (all > 0) expect(all - held).toBeGreaterThanOrEqual(1);
          expect(Math.abs(held - share * all)).toBeLessThan(1 + 1e-9);
        }
        expect(heldOut.length).toBeLessThanOrEqual(Math.round(share * labels.length));
      }),
    );
  });

  it('is the share of all images where the classes are large', () => {
    const labels = Int32Array.from({ length: 819 }, (_, index) => index % 5);
    for (const share of [0.1, 0.2, 1 / 3]) {
      const { heldOut } = stratifiedSplit(labels, 5, share, 1);
      expect(heldOut).toHaveLength(Math.round(share * 819));
    }
  });

  it('depends on the seed and on nothing else', () => {
    const labels = Int32Array.from({ length: 100 }, (_, index) => index % 3);
    const [one, again, other] = [1, 1, 2].map((seed) =>
      String(stratifiedSplit(labels, 3, 0.2, seed).heldOut),
    );
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });

  it('stands in for a validation folder, and for the test set where there is none', async () => {
    const single = tree(
      ...Array.from({ length: 20 }, (_, index) => `${index % 2 ? 'cat' : 'dog'}/${index}.jpg`),
    );
    const own = await openData(single, { seed: 1, validationSplit: 0.2 });
    expect([own.train.labels.length, own.validation, own.test.labels.length]).toEqual([16, undefined, 4]);
    const paths = ['train', 'test'].flatMap((part) =>
      ['cat', 'dog'].flatMap((name) => [1, 2, 3].map((at) => `${part}/${name}/${at}.jpg`)),
    );
    const parted = await openData(tree(...paths), { seed: 1, validationSplit: 0.34 });
    expect([parted.train, parted.validation!, parted.test].map(({ labels }) => labels.length)).toEqual([
      4, 2, 6,
    ]);
    const files = [parted.train, parted.validation!, parted.test].flatMap((set) =>
      (set as ImageFiles).files.map(({ file }) => file),
    );
    expect(new Set(files).size).toBe(12);
  });

  it('is asked for where nothing is there to test on, and refused beside a validation folder', async () => {
    const single = tree('cat/1.jpg', 'dog/1.jpg');
    expect(await refusal(openData(single, { seed: 1 }))).toMatch(
      /expected a test or a validation set .*validationSplit: 0\.1 sets a tenth/,
    );
    expect(await refusal(openData(single, { seed: 1, validationSplit: 0.5 }))).toMatch(
      /leaves each class one, found 0\.5$/,
    );
    expect(await refusal(openData(single, { seed: 1, validationSplit: 20 }))).toMatch(
      /a share between 0 and 1, found 20$/,
    );
    const parted = tree('train/cat/1.jpg', 'train/dog/1.jpg', 'val/cat/1.jpg', 'val/dog/1.jpg');
    expect(await refusal(openData(parted, { seed: 1, validationSplit: 0.5 }))).toMatch(
      /without a validation set, found/,
    );
    expect((await openData(parted, { seed: 1 })).test.name).toMatch(/validation$/);
  });
});

it('a listing stays the same when its folder is moved, and tells images added, renamed or of another class', async () => {
  const of = async (...paths: readonly string[]) =>
    olderFingerprint((await openImageFolder(tree(...paths), 'a')).train!);
  const own = ['cat/1.jpg', 'cat/2.jpg', 'dog/3.jpg'];
  const first = await of(...own);
  expect(first).toMatchObject({ images: 3 });
  expect(await of(...own)).toEqual(first);
  const others = [
    await of(...own, 'dog/4.jpg'),
    await of('cat/1.jpg', 'cat/2b.jpg', 'dog/3.jpg'),
    await of('cat/1.jpg', 'dog/2.jpg', 'dog/3.jpg'),
    await of('cat/1.jpg', 'cat/2.jpg', 'eel/3.jpg'),
  ];
  expect(new Set([first, ...others].map((listing) => listing!.sha256)).size).toBe(5);
});

it('a folder that is not parted is a test set as a whole', async () => {
  const root = tree('cat/1.jpg', 'dog/1.jpg');
  expect((await openTestData(root, { seed: 1 })).labels).toHaveLength(2);
  const test = tree('test/cat/1.jpg', 'test/dog/1.jpg');
  expect((await openTestData(test, { seed: 1 })).labels).toHaveLength(2);
  expect(await refusal(openData(test, { seed: 1 }))).toMatch(/expected a training set, found only \d+ test$/);
});

testOnRealData('clothing has the counts of its README in five classes, each image sound', async (root) => {
  const { train, validation, test: held } = await openData('clothing', { root, seed: 1 });
  expect([train, validation!, held].map(({ labels }) => labels.length)).toEqual([819, 101, 165]);
  expect(train.classes).toEqual(['hat', 'outwear', 'shoes', 'shorts', 'skirt']);
  const { pixels, height, width } = await decodeImage((train as ImageFiles).files[0]!, 3);
  expect(pixels).toHaveLength(height * width * 3);
});

testOnRealData("ImageNet's validation images have their labels and its thousand classes", async (root) => {
  const set = (await openTestData('imagenet-val', { root, seed: 1 })) as ImageFiles;
  expect([set.labels.length, set.classes.length]).toEqual([500, 1000]);
  expect(set.classes.slice(0, 2)).toEqual(['tench, Tinca tinca', 'goldfish, Carassius auratus']);
  // ILSVRC2012's ground truth of its first images: 65, 970, 230 in the order of synset ids.
  expect([...set.labels.subarray(0, 3)]).toEqual([65, 970, 230]);
  expect(set.files[1]!.file).toMatch(/ILSVRC2012_val_00000002\.JPEG$/);
});
