import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { olderFingerprint } from '../../../src/data/inspect/fingerprint';
import { openData, openTestData, openTrainingSet, openFinetuneData } from '../../../src/data/open';
import { openImageFolder } from '../../../src/data/formats/image-folder/image-folder';
import { command, refusal } from '../../support/fixtures';
import { contents, trees } from '../../support/images/image-tree';
import { solidImages } from '../../support/images/solid-images';

const tree = trees();

/** An image of each of two classes in each of the folders. */
const both = (...folders: readonly string[]) =>
  folders.flatMap((folder) => [`${folder}/cat/1.jpg`, `${folder}/dog/1.jpg`]);

async function opened(root: string) {
  const notes: string[] = [];
  const found = await openImageFolder(root, 'pets', (line) => notes.push(line));
  return { ...found, notes };
}

describe('parts', () => {
  // Hugging Face's documentation "Structure your repository", Roboflow's and fast.ai's exports, Kaggle's and ImageNet's
  it.each([
    ['train', 'valid', 'test'],
    ['training', 'validation', 'testing'],
    ['Train', 'Val', 'Test'],
    ['TRAIN', 'dev', 'eval'],
    ['training_set', 'validation_set', 'test_set'],
    ['seg_train', 'val', 'seg_test'],
    ['ILSVRC2012_img_train', 'ILSVRC2012_img_val', 'test'],
    ['train2017', 'val2017', 'evaluation'],
  ])('called %s, %s and %s are found', async (...names) => {
    const root = tree(both(...names));
    const { train, validation, test } = await opened(root);
    for (const [at, set] of [train, validation, test].entries()) {
      expect(contents(root, set!)).toEqual([`cat: ${names[at]}/cat/1.jpg`, `dog: ${names[at]}/dog/1.jpg`]);
    }
  });

  it('with two folders are refused, unless one of them is empty', async () => {
    const found = await refusal(openImageFolder(tree(both('train', 'valid', 'val')), 'a'));
    expect(found).toMatch(/expected one folder for validation, found val and valid$/);
    const { validation, notes } = await opened(tree([...both('train', 'valid'), 'val/', 'test/']));
    expect(validation!.labels).toHaveLength(2);
    expect(notes).toEqual(['pets: left out: test (without images), val (without images)']);
  });

  it.each([
    [
      ['1_train', '2_test'],
      ['train', 'test'],
    ],
    [
      ['01-training', '02-val', '03-test'],
      ['train', 'validation', 'test'],
    ],
  ])('with a number before the word, %j, are found', async (names, called) => {
    const root = tree([...both(...names), 'docs/a.pdf']);
    const found = await opened(root);
    for (const [at, part] of called.entries())
      expect(contents(root, found[part as 'train' | 'validation' | 'test']!)).toEqual([
        `cat: ${names[at]}/cat/1.jpg`,
        `dog: ${names[at]}/dog/1.jpg`,
      ]);
  });

  it('with a number before the word are classes beside others, or without folders in them', async () => {
    const beside = tree(['1_cat/1.jpg', '2_dog/1.jpg', '3_test/1.jpg']);
    expect((await opened(beside)).train!.classes).toEqual(['1_cat', '2_dog', '3_test']);
    const flat = tree(['1_train/1.jpg', '2_test/1.jpg']);
    expect((await opened(flat)).train!.classes).toEqual(['1_train', '2_test']);
  });

  it.each([
    [['fold1', 'fold2']],
    [['fold1', 'fold2', 'fold3']],
    [['A_train', 'A_test']],
    [['tr', 'te']],
    [['1_train', '2_train']],
    [['front', 'side']],
  ])('by words that are not known, %j, are refused, for they may be classes', async (names) => {
    const root = tree([...both(...names), 'runs/']);
    const found = [...names].sort();
    expect(await refusal(openImageFolder(root, 'a'))).toBe(
      `${root}: expected either folders of parts or folders of classes, found ${found.join(', ')}, each with the ` +
        'folders cat, dog, which may be either; if they are parts, rename them to train and test or name one of them ' +
        `as the data (pets/${found[0]!}); if they are classes, name them in a classes.txt beside them, a line each`,
    );
    expect((await opened(join(root, names[0]!))).train!.classes).toEqual(['cat', 'dog']);
    writeFileSync(join(root, 'classes.txt'), `${names.join('\n')}\n`);
    expect((await opened(root)).train!.classes).toEqual(found);
    writeFileSync(join(root, 'classes.txt'), 'cat\ndog\n');
    expect(await refusal(openImageFolder(root, 'a'))).toMatch(/which may be either/);
  });

  it.each([
    ['have other folders', ['cat/front/1.jpg', 'cat/side/1.jpg', 'dog/front/1.jpg', 'dog/back/1.jpg']],
    ['have images of their own', [...both('front', 'side'), 'side/2.jpg']],
    ['have but one folder', ['front/images/1.jpg', 'side/images/1.jpg']],
    [
      'have folders of which one is empty',
      ['front/cat/1.jpg', 'front/dog/', 'side/cat/1.jpg', 'side/dog/1.jpg'],
    ],
    ['stand beside one without folders', [...both('front', 'side'), 'back/1.jpg']],
  ])('are no parts but classes where they %s', async (_, paths) => {
    const root = tree(paths);
    const found = [...new Set(paths.map((path) => path.split('/')[0]!))].sort();
    expect((await opened(root)).train!.classes).toEqual(found);
  });

  it('are no parts but classes where they are called by ids of WordNet', async () => {
    const ids = ['n01440764', 'n01443537'];
    expect((await opened(tree(both(...ids)))).train!.classes).toEqual(ids);
  });

  it('beside folders of images are refused with both readings', async () => {
    const mixed = tree(['bus/1.jpg', 'car/1.jpg', 'train/steam/1.jpg', 'train/electric/1.jpg']);
    expect(await refusal(openImageFolder(mixed, 'a'))).toBe(
      `${mixed}: expected either folders of parts or folders of classes, found train, with folders of its own, beside ` +
        'bus, car; either move these into the parts, or rename train if it is a class',
    );
    // As the archive of a known set of X-rays unpacks: the whole once more inside.
    const twice = tree([...both('train', 'test', 'pets/train', 'pets/test')]);
    expect(await refusal(openImageFolder(twice, 'a'))).toMatch(
      /found train, .*, beside pets; either move that/,
    );
    const images = tree([...both('train'), 'images/1.jpg']);
    expect(await refusal(openImageFolder(images, 'a'))).toMatch(/, beside images; /);
  });

  it('whose images lie in no folder are a class where it is train, and refused where they may lack one', async () => {
    const root = tree(['bus/1.jpg', 'car/1.jpg', 'train/1.jpg', 'test/']);
    const { train, test, notes } = await opened(root);
    expect(test).toBeUndefined();
    expect(contents(root, train!)).toEqual(['bus: bus/1.jpg', 'car: car/1.jpg', 'train: train/1.jpg']);
    expect(notes).toEqual([
      'pets: train is taken for a class, since its images lie in no folders of classes',
      'pets: 3 images; left out: test (without images)',
    ]);
    for (const paths of [
      ['cat/1.jpg', 'dog/1.jpg', 'test/1.jpg'],
      ['images/1.jpg', 'train/1.jpg'],
    ]) {
      expect(await refusal(openImageFolder(tree(paths), 'a'))).toMatch(
        /expected folders of classes in (test|train), or another name if it is a class itself, found images of no class/,
      );
    }
  });

  it('leave out what has no class by its name and what has no image, and say so', async () => {
    const root = tree([
      ...both('train', 'test'),
      'unlabeled/1.jpg',
      'seg_pred/1.jpg',
      'docs/a.pdf',
      'data.yaml',
    ]);
    const { train, validation, notes } = await opened(root);
    expect([train!.labels.length, validation]).toEqual([2, undefined]);
    expect(notes).toEqual([
      'pets: left out: 1 other file (data.yaml), docs (without images), seg_pred (without labels, by its name), ' +
        'unlabeled (without labels, by its name)',
    ]);
    const unsup = tree([...both('train', 'test'), 'train/unsup/1.jpg']);
    expect((await opened(unsup)).train!.classes).toEqual(['cat', 'dog']);
  });

  it('and folders of classes are found a folder deeper, and that is said', async () => {
    const root = tree(both('pets/train', 'pets/test'));
    const { train, test, notes } = await opened(root);
    expect([train!.labels.length, test!.labels.length]).toEqual([2, 2]);
    expect(notes).toEqual([`pets: the images are those of ${join(root, 'pets')}`]);
    const single = tree([...both('photos/photos'), '__MACOSX/photos/._photos', 'photos/meta/list.txt']);
    const found = await opened(single);
    expect(contents(single, found.train!)).toEqual([
      'cat: photos/photos/cat/1.jpg',
      'dog: photos/photos/dog/1.jpg',
    ]);
    expect(found.notes).toEqual([
      `pets: the images are those of ${join(single, 'photos', 'photos')}`,
      'pets: left out: __MACOSX (left by macOS), meta (without images)',
    ]);
    const sets = tree(both('training_set/training_set', 'test_set/test_set'));
    expect((await opened(sets)).test!.classes).toEqual(['cat', 'dog']);
  });

  it('within a part are refused, for they are no classes', async () => {
    const root = tree(both('train/train', 'train/test'));
    expect(await refusal(openImageFolder(root, 'a'))).toMatch(
      /pets\/train: expected folders of classes, found those of parts, test and train; .* name this folder instead$/,
    );
    expect((await opened(join(root, 'train'))).test!.labels).toHaveLength(2);
  });

  it('of a set for detection are refused as such', async () => {
    const root = tree([
      'train/images/1.jpg',
      'train/labels/1.txt',
      'valid/images/2.jpg',
      'valid/labels/2.txt',
    ]);
    expect(await refusal(openImageFolder(root, 'a'))).toMatch(
      /train: .*, as a set for the detection of objects has/,
    );
    expect(await refusal(openImageFolder(tree(['images/1.jpg', 'labels/1.txt']), 'a'))).toMatch(
      /detection of objects/,
    );
  });

  it('are those of once where a run began with them', async () => {
    const root = tree(both('train', 'valid', 'test'));
    const { train, validation, test } = await openData(root, { seed: 1, partWords: 'former' });
    expect([train.labels.length, validation, test.labels.length]).toEqual([2, undefined, 2]);
    const named = tree([...both('train', 'test'), 'bus/1.jpg']);
    expect((await openData(named, { seed: 1, partWords: 'former' })).train.labels).toHaveLength(2);
  });
});

describe('class folders that are numbers', () => {
  const names = ['0', '1', '2', '10', '11', '100'];

  it('come in the order of their values, also with zeros before', async () => {
    const { train } = await opened(tree(names.map((name) => `${name}/1.jpg`)));
    expect(train!.classes).toEqual(names);
    const padded = await opened(tree(['007/1.jpg', '08/1.jpg', '010/1.jpg', '12345678901234567890/1.jpg']));
    expect(padded.train!.classes).toEqual(['007', '08', '010', '12345678901234567890']);
  });

  it('of which two are the same are refused, and with one that is none the order is that of bytes', async () => {
    const twice = await refusal(openImageFolder(tree(['7/1.jpg', '07/1.jpg', '8/1.jpg']), 'a'));
    expect(twice).toMatch(/expected each class once, found 07 and 7, which are the same number$/);
    const mixed = await opened(tree(['9/1.jpg', '10/1.jpg', 'other/1.jpg']));
    expect(mixed.train!.classes).toEqual(['10', '9', 'other']);
  });

  it('have the order of their bytes where a run began so', async () => {
    const root = tree([...names, '7', '07'].map((name) => `${name}/1.jpg`));
    const bytes = await openTrainingSet(root, { seed: 1, classOrder: 'bytes' });
    expect(bytes.classes).toEqual([...names, '7', '07'].sort());
  });

  it('are the indices of a label file in another part', async () => {
    const root = tree([...names.map((name) => `train/${name}/1.jpg`), 'val/a.jpg', 'val/b.jpg'], {
      'val/labels.txt': 'a.jpg 3\nb.jpg 2\n',
    });
    const { validation } = await opened(root);
    expect(contents(root, validation!)).toEqual(['10: val/a.jpg', '2: val/b.jpg']);
  });
});

describe('what programs leave', () => {
  const left = ['__MACOSX', '@eaDir', '$RECYCLE.BIN', 'System Volume Information', 'lost+found', '#recycle'];
  const hidden = ['.ipynb_checkpoints', '.Trash-1000', '.thumbnails', '.git', '.picasaoriginals'];

  it('is no class and no image of one at any depth, and is told with whose it is', async () => {
    const folders = [...left, 'PaxHeaders.123', 'node_modules', '__pycache__'];
    const paths = ['', 'cat/', 'dog/deep/'].flatMap((place) =>
      [...folders, ...hidden].map((name) => `${place}${name}/1.jpg`),
    );
    const root = tree([
      'cat/1.jpg',
      'cat/._1.jpg',
      'cat/Thumbs.db',
      'dog/deep/2.jpg',
      'dog/desktop.ini',
      ...paths,
    ]);
    const { train, notes } = await opened(root);
    expect(contents(root, train!)).toEqual(['cat: cat/1.jpg', 'dog: dog/deep/2.jpg']);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^pets: 2 images; left out: 16 hidden, /);
    expect(notes[0]).toContain('3 times @eaDir (left by Synology)');
    const plain = tree(['cat/1.jpg', 'dog/deep/2.jpg']);
    expect(olderFingerprint((await opened(plain)).train!)).toEqual(olderFingerprint(train!));
  });

  it('alone in a folder is said to be all', async () => {
    expect(await refusal(openImageFolder(tree(['__MACOSX/cat/1.jpg', 'lost+found/']), 'a'))).toMatch(
      /expected a folder for each class, found only __MACOSX \(left by macOS\), lost\+found \(left by the file system\)$/,
    );
  });
});

describe('what this program makes', () => {
  const signature = 'Signature: 8a477f597d28d172789f06886806bc55\n';
  const made: Readonly<Record<string, string | Uint8Array>> = {
    'runs/lenet5-1/run.json': '{"network":"lenet5"}',
    'runs/lenet5-1/last.safetensors': '',
    'runs/lenet5-1/mistakes.png': 'an image',
    'runs/lenet5-2/network.json': '{}',
    'runs/lenet5-2/filters.png': 'an image',
    'elsewhere/sheet.png': 'an image',
    'elsewhere/deep/run.json': '{}',
    'pk/pets-256x256-0123abcd/00000.bin': 'pixels',
    'pk/pets-256x256-0123abcd/00000.json': '{}',
    'tagged/CACHEDIR.TAG': signature,
    'tagged/1.jpg': 'an image',
    'page/model.json': '{}',
    'page/classify.html': '',
    'page/example.png': 'an image',
    'comparison/compare.html': '',
    'comparison/compare.json': '{}',
    'venv/pyvenv.cfg': '',
    'venv/lib/logo.png': 'an image',
    'cat/run-7/run.json': '{}',
    'cat/run-7/mistakes-dog.png': 'an image',
  };

  it('is no class wherever it lies, and the listing is the one from before', async () => {
    const paths = ['cat/1.jpg', 'dog/2.jpg'];
    const root = tree([...paths, 'sheet.png', 'pk/dogs-32x32-0123abcd/'], made);
    const { train, notes } = await opened(root);
    expect(contents(root, train!)).toEqual(['cat: cat/1.jpg', 'dog: dog/2.jpg']);
    expect(olderFingerprint(train!)).toEqual(olderFingerprint((await opened(tree(paths))).train!));
    expect(notes).toHaveLength(1);
    for (const text of [
      'runs (with a run of this program and a model of this program)',
      'pk (with packed images)',
    ]) {
      expect(notes[0]).toContain(text);
    }
    expect(notes[0]).toContain('1 image in no class folder (sheet.png)');
  });

  it('is no class beside parts either, and a killed run that has nothing yet is none', async () => {
    const root = tree([...both('train', 'test'), 'runs/lenet5-1/'], made);
    const { train, test, notes } = await opened(root);
    expect([train!.labels.length, test!.labels.length]).toEqual([2, 2]);
    expect(notes.join('\n')).toContain('comparison (a comparison), elsewhere (with a run of this program)');
    const empty = tree(['cat/1.jpg', 'dog/2.jpg', 'runs/lenet5-1/']);
    expect((await opened(empty)).train!.classes).toEqual(['cat', 'dog']);
  });

  it('does not hide images that somebody keeps beside a file of such a name', async () => {
    const root = tree(['cat/1.jpg', 'dog/2.jpg', 'eel/3.jpg'], {
      'cat/run.json': '{}',
      'dog/network.json': '{}',
    });
    expect((await opened(root)).train!.classes).toEqual(['cat', 'dog', 'eel']);
  });
});

it('images beside the folders of classes are told as such, and a table of classes is not guessed', async () => {
  const { notes } = await opened(tree(['cat/1.jpg', 'dog/2.jpg', 'one.png', 'two.png', 'notes.txt']));
  expect(notes).toEqual([
    'pets: 2 images; left out: 1 other file (notes.txt), 2 images in no class folder (one.png, two.png)',
  ]);
  const table = tree(['train/1.jpg', 'train/2.jpg'], { 'train/labels.csv': '1.jpg,cat\n' });
  expect(await refusal(openImageFolder(table, 'a'))).toMatch(
    /found 3 files in none \(1\.jpg, 2\.jpg, labels\.csv\); classes are not read from labels\.csv: a labels\.txt has/,
  );
});

it('synset ids are kept, with words for people or without', async () => {
  const ids = ['n01440764', 'n01443537'];
  const paths = ids.map((id) => `${id}/1.jpg`);
  expect((await opened(tree(paths))).train).toMatchObject({ classes: ids, synsets: ids });
  const words = { 'synset_words.txt': 'n01443537 goldfish\nn01440764 tench, Tinca tinca\n' };
  const { train } = await opened(tree(paths, words));
  expect(train).toMatchObject({ classes: ['tench, Tinca tinca', 'goldfish'], synsets: ids });
  const flat = await opened(tree(['a.jpg', 'b.jpg'], { ...words, 'labels.txt': 'a.jpg 0\nb.jpg 1\n' }));
  expect(flat.train).toMatchObject({
    classes: ['goldfish', 'tench, Tinca tinca'],
    synsets: [...ids].reverse(),
  });
  expect((await opened(tree(['cat/1.jpg', 'dog/1.jpg']))).train!.synsets).toBeUndefined();
});

describe('before a training', () => {
  const said = async (open: (onProgress: (line: string) => void) => Promise<unknown>) => {
    const lines: string[] = [];
    await open((line) => lines.push(line));
    return lines;
  };

  it('each part is told in one line with its classes and counts', async () => {
    const many = (folder: string, count: number) =>
      Array.from({ length: count }, (_, at) => `${folder}/${at}.jpg`);
    const root = tree([...many('train/cat', 3), ...many('train/dog', 1), ...both('valid', 'test')]);
    expect(await said((onProgress) => openData(root, { seed: 1, onProgress }))).toEqual([
      'pets train: 4 images of 2 classes (cat 3, dog 1)',
      'pets validation: 2 images of 2 classes (cat 1, dog 1)',
      'pets test: 2 images of 2 classes (cat 1, dog 1)',
    ]);
    const seven = tree('abcdefg'.split('').flatMap((name, at) => many(name, at + 2)));
    const options = { seed: 1, validationSplit: 0.2 };
    expect(await said((onProgress) => openFinetuneData({ data: seven }, { ...options, onProgress }))).toEqual(
      [
        expect.stringMatching(/^pets: \d+ images of 7 classes \(a, b, c, …\), \d to \d of each$/),
        expect.stringMatching(/^pets, \d+ held out: \d+ images of 7 classes/),
        expect.stringMatching(/^pets, \d+ held out: \d+ images of 7 classes/),
      ],
    );
    expect(await said((onProgress) => openTestData(root, { seed: 1, onProgress }))).toEqual([]);
    expect(await said((onProgress) => openData('digits', { seed: 1, onProgress }))).toEqual([
      'digits train (synthetic): 8,000 images of 10 classes (0, 1, 2, …)',
      'digits test (synthetic): 2,000 images of 10 classes (0, 1, 2, …)',
    ]);
  });
});

describe('a name', () => {
  const here = process.cwd();
  afterEach(() => process.chdir(here));

  it('of a built-in set is said to hide a folder of that name, which ./ means', async () => {
    const root = tree([...both('digits'), ...both('usps')]);
    process.chdir(root);
    const notes: string[] = [];
    const onProgress = (line: string) => void notes.push(line);
    const drawn = await openTrainingSet('digits', { seed: 1, onProgress });
    expect(drawn.synthetic).toBe(true);
    expect(notes).toEqual([
      'digits: digits drawn by this program; the folder of that name here is meant by ./digits',
    ]);
    for (const name of ['./digits', 'digits/', join(root, 'digits')]) {
      expect((await openTrainingSet(name, { seed: 1 })).classes).toEqual(['cat', 'dog']);
    }
  });

  it('that is here and in the data root is said to be one of them', async () => {
    const root = tree(both('photos', 'usps', 'data/photos', 'data/usps'));
    process.chdir(root);
    const notes: string[] = [];
    const options = {
      seed: 1,
      root: join(root, 'data'),
      onProgress: (line: string) => void notes.push(line),
    };
    await openTrainingSet('photos', options);
    await openTrainingSet('usps', options);
    expect(notes).toEqual([
      `photos: the one in this folder; not ${join(root, 'data', 'photos')}`,
      `usps: the one in ${join(root, 'data')}; the folder of that name here is meant by ./usps`,
    ]);
  });

  it('that leads to no folder of data is refused in one line', async () => {
    const root = tree(['photo.jpg', 'pets.zip', 'x.tar/cat/1.jpg', 'x.tar/dog/1.jpg']);
    symlinkSync('nowhere', join(root, 'dangling'));
    symlinkSync('circle', join(root, 'circle'));
    const found = (name: string) => refusal(openData(name, { root: join(root, 'none'), seed: 1 }));
    for (const name of ['', '  ']) expect(await found(name)).toMatch(/^data: .*, found an empty one$/);
    expect(await found('n'.repeat(300))).toMatch(
      /found a name that is too long for a folder, of 300 characters$/,
    );
    expect(await found('two\nlines\t"\\')).toMatch(
      /^unknown data "two\\nlines\\t"\\": expected .*found no folder/,
    );
    expect(await found(join(root, 'photo.jpg'))).toMatch(/found a file of that name$/);
    expect(await found(join(root, 'pets.zip'))).toMatch(/found an archive of that name: unpack it first$/);
    expect(await found(join(root, 'dangling'))).toMatch(/found a link that leads nowhere$/);
    expect(await found(join(root, 'circle'))).toMatch(/found a link in a circle$/);
    expect((await openTrainingSet(join(root, 'x.tar'), { seed: 1 })).classes).toEqual(['cat', 'dog']);
  });
});

it('archives beside folders of images are refused, since either may be meant', async () => {
  const root = tree(['cat/1.jpg', 'dog/1.jpg', 'backup.tar']);
  expect(await refusal(openData(root, { seed: 1 }))).toBe(
    `${root}: expected either tar shards or folders of images, found backup.tar beside cat, dog: move away what is not meant`,
  );
  expect(basename(root)).toBe('pets');
});

describe('links', () => {
  it('from one part into another are refused, for folders and for files', async () => {
    const folders = tree([...both('train'), 'test/dog/2.jpg']);
    symlinkSync(join('..', 'train', 'cat'), join(folders, 'test', 'cat'));
    expect(await refusal(openImageFolder(folders, 'pets'))).toBe(
      `${join(folders, 'test', 'cat', '1.jpg')}: expected images of its own in pets test, found a link to one of ` +
        `pets train, ${join(folders, 'train', 'cat', '1.jpg')}`,
    );
    const files = tree([...both('train', 'test')]);
    symlinkSync(join(files, 'train', 'dog', '1.jpg'), join(files, 'test', 'dog', '2.jpg'));
    expect(await refusal(openImageFolder(files, 'a'))).toMatch(
      /test\/dog\/2\.jpg: expected images of its own/,
    );
  });

  it('that list an image twice are told, and others are followed in silence', async () => {
    const root = tree([...both('store'), 'cat/2.jpg', 'dog/']);
    const all = join(root, 'all');
    mkdirSync(all);
    for (const name of ['cat', 'dog']) symlinkSync(join(root, 'store', name), join(all, name));
    expect((await opened(all)).notes).toEqual([]);
    symlinkSync(join(root, 'store', 'cat', '1.jpg'), join(root, 'store', 'dog', 'x.jpg'));
    expect((await opened(all)).notes).toEqual([
      `pets: 1 image listed more than once, by links (${join(all, 'dog', 'x.jpg')} is ${join(all, 'cat', '1.jpg')})`,
    ]);
  });
});

it('a training whose run and cache lie among the images goes on with the images that it began with', async () => {
  const root = tree([]);
  for (const name of ['cat', 'dog']) {
    const { files } = await solidImages(join(root, name), 6);
    expect(files).toHaveLength(6);
  }
  const words = ['train', 'lenet5-modern', '--data', root, '--validation-split', '0.34', '--epochs', '1'];
  const run = join(root, 'runs', 'one');
  const begun = await command([
    ...words,
    ...['--cache', join(root, 'pk'), '--out', run, '--set', 'input.shape=[32,32,3]'],
  ]);
  expect(begun).toMatchObject({ code: 0 });
  expect(begun.stderr).toContain('pets: 8 images of 2 classes (cat 4, dog 4)\n');
  rmSync(join(run, 'report.json'));
  const resumed = await command(['train', '--resume', run]);
  expect(resumed).toMatchObject({ code: 0 });
  // Neither what the run wrote nor what was packed counts as images that were added.
  expect(resumed.stderr).not.toMatch(/added/);
}, 60_000);

it('a cache that lies in a folder while it is made does not change the listing', async () => {
  const root = tree(['cat/1.jpg', 'dog/1.jpg']);
  const before = olderFingerprint((await opened(root)).train!);
  mkdirSync(join(root, 'pk', 'pets-28x28-01234567'), { recursive: true });
  writeFileSync(join(root, 'pk', 'pets-28x28-01234567', '.00000.bin.1.x.tmp'), '');
  expect(olderFingerprint((await opened(root)).train!)).toEqual(before);
});
