/** Runs and models of `older/` were made before names, digests and absolute paths were kept: by commit 34003b5. */
import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { evaluateFolder } from '../../src/workflows/evaluate/evaluate-folder';
import { resumedRun } from '../../src/workflows/train/start-run';
import { openFolder } from '../../src/workflows/trained/open-folder';
import { useBackend } from '../../src/runtime/backend';
import { openRun } from '../../src/train/run/run-record';
import { zoo } from '../../models/registry';
import type { Context } from '../../src/workflows/context';
import { contextForTests } from '../support/context';
import { temporaryFolder } from '../support/fixtures';
import { fixtures } from '../support/places';

const temporary = temporaryFolder();
const here = process.cwd();
let context: Context;
let noted = '';

interface Report {
  readonly error: number;
  readonly images: number;
  readonly perClass: readonly { readonly label: string }[];
  readonly confusion: readonly (readonly number[])[];
}

beforeAll(async () => {
  await useBackend();
  context = await contextForTests({ onRemark: (line) => (noted += `${line}\n`) });
  cpSync(join(fixtures, 'older'), temporary, { recursive: true });
});

beforeEach(() => {
  noted = '';
  process.chdir(temporary); // their paths are relative
});
afterEach(() => process.chdir(here));

const reportOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Report;

const evaluated = async (model: string): Promise<Report> => (await evaluateFolder(zoo, model)).report;

// Their folders are 0, 2 and 10, which came as 0, 10, 2.
it.each(['run', 'tuned'])('%s is evaluated as it was, on the part that it set aside', async (name) => {
  const before = reportOf(name);
  const now = await evaluated(name);
  expect(now.perClass.map(({ label }) => label)).toEqual(['0', '10', '2']);
  expect(now.confusion).toEqual(before.confusion);
  expect(now.images).toBe(before.images);
});

it.each(['run', 'tuned'])('%s has the names that its classes had', async (name) => {
  const { model, labels } = await openFolder(name, {}, context);
  model.dispose();
  expect(labels).toEqual(['0', '10', '2']);
});

it('a run goes on with the same images', async () => {
  const { data, release } = await resumedRun('run', await openRun('run'), {}, context);
  await release();
  expect(data.train.classes).toEqual(['0', '10', '2']);
  expect(data.train.labels.length).toBe(18);
});

it('where the images are others, it has no names and is not evaluated, each of which is said', async () => {
  rmSync(join('shades', '2', '3.png'));
  const { model, labels } = await openFolder('run', {}, context);
  model.dispose();
  expect(labels).toBeNull();
  expect(noted).toMatch(
    /the classes have numbers for names, since the run keeps none .*expected the 18 images/,
  );
  await expect(evaluated('run')).rejects.toThrow(/expected the 18 images that the run began with/);
  await expect(resumedRun('run', await openRun('run'), {}, context)).rejects.toThrow(
    /expected the 18 images/,
  );
});
