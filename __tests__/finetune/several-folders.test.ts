/** A fine-tuning on several folders, with a test folder of its own: what it keeps, where it finds it, what it refuses. */
import { cpSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { useBackend } from '../../src/runtime/backend';
import { openRun } from '../../src/train/run/run-record';
import type { Context } from '../../src/workflows/context';
import { evaluateFolder } from '../../src/workflows/evaluate/evaluate-folder';
import { finishFinetune, finetune } from '../../src/workflows/finetune/finetune';
import { newFinetune, resumedFinetune } from '../../src/workflows/finetune/finetune-run';
import type { GoingOn } from '../../src/workflows/train/start-run';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import { contextForTests, telling } from '../support/context';
import { keptJson, refusal, temporaryFolder } from '../support/fixtures';
import { drawKind } from '../support/images/drawn-kinds';
import { projectRoot } from '../support/places';

const temporary = temporaryFolder();
const [one, other, unseen] = ['one', 'other', 'unseen'].map((name) => join(temporary, name)) as [
  string,
  string,
  string,
];
const weights = join(projectRoot, 'trained', 'lecun1989');
let context: Context;
let noted: string[] = [];

const asked = (out: string) =>
  ({ network: 'lecun1989', weights, data: [one, other], test: unseen, out, epochs: 2 }) as const;

beforeAll(async () => {
  await useBackend();
  context = await contextForTests({ onRemark: (line) => void noted.push(line) });
  await drawKind(join(one, 'dark'), 'dark', 10);
  await drawKind(join(one, 'bright'), 'bright', 10);
  await drawKind(join(other, 'bright'), 'bright', 10, 20);
  await drawKind(join(other, 'striped'), 'striped', 10);
  for (const kind of ['dark', 'bright', 'striped'] as const) await drawKind(join(unseen, kind), kind, 4, 40);
  // This image is learned from, or chooses the best epoch, whatever it is called.
  cpSync(join(one, 'dark', '03.png'), join(unseen, 'dark', 'copy.png'));
}, 60_000);

beforeEach(() => (noted = []));

it('learns all classes, tests on the test folder alone, and counts what it learned from there', async () => {
  const out = join(temporary, 'tuned');
  const outcome = await finetune(zoo, {
    ...asked(out),
    onProgress: telling((line) => void noted.push(line)),
  });
  const { report } = outcome as Extract<typeof outcome, { finished: true }>;
  expect(report).toMatchObject({ dataset: 'unseen', images: 13, seenInTraining: 1, validationImages: 6 });
  expect(report.perClass.map(({ label, images }) => [label, images])).toEqual([
    ['bright', 4],
    ['dark', 5],
    ['striped', 4],
  ]);
  expect(noted).toContain(
    'unseen: 1 of its 13 images is also among those to learn from: the error will say too little about new images',
  );
  expect(await openRun(out)).toMatchObject({ data: one, moreData: [other], testData: unseen });
  expect(keptJson(join(out, 'network.json'))).toMatchObject({
    source: { data: `${one} + ${other}, tested on ${unseen}` },
  });

  const evaluated = async (data?: string) =>
    (await evaluateFolder(zoo, out, { data, out: join(temporary, 'report.json') })).report;
  expect(await evaluated()).toMatchObject({ images: 13, error: report.error, seenInTraining: 1 });
  expect(await evaluated(unseen)).toMatchObject({ images: 13, error: report.error });
  // A part of what it learned from is other data, all of which it has seen.
  expect(await evaluated(one)).toMatchObject({ images: 20, seenInTraining: 20 });
}, 120_000);

describe('one that goes on', () => {
  const begun = join(temporary, 'begun');
  const straight = join(temporary, 'straight');

  beforeAll(async () => {
    for (const out of [begun, straight]) {
      const run = await newFinetune(asked(out), context);
      if (out === begun) {
        run.whole.dispose();
        await run.release();
      } else await finishFinetune(run, context, { began: 0 });
    }
  }, 60_000);

  const resumed = async (folder: string, { ...where }: GoingOn = {}) =>
    resumedFinetune(folder, (await openRun(folder)) as Parameters<typeof resumedFinetune>[1], where, context);

  it('finds its folders where they are now, and ends with the weights of one that was not moved', async () => {
    const now = ['first', 'second', 'third'].map((name) => join(temporary, 'moved', name));
    mkdirSync(join(temporary, 'moved'));
    for (const [at, before] of [one, other, unseen].entries()) renameSync(before, now[at]!);
    try {
      expect(await refusal(resumed(begun))).toMatch(
        /expected the \d+ images that the run began with, found \d+ gone/,
      );
      for (const [data, found] of [
        [now.slice(0, 1), '1'],
        [now, '3'],
      ] as const)
        expect(await refusal(resumed(begun, { data }))).toBe(
          `data: expected 2 places, as many as ${begun} began with (${one}, ${other}), found ${found}`,
        );
      const run = await resumed(begun, { data: now.slice(0, 2), test: now[2] });
      await finishFinetune(run, context, { began: 0 });
      expect(await openRun(begun)).toMatchObject({ data: now[0], moreData: [now[1]], testData: now[2] });
      // The files' metadata names the folders.
      const numbers = async (folder: string) =>
        (await readSafetensors(join(folder, 'weights.safetensors'))).tensors;
      expect(await numbers(begun)).toEqual(await numbers(straight));
    } finally {
      for (const [at, before] of [one, other, unseen].entries()) renameSync(now[at]!, before);
    }
  }, 60_000);

  it('knows no test folder where it began without', async () => {
    const out = join(temporary, 'without');
    const { test: _, ...without } = asked(out);
    const run = await newFinetune(without, context);
    run.whole.dispose();
    await run.release();
    expect(await refusal(resumed(out, { test: unseen }))).toBe(
      `test: expected a run with test data of its own, found ${out} without`,
    );
    rmSync(out, { recursive: true });
  });
});
