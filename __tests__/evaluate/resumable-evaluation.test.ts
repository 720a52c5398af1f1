import type { ChildProcess } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { drawDigits } from '../../src/data/formats/digits/digits';
import { openAnswersFile } from '../../src/evaluate/answers-file';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from '../support/fixtures';

const folder = temporaryFolder();
const data = join(folder, 'data');
const run = join(folder, 'run');
const other = join(folder, 'other');
const partial = join(run, 'report.partial.jsonl');

/** Plain JavaScript, which takes seconds for the images. */
const words = (...runs: string[]) => ['evaluate', ...runs, '--backend', 'cpu', '--top', '3', '--json'];

beforeAll(async () => {
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 200, test: 4000 }));
  for (const [out, seed] of [[run, '1'], [other, '2']] as const) {
    const training = ['train', 'lenet5', '--data', data, '--out', out, '--seed', seed, '--epochs', '1'];
    expect(await command(training)).toMatchObject({ code: 0 });
  } // prettier-ignore
}, 120_000);

const answersIn = (path: string) =>
  existsSync(path) ? readFileSync(path, 'utf8').split('\n').length - 2 : 0;

/** Kills a process as soon as a file holds so many answers. */
async function killedAfter(child: ChildProcess, path: string, answers: number): Promise<number> {
  const end = ended(child);
  while (answersIn(path) < answers) {
    expect(child.exitCode).toBeNull();
    await setTimeout(20);
  }
  child.kill('SIGKILL');
  expect(await end).toMatchObject({ signal: 'SIGKILL' });
  return answersIn(path);
}

async function report(...runs: string[]): Promise<{ found: object; stderr: string }> {
  const { code, stdout, stderr } = await command(words(...runs));
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  const found = JSON.parse(stdout) as { readonly peakBytes: number };
  // Node with TensorFlow.js takes more than 50 MB, and these networks far less than 4 GB.
  expect(found.peakBytes).toBeGreaterThan(5e7);
  expect(found.peakBytes).toBeLessThan(4e9);
  return { found: { ...found, seconds: 0, peakBytes: 0 }, stderr };
}

it('ends with the same report after being killed, and says how many answers it goes on from', async () => {
  const whole = await report(run);
  expect(existsSync(partial)).toBe(false);
  const before = readFileSync(join(run, 'report.json'));
  const first = await killedAfter(startCommand(words(run)), partial, 1);
  expect(readFileSync(join(run, 'report.json'))).toEqual(before);
  const second = await killedAfter(startCommand(words(run)), partial, first + 1);
  expect(second).toBeLessThan(4000);
  const resumed = await report(run);
  expect(resumed.stderr).toBe(`resuming an interrupted evaluation that has ${second} answers so far\n`);
  expect(resumed.found).toEqual(whole.found);
  expect(existsSync(partial)).toBe(false);
}, 300_000);

it('does so with several networks, but begins anew where one of them has changed', async () => {
  const file = join(run, 'report-of-2-data.partial.jsonl');
  const whole = await report(run, other);
  const answers = await killedAfter(startCommand(words(run, other)), file, 1);
  const resumed = await report(run, other);
  expect(resumed.stderr).toMatch(
    new RegExp(`^resuming an interrupted evaluation that has ${answers} answers? so far`),
  );
  expect(resumed.found).toEqual(whole.found);
  await killedAfter(startCommand(words(run, other)), file, 1);
  utimesSync(join(other, 'last.safetensors'), 1, 1);
  const anew = await report(run, other);
  expect(anew.stderr).not.toMatch(/going on/);
  expect(anew.found).toEqual(whole.found);
}, 300_000);

it('refuses a place that cannot be written before anything is computed', async () => {
  mkdirSync(partial);
  const { code, stdout, stderr } = await command(words(run));
  rmSync(partial, { recursive: true });
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toBe(`cnn-lineage: ${partial}: expected a file, found a folder\n`);
});

describe('a file of answers', () => {
  const path = join(folder, 'answers.jsonl');
  const answers = [0, 2, 3, 5].map((image) => ({
    image,
    label: image % 2,
    best: [1, 0],
    values: [0.7, 0.1],
    ofLabel: image % 2 ? 0.7 : 0.1,
    margin: image / 3,
    probability: image === 3 ? null : 1 / 3,
  }));
  const skipped = { index: 1, file: 'one.png', reason: 'expected an image, found none' };
  const written = async (decidedBy: string) => {
    const file = await openAnswersFile(path, decidedBy, 'skip');
    file.onAnswer(answers[0]!);
    file.onSkipped(skipped);
    for (const answer of answers.slice(1)) file.onAnswer(answer);
    return file;
  };

  it('gives back what was written, to whom decides the same', async () => {
    (await written('a')).flush();
    const again = await openAnswersFile(path, 'a', 'skip');
    expect(again).toMatchObject({ known: answers, knownSkipped: [skipped] });
    expect(await openAnswersFile(path, 'a', 'skip')).toMatchObject({ known: answers });
    // Whoever wants to be told of bad images meets them again.
    expect(await openAnswersFile(path, 'a', 'fail')).toMatchObject({ known: [], knownSkipped: [] });
    (await written('a')).flush();
    expect(await openAnswersFile(path, 'b', 'skip')).toMatchObject({ known: [], knownSkipped: [] });
    await again.remove();
    expect(existsSync(path)).toBe(false);
  });

  it('is written within about a second, several answers at once', async () => {
    await written('c');
    expect(answersIn(path)).toBe(0);
    await setTimeout(1500);
    expect(answersIn(path)).toBe(5);
  });

  it('loses what was cut off at any byte, and goes on behind the last whole answer', async () => {
    rmSync(path, { force: true });
    (await written('d')).flush();
    const whole = readFileSync(path);
    const ends = [...whole.toString().matchAll(/\n/g)].map(({ index }) => index + 1);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: whole.length }), fc.boolean(), async (length, torn) => {
        writeFileSync(path, whole);
        truncateSync(path, length);
        if (torn) appendFileSync(path, '\0\0\0\n{"image":9}\n');
        const { known } = await openAnswersFile(path, 'd', 'skip');
        // Lines are the head, an answer, what was left out, and three more answers.
        const lines = ends.filter((end) => end <= length).length;
        expect(known).toEqual(answers.slice(0, [0, 0, 1, 1, 2, 3, 4][lines]));
      }),
      { numRuns: 60 },
    );
  });
});
