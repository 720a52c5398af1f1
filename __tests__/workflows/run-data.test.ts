import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { evaluateFolder, type EvaluateFolderOptions } from '../../src/workflows/evaluate/evaluate-folder';
import { reopenData } from '../../src/workflows/data/reopen-data';
import { newRun, resumedRun } from '../../src/workflows/train/start-run';
import { finishRun } from '../../src/workflows/train/finish-run';
import { openFolder } from '../../src/workflows/trained/open-folder';
import { zoo } from '../../models/registry';
import { useBackend } from '../../src/runtime/backend';
import type { Context } from '../../src/workflows/context';
import type { GoingOn } from '../../src/workflows/train/start-run';
import { contextForTests, telling } from '../support/context';
import { openRun } from '../../src/train/run/run-record';
import { drawKind } from '../support/images/drawn-kinds';
import { rewriteKept, temporaryFolder } from '../support/fixtures';

const temporary = temporaryFolder();
const pets = join(temporary, 'pets');
const run = join(temporary, 'run');
const here = process.cwd();
let context: Context;
/** What was remarked since the last look. */
let noted = '';

const set = ['schedule={"kind":"constant","rate":0.02}'];

async function trained(data: string, out: string, further: object = {}): Promise<void> {
  const choices = {
    network: 'lenet5-modern',
    data,
    out,
    epochs: 12,
    batch: 4,
    set,
    validationSplit: 0.3,
    ...further,
  } as const;
  await finishRun(await newRun(choices, context), context);
}

async function resumed(folder: string, asked: GoingOn = {}) {
  const found = await resumedRun(folder, await openRun(folder), asked, context);
  await found.release();
  return found;
}

const onRemark = (line: string) => void (noted += `${line}\n`);

async function evaluated(models: string | readonly string[], further: EvaluateFolderOptions = {}) {
  noted = '';
  return (await evaluateFolder(zoo, models, { onProgress: telling(onRemark), ...further })).report;
}

interface Kept {
  readonly part: string;
  readonly class: string;
  readonly file: string;
  readonly sha256: string;
}

function keptIn(folder: string): readonly Kept[] {
  const [, ...lines] = readFileSync(join(folder, 'images.jsonl'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line) as Kept);
}

const reportOf = (folder: string) => readFileSync(join(folder, 'report.json'), 'utf8');

beforeAll(async () => {
  await useBackend();
  context = await contextForTests({ onRemark });
  await drawKind(join(pets, 'cats'), 'dark', 12);
  await drawKind(join(pets, 'dogs'), 'bright', 12);
  await trained(pets, run);
  expect(JSON.parse(reportOf(run))).toMatchObject({ error: 0 });
}, 60_000);

beforeEach(() => (noted = ''));
afterEach(() => process.chdir(here));

/** A copy of the run and its data, to be spoilt. */
function copied(name: string): { readonly data: string; readonly folder: string } {
  const at = join(temporary, name);
  cpSync(pets, join(at, 'pets'), { recursive: true });
  cpSync(run, join(at, 'run'), { recursive: true });
  for (const file of ['run.json', 'images.jsonl']) {
    rewriteKept(join(at, 'run', file), (text) => text.replaceAll(pets, join(at, 'pets')));
  }
  return { data: join(at, 'pets'), folder: join(at, 'run') };
}

it('a run keeps the names of its classes, an absolute path, and each image with the part that it was in', async () => {
  process.chdir(temporary);
  const out = join(temporary, 'relative');
  await trained('pets', out, { epochs: 1 });
  const record = await openRun(out);
  expect(record).toMatchObject({ data: pets, labels: ['cats', 'dogs'], classes: 2 });
  expect(record.parts).toMatchObject({ train: { images: 17 }, test: { images: 7 } });
  const [head] = readFileSync(join(out, 'images.jsonl'), 'utf8').split('\n');
  expect(JSON.parse(head!)).toEqual({
    folder: pets,
    crc32: expect.stringMatching(/^[0-9a-f]{8}$/) as string,
  });
  const images = keptIn(out);
  expect(images.length).toBe(24);
  for (const image of images) expect(image.file.startsWith(`${image.class}/`)).toBe(true);
  expect(images.filter(({ part }) => part === 'test').length).toBe(7);
});

it('another folder of that name where a command is called changes nothing', async () => {
  const elsewhere = join(temporary, 'elsewhere');
  await drawKind(join(elsewhere, 'pets', 'apples'), 'dark', 3);
  await drawKind(join(elsewhere, 'pets', 'pears'), 'bright', 3);
  process.chdir(elsewhere);
  const { model, labels } = await openFolder(run, {}, context);
  model.dispose();
  expect(labels).toEqual(['cats', 'dogs']);
  expect(await evaluated(run)).toMatchObject({ images: 7, error: 0 });
});

it('a class folder that got another name changes no answer, and no report', async () => {
  const { data, folder } = copied('renamed');
  const before = reportOf(folder);
  renameSync(join(data, 'cats'), join(data, 'zebras'));
  const { model, labels } = await openFolder(folder, {}, context);
  model.dispose();
  expect(labels).toEqual(['cats', 'dogs']);
  await expect(evaluated(folder)).rejects.toThrow(
    /pets, 7 held out: expected the 7 images that the run set aside to be tested on, found \d gone or unreadable \(.*cats/,
  );
  await expect(evaluated(folder, { data: join(data, 'zebras', '..') })).rejects.toThrow(/gone or unreadable/);
  expect(reportOf(folder)).toBe(before);
});

it('images that were added, and a third class, are not in the test set, which is what it was', async () => {
  const { data, folder } = copied('added');
  await drawKind(join(data, 'cats'), 'dark', 8, 20);
  await drawKind(join(data, 'birds'), 'striped', 4);
  expect(await evaluated(folder)).toMatchObject({ images: 7, error: 0, seenInTraining: 0 });
  expect(noted).toMatch(/12 images have been added to .*pets since the run began/);
  const { model, labels } = await openFolder(folder, {}, context);
  model.dispose();
  expect(labels).toEqual(['cats', 'dogs']);
  // Asked for as other data, from a copy: the third class is none of the network's.
  const copy = join(temporary, 'with birds');
  await drawKind(join(copy, 'cats'), 'dark', 2, 50);
  await drawKind(join(copy, 'birds'), 'striped', 2, 50);
  await expect(evaluated(folder, { data: copy })).rejects.toThrow(
    /expected classes of .*run \(cats, dogs\), found birds/,
  );
});

it('resuming refuses what is no longer what it was: gone, changed or given another label', async () => {
  const { data, folder } = copied('resumed');
  const parts = { parts: ['train', 'test'] } as const;
  const reopened = await reopenData(folder, await openRun(folder), parts, context);
  expect(Object.keys(reopened)).toEqual(['train', 'test']);
  const learned = keptIn(folder).filter((image) => image.part === 'train');
  const cat = learned.find((image) => image.class === 'cats')!;
  writeFileSync(join(data, cat.file), readFileSync(join(data, 'dogs', '00.png')));
  await expect(resumed(folder)).rejects.toThrow(
    new RegExp(`expected the 17 images that the run began with, found 1 changed \\(.*${cat.file}\\)`),
  );
  renameSync(join(data, cat.file), join(data, 'dogs', `was a cat ${basename(cat.file)}`));
  await expect(resumed(folder)).rejects.toThrow(/found 1 gone or unreadable/);
});

it('data that was moved is found where --data says, and is the run’s own there', async () => {
  const { data, folder } = copied('moved');
  const now = join(temporary, 'moved', 'animals');
  renameSync(data, now);
  await expect(evaluated(folder)).rejects.toThrow(/found no such folder; data says where it lies now/);
  expect(await evaluated(folder, { data: now })).toMatchObject({ images: 7, error: 0, seenInTraining: 0 });
  const { record } = await resumed(folder, { data: now });
  expect(record.data).toBe(now);
  expect((await openRun(folder)).data).toBe(now);
});

it('an evaluation counts the images that served the training, wherever they lie and whatever they are called', async () => {
  const { folder } = copied('seen');
  const mixed = join(temporary, 'mixed');
  await drawKind(join(mixed, 'dogs'), 'bright', 5, 70);
  mkdirSync(join(mixed, 'cats'));
  const cats = keptIn(folder)
    .filter((image) => image.part === 'train' && image.class === 'cats')
    .slice(0, 4);
  cats.forEach(({ file }, index) => cpSync(join(pets, file), join(mixed, 'cats', `new-${index}.png`)));
  expect(await evaluated(folder, { data: mixed })).toMatchObject({ images: 9, seenInTraining: 4 });
  expect(noted).toMatch(/4 of its 9 images served the training/);
});

it('a report is not replaced by one on other data of the same name, or of other weights', async () => {
  const { folder } = copied('reports');
  const before = reportOf(folder);
  for (const [place, from] of [
    ['one', 30],
    ['two', 60],
  ] as const) {
    const data = join(temporary, place, 'same');
    await drawKind(join(data, 'cats'), 'dark', 2, from);
    await drawKind(join(data, 'dogs'), 'bright', 2, from);
  }
  const files = ['one', 'two', 'one', 'two'].map((place) => join(temporary, place, 'same'));
  const written: string[] = [];
  for (const data of files) {
    process.chdir(join(data, '..'));
    written.push((await evaluateFolder(zoo, folder, { data: 'same' })).path);
  }
  expect(written[0]).toBe(join(folder, 'report-same.json'));
  expect(written[1]).toMatch(/report-same-[0-9a-f]{8}\.json$/);
  expect(written.slice(2)).toEqual(written.slice(0, 2));
  await evaluated(folder, { weights: 'last' });
  expect(reportOf(folder)).toBe(before);
  expect(readdirSync(folder).filter((name) => /^report-.*pets-last\.json$/.test(name)).length).toBe(1);
});

it('--out takes the report, and the folder of the model stays as it was', async () => {
  const { folder } = copied('untouched');
  const before = reportOf(folder);
  const out = join(temporary, 'reports of others');
  mkdirSync(out);
  rmSync(join(folder, 'filters.png'));
  await evaluated(folder, { out });
  expect(reportOf(folder)).toBe(before);
  expect(existsSync(join(folder, 'filters.png'))).toBe(false);
  expect(existsSync(join(out, 'report.json'))).toBe(true);
});

it('networks with their classes in another order are averaged class by class, and others are refused', async () => {
  const swapped = join(temporary, 'swapped');
  cpSync(join(pets, 'cats'), join(swapped, 'tails'), { recursive: true });
  cpSync(join(pets, 'dogs'), join(swapped, 'dogs'), { recursive: true });
  const [second, stranger] = [join(temporary, 'second'), join(temporary, 'stranger')];
  await trained(swapped, second, { seed: 2 });
  cpSync(second, stranger, { recursive: true });
  // The same weights under the names of the first run, which come in the other order: dogs, cats.
  rewriteKept(join(second, 'run.json'), (text) => text.replaceAll('"tails"', '"cats"'));
  const ensemble = (models: string[]) => evaluated(models, { out: second });
  const found = await ensemble([run, second]);
  const digests = (folder: string, part: string) =>
    keptIn(folder)
      .filter((image) => (image.part === 'test') === (part === 'test'))
      .map(({ sha256 }) => sha256);
  const learned = new Set([...digests(run, 'train'), ...digests(second, 'train')]);
  const seen = digests(run, 'test').filter((digest) => learned.has(digest)).length;
  expect(seen).toBeGreaterThan(0);
  expect(found).toMatchObject({ networks: 2, error: 0, seenInTraining: seen });
  await expect(ensemble([run, stranger])).rejects.toThrow(/expected classes of .*stranger.*, found cats/);
}, 30_000);

it('names of the classes in another order are refused, and others leave the report as it was', async () => {
  const { folder } = copied('relabelled');
  const before = reportOf(folder);
  const [swapped, other] = [join(temporary, 'swapped.txt'), join(temporary, 'other.txt')];
  writeFileSync(swapped, 'dogs\ncats\n');
  writeFileSync(other, 'Katzen\nHunde\n');
  await expect(evaluated(folder, { labels: swapped })).rejects.toThrow(
    'expected cats as the name of class 0, as the network has it, found dogs',
  );
  const found = await evaluated(folder, { labels: other });
  expect(found).toMatchObject({ perClass: [{ label: 'Katzen' }, { label: 'Hunde' }] });
  expect(reportOf(folder)).toBe(before);
});

it('what the weights that a run started from had learned is counted too', async () => {
  const out = join(temporary, 'follower');
  await trained(pets, out, { startFrom: run, seed: 3, validationSplit: 0.5, epochs: 1 });
  const learned = new Set(
    [run, out]
      .flatMap((folder) => keptIn(folder))
      .filter(({ part }) => part !== 'test')
      .map(({ sha256 }) => sha256),
  );
  const seen = keptIn(out).filter(({ part, sha256 }) => part === 'test' && learned.has(sha256)).length;
  expect(seen).toBeGreaterThan(0);
  expect(JSON.parse(reportOf(out))).toMatchObject({ seenInTraining: seen });
});

it('a run starts from the head of another by the names of the classes, whatever their order', async () => {
  const [tails, before, out] = ['tails', 'before tails', 'after tails'].map((name) => join(temporary, name));
  cpSync(join(pets, 'cats'), join(tails!, 'tails'), { recursive: true });
  cpSync(join(pets, 'dogs'), join(tails!, 'dogs'), { recursive: true });
  await trained(tails!, before!);
  const still = ['schedule={"kind":"constant","rate":1e-15}'];
  const follow = { startFrom: before!, epochs: 1, set: still, validationSplit: 0.3 };
  await expect(
    newRun({ network: 'lenet5-modern', data: pets, out: out!, ...follow }, context),
  ).rejects.toThrow(/pets.*: expected classes of startFrom: '.*before tails' \(dogs, tails\), found cats$/);
  expect(existsSync(out!)).toBe(false);
  // Its numbers under the names of the pets, which come in the other order there: dogs, cats.
  rewriteKept(join(before!, 'run.json'), (text) => text.replaceAll('"tails"', '"cats"'));
  noted = '';
  await trained(pets, out!, follow);
  expect(noted).toMatch(
    /its classes come in another order than those of .*before tails: what output learned/,
  );
  expect((await openRun(out!)).start).toMatchObject({
    layers: 'all',
    classOrder: { indices: [1, 0], layers: ['output'] },
  });
  expect(JSON.parse(reportOf(out!))).toMatchObject({ error: 0 });
}, 30_000);

it('of a run that it started from, what that one learned from is told when its folder is gone, and else that it cannot be', async () => {
  const [first, second, third] = ['first of three', 'second of three', 'third of three'].map((name) =>
    join(temporary, name),
  );
  cpSync(run, first!, { recursive: true });
  await trained(pets, second!, { startFrom: first, seed: 3, validationSplit: 0.5, epochs: 1 });
  await trained(pets, third!, { startFrom: second, seed: 4, validationSplit: 0.5, epochs: 1 });
  const all = [first, second, third].flatMap((folder) => keptIn(folder!));
  const learned = new Set(all.filter(({ part }) => part !== 'test').map(({ sha256 }) => sha256));
  rmSync(second!, { recursive: true });
  renameSync(first!, join(temporary, 'first of three, moved'));
  const seen = keptIn(third!).filter(({ part, sha256 }) => part === 'test' && learned.has(sha256)).length;
  expect(seen).toBeGreaterThan(0);
  const told = await evaluated(third!);
  expect(told).toMatchObject({ seenInTraining: seen });
  expect(told).not.toHaveProperty('trainingUnknown');

  // As runs were that kept nothing of those before them.
  rmSync(join(third!, 'started-from'), { recursive: true });
  const strange = join(temporary, 'strange');
  await drawKind(join(strange, 'cats'), 'dark', 2, 90);
  await drawKind(join(strange, 'dogs'), 'bright', 2, 90);
  const untold = await evaluated(third!, { data: strange });
  expect(noted).toContain(
    `${second!}, which ${third!} started from, is gone: it cannot be told whether these images served its training`,
  );
  expect(untold).toMatchObject({ images: 4, trainingUnknown: [second] });
  expect(untold).not.toHaveProperty('seenInTraining');
}, 30_000);

it('images that are replaced while it trains are not tested on as what they were', async () => {
  const { data } = copied('replaced meanwhile');
  const out = join(temporary, 'replaced');
  const begun = await newRun(
    { network: 'lenet5-modern', data, out, epochs: 1, batch: 4, validationSplit: 0.3 },
    context,
  );
  const cat = keptIn(out).find(({ part, class: name }) => part === 'test' && name === 'cats')!;
  cpSync(join(data, 'dogs', '00.png'), join(data, cat.file));
  await expect(finishRun(begun, context)).rejects.toThrow(/set aside to be tested on, found 1 changed/);
  expect(existsSync(join(out, 'report.json'))).toBe(false);
});

it('only a folder that holds the run’s images and no others is the run’s own', async () => {
  const { data, folder } = copied('larger');
  await drawKind(join(data, 'cats'), 'dark', 3, 80);
  const elsewhere = join(temporary, 'larger elsewhere');
  renameSync(data, elsewhere);
  // All 27 of them, of which the run has seen all but the test set and what was added.
  expect(await evaluated(folder, { data: elsewhere })).toMatchObject({ images: 27, seenInTraining: 17 });
});

it('a run whose data was moved goes on finding it there', async () => {
  const { data, folder } = copied('moved for good');
  const now = join(temporary, 'moved for good', 'animals');
  renameSync(data, now);
  await resumed(folder, { data: now });
  noted = '';
  await resumed(folder);
  expect(await evaluated(folder)).toMatchObject({ images: 7, error: 0 });
  expect(noted).not.toMatch(/added/);
});
