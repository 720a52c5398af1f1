/** Files that are kept and were changed since, or in whose place something else lies. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freeReport } from '../../../src/workflows/evaluate/evaluation-report';
import { reportedIn } from '../../../src/workflows/compare/reports-on-file';
import { UserError } from '../../../src/core/errors';
import { seededRandom } from '../../../src/core/random';
import { openAnswersFile } from '../../../src/evaluate/answers-file';
import { readReport } from '../../../src/report/report-file';
import { loadFitted } from '../../../src/weights/fitted-file';
import { hasEnded, readWeights } from '../../../src/train/run/checkpoint';
import { readImagesFile, writeImagesFile } from '../../../src/train/run/images-file';
import { openLog, readLog, type LogLine } from '../../../src/train/run/log';
import { loadModelFolder, openModelFolder } from '../../../src/weights/model-folder';
import { openRun, writeRecord } from '../../../src/train/run/run-record';
import { startFrom } from '../../../src/train/run/start-from';
import { isSealed } from '../../../src/weights/formats/safetensors/sealed';
import { sealedJson } from '../../../src/core/text/sealed-json';
import { zoo } from '../../../models/registry';
import { command, rewriteKept, temporaryFolder } from '../../support/fixtures';
import { fixtures, projectRoot } from '../../support/places';

const root = temporaryFolder();
const older = join(fixtures, 'older');
const onFile = resolve(projectRoot, 'results', 'lenet5-mnist-compiled');
let folders = 0;

/** A copy of a folder of an earlier release, whose JSON files are as this one writes them. */
function copied(from: string, ...names: readonly string[]): string {
  const folder = join(root, String(folders++));
  cpSync(from, folder, { recursive: true });
  for (const name of names) rewriteKept(join(folder, name), (text) => text);
  return folder;
}

/** Replaces a part of a file that is there once. */
function change(path: string, from: string | RegExp, to: string): void {
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(path, after);
}

async function refusal(read: () => unknown): Promise<string> {
  try {
    await read();
    return 'read';
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.message).not.toContain('\n');
    return error.message;
  }
}

const changed =
  /^\S+\.json: expected .* as it was written, by its digest, found it changed: damaged, or edited since$/;

describe('JSON with a digest', () => {
  it('network.json is refused with another number or letter, and whichever bit is another', async () => {
    const folder = copied(join(older, 'tuned'), 'network.json');
    const path = join(folder, 'network.json');
    const sound = readFileSync(path);
    const record = await openModelFolder(folder);
    expect(record).toEqual(await openModelFolder(join(older, 'tuned')));
    for (const [from, to] of [
      [/"labels": \[\s*"0"/, '"labels": ["8"'],
      [/"seed": \d/, '"seed": 1000'],
      ['"digest"', '"dagest"'],
    ] as const) {
      change(path, from, to);
      expect(await refusal(() => openModelFolder(folder))).toMatch(changed);
      writeFileSync(path, sound);
    }
    const random = seededRandom(7);
    for (let time = 0; time < 500; time++) {
      const bit = Math.floor(random.uniform(0, 8 * sound.length));
      const other = Buffer.from(sound);
      other[bit >> 3]! ^= 1 << (bit & 7);
      writeFileSync(path, other);
      // Spaces may be others, where JSON allows them.
      const said = await refusal(async () => expect(await openModelFolder(folder)).toEqual(record));
      expect(said).toMatch(/^read$|: expected /);
    }
  });

  it('run.json is refused where its preprocessing or its schedule is another', async () => {
    const folder = copied(join(older, 'run'), 'run.json');
    const path = join(folder, 'run.json');
    const sound = readFileSync(path, 'utf8');
    expect(await openRun(folder)).toEqual(await openRun(join(older, 'run')));
    for (const edit of [
      (record: Edited) =>
        (record.recipe['input'] = { ...(record.recipe['input'] as object), preprocess: [] }),
      (record: Edited) => (record.recipe['schedule'] = { kind: 'constant', rate: 99 }),
    ]) {
      const record = JSON.parse(sound) as Edited;
      edit(record);
      writeFileSync(path, JSON.stringify(record));
      expect(await refusal(() => openRun(folder))).toMatch(changed);
    }
    writeFileSync(path, sound);
    await writeRecord(folder, { ...(await openRun(folder)), onBadImage: 'skip' });
    expect(await openRun(folder)).toMatchObject({ onBadImage: 'skip' });
    writeFileSync(path, JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))); // without its spaces
    expect(await openRun(folder)).toMatchObject({ onBadImage: 'skip' });
  });

  it('a changed report, run or summary is named and left out, and the others are shown', async () => {
    const [sound, report, run, model] = [0, 1, 2, 3].map(() => copied(onFile, 'report.json', 'run.json'));
    change(join(report!, 'report.json'), /"error": 0\.0094/, '"error": 0.0014');
    change(join(run!, 'run.json'), /"seed": \d+/, '"seed": 77');
    cpSync(join(older, 'tuned', 'network.json'), join(model!, 'network.json'));
    rewriteKept(join(model!, 'network.json'), (text) => text);
    change(join(model!, 'network.json'), /"classes": 3/, '"classes": 4');
    const summary = join(root, 'summary');
    mkdirSync(summary);
    const mean = { mean: 0.5, images: 2, errors: [0.5], seeds: [1], command: '', commit: null, seconds: 1 };
    writeFileSync(join(summary, 'summary.json'), JSON.stringify({ ...sealedJson(mean), mean: 0.25 }));
    const told: string[] = [];
    const shown = reportedIn(zoo, [report!, run!, model!, summary, sound!, onFile], true, (line) =>
      told.push(line),
    );
    expect(shown.map(({ report: { run: of, error } }) => [of, error])).toEqual([
      [sound, 0.0094],
      [onFile, 0.0094],
    ]);
    expect(told).toEqual([1, 2, 3, 4].map(() => expect.stringMatching(changed) as string));
    expect(told.map((line) => line.slice(0, line.indexOf('.json')))).toEqual([
      join(report!, 'report'),
      join(run!, 'run'),
      join(model!, 'network'),
      join(summary, 'summary'),
    ]);
    // A new report on the same data does not replace it.
    const { fingerprint } = JSON.parse(readFileSync(join(older, 'run', 'report.json'), 'utf8')) as Finger;
    const path = join(report!, 'report.json');
    expect(freeReport(path, { fingerprint: { sha256: fingerprint ?? 'f'.repeat(64), images: 1 } })).not.toBe(
      path,
    );
    expect((await refusal(() => readReport(path))).startsWith(`${path}: `)).toBe(true);
  });
});

interface Edited {
  readonly recipe: Record<string, unknown>;
}

interface Finger {
  readonly fingerprint?: string;
}

describe('lines with a checksum', () => {
  const lines: readonly LogLine[] = [
    { step: 50, epoch: 0, loss: 2.5, rate: 0.1 },
    { step: 100, epoch: 0, loss: 1.5, rate: 0.1 },
    { epoch: 0, step: 120, meanLoss: 2, validationError: 0.25, errors: { test: 0.5 }, seconds: 3 },
  ];

  it('of a log are left out where they were changed, though they are JSON; half of a last one is allowed', async () => {
    const folder = join(root, String(folders++));
    mkdirSync(folder);
    const log = await openLog(folder, 0, () => undefined);
    for (const line of lines) log.write(line);
    log.close();
    const path = join(folder, 'log.jsonl');
    expect(readLog(folder)).toEqual(lines);
    writeFileSync(path, readFileSync(path, 'utf8') + readFileSync(path, 'utf8').slice(0, 20));
    expect(readLog(folder)).toEqual(lines);
    change(path, '"loss":1.5', '"loss":1.4');
    const told: string[] = [];
    expect(readLog(folder, (line) => told.push(line))).toEqual([lines[0], lines[2]]);
    expect(told).toEqual([`${path}: left out 1 damaged line, the first of them line 2`]);
    expect(await refusal(() => readLog(folder))).toMatch(/expected a run's log, found 1 damaged line/);
    writeFileSync(path, lines.map((line) => `${JSON.stringify(line)}\n`).join('')); // of an earlier release
    expect(readLog(folder)).toEqual(lines);
  });

  it('of images.jsonl are refused where they were changed', async () => {
    const folder = join(root, String(folders++));
    mkdirSync(folder);
    const images = ['cat', 'dog'].map((name) => ({
      ...{ part: 'train' as const, class: name, file: `${name}.png`, sha256: name },
    }));
    const path = join(folder, 'images.jsonl');
    for (const [from, to, line] of [
      ['"file":"dog', '"file":"dig', 3],
      ['"folder":"/photos"', '"folder":"/photoz"', 1],
      [/.{9}\n$/, '', 3],
    ] as const) {
      await writeImagesFile(folder, { folder: '/photos', images });
      expect(readImagesFile(folder)).toEqual({ folder: '/photos', images });
      change(path, from, to);
      expect(await refusal(() => readImagesFile(folder))).toBe(
        `${path}: expected an image of the run in line ${line}, found a damaged line`,
      );
    }
    const earlier = [{ folder: '/photos' }, ...images].map((line) => `${JSON.stringify(line)}\n`).join('');
    writeFileSync(path, earlier);
    expect(readImagesFile(folder)).toEqual({ folder: '/photos', images });
  });

  it('of an evaluation that goes on are computed again where they were changed', async () => {
    const path = join(root, 'answers.partial.jsonl');
    const answers = [0, 1, 2].map((image) => ({
      image,
      label: 1,
      best: [1],
      values: [0.75],
      ofLabel: 0.75,
      margin: 0.5,
      probability: 0.75,
    }));
    const file = await openAnswersFile(path, 'all');
    for (const answer of answers) file.onAnswer(answer);
    file.flush();
    expect((await openAnswersFile(path, 'all')).known).toEqual(answers);
    change(path, '"image":1,"label":1,"best":[1]', '"image":1,"label":1,"best":[2]');
    expect((await openAnswersFile(path, 'all')).known).toEqual(answers.slice(0, 1));
  });
});

describe.each([
  ['a pipe', (path: string) => void execFileSync('mkfifo', [path])],
  ['a device', (path: string) => symlinkSync('/dev/zero', path)],
  ['a folder', (path: string) => void mkdirSync(path)],
])('%s in place of a kept file is refused in one line', (what, put) => {
  const fitted = {
    input: { shape: [1, 1, 1], preprocess: [{ kind: 'subtractMean', per: 'pixel' }] },
  } as const;
  const facts = () => openModelFolder(join(older, 'tuned'));
  it.each<readonly [name: string, read: (folder: string, path: string) => unknown]>([
    ['network.json', (folder) => openModelFolder(folder)],
    ['weights.safetensors', async (folder) => loadModelFolder(folder, await facts(), zoo.lenet5)],
    ['report.json', (_, path) => readReport(path)],
    ['run.json', (folder) => openRun(folder)],
    ['last.safetensors', (_, path) => readWeights(path)],
    ['last.safetensors', (_, path) => hasEnded(path, 1)],
    ['last.safetensors', (_, path) => isSealed(path)],
    ['best.safetensors', (folder, path) => startFrom(path, 'all', folder)],
    ['preprocess.safetensors', (folder) => loadFitted(folder, fitted)],
    ['log.jsonl', (folder) => readLog(folder)],
    ['log.jsonl', (folder) => openLog(folder, 0, () => undefined)],
    ['images.jsonl', (folder) => readImagesFile(folder)],
    ['report.partial.jsonl', (_, path) => openAnswersFile(path, 'all')],
  ])('%s', async (name, read) => {
    const folder = join(root, String(folders++));
    mkdirSync(folder);
    put(join(folder, name));
    expect(await refusal(() => read(folder, join(folder, name)))).toBe(
      `${join(folder, name)}: expected a file, found ${what}`,
    );
  });

  it('run.json and report.json, of which the other runs are shown', () => {
    const wrong = ['run.json', 'report.json'].map((name) => {
      const folder = copied(onFile);
      rmSync(join(folder, name));
      put(join(folder, name));
      return { folder, line: `${join(folder, name)}: expected a file, found ${what}` };
    });
    const told: string[] = [];
    const asked = [...wrong.map(({ folder }) => folder), onFile];
    const shown = reportedIn(zoo, asked, true, (line) => told.push(line));
    expect(shown.map(({ report: { run } }) => run)).toEqual([onFile]);
    expect(told).toEqual(wrong.map(({ line }) => line));
  });
});

it('a page shows classes of any names, and what lies beside a report in place of files is left out', async () => {
  const names = [
    'constructor',
    'toString',
    '__proto__',
    'valueOf',
    'hasOwnProperty',
    '\u2028',
    '"\\',
    "<i>'",
  ];
  const run = copied(onFile, 'report.json');
  rewriteKept(join(run, 'report.json'), (text) => {
    const report = JSON.parse(text) as object;
    const perClass = names.map((label) => ({ label, images: 8, mistakes: 1 }));
    const confusion = names.map((_, of) =>
      names.map((__, as) => (of === as ? 7 : as === (of + 1) % 8 ? 1 : 0)),
    );
    return JSON.stringify({ ...report, perClass, confusion });
  });
  const other = copied(onFile);
  for (const name of ['log.jsonl', 'filters.png', 'mistakes.png']) {
    rmSync(join(other, name));
    execFileSync('mkfifo', [join(other, name)]);
  }
  const out = join(root, 'page');
  const { code, stderr } = await command(['compare', run, other, '--out', out]);
  expect({ code, lines: stderr.trim().split('\n').sort() }).toEqual({
    code: 0,
    lines: ['filters.png', 'log.jsonl', 'mistakes.png'].map(
      (name) => `${join(other, name)}: expected a file, found a pipe`,
    ),
  });
  const page = readFileSync(join(out, 'compare.html'), 'utf8');
  const words = [...page.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, word]) => word);
  for (const name of ['toString', '__proto__', 'valueOf', '\u2028', '&lt;i&gt;'])
    expect(words.some((word) => word!.startsWith(name))).toBe(true);
  expect(words.some((word) => word!.startsWith('construc'))).toBe(true); // cut, as long names are
  expect(page).not.toMatch(/[\ufdd0-\ufdd2]/);
}, 60_000);
