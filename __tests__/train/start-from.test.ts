import { appendFileSync, cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../src/data/formats/digits/digits';
import type { RunRecord } from '../../src/train/run/run-record';
import { readSafetensors } from '../../src/weights/formats/safetensors/read-safetensors';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from '../support/fixtures';

const folder = temporaryFolder();
const data = join(folder, 'data');
const trained = join(folder, 'trained');
const whole = join(folder, 'whole');
const options = ['--data', data, '--epochs', '1', '--batch', '8'];
const follow = (run: string) => [
  'train',
  'lenet5',
  '--out',
  run,
  '--start-from',
  trained,
  '--seed',
  '2',
  ...options,
];

beforeAll(async () => {
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 200, test: 20 }));
  expect(await command(['train', 'lenet5', '--out', trained, ...options])).toMatchObject({ code: 0 });
  expect(await command(follow(whole))).toMatchObject({ code: 0 });
});

const weightsOf = async (run: string) =>
  new Map(
    (await readSafetensors(join(run, 'last.safetensors'))).tensors
      .filter(({ name }) => name.startsWith('weights/'))
      .map(({ name, data: values }) => [name, values as Float32Array]),
  );

it('starts from the weights of another run', async () => {
  const run = join(folder, 'still');
  const still = ['--set', 'schedule={"kind":"constant","rate":1e-15}'];
  expect(await command([...follow(run), ...still])).toMatchObject({ code: 0 });
  expect(await weightsOf(run)).toEqual(await weightsOf(trained));
  expect(await weightsOf(whole)).not.toEqual(await weightsOf(trained));
});

it('records in run.json what it started from, seen from the run’s folder', () => {
  const record = JSON.parse(readFileSync(join(whole, 'run.json'), 'utf8')) as RunRecord;
  expect(record.start).toMatchObject({
    checkpoint: join('..', 'trained', 'last.safetensors'),
    layers: 'all',
  });
  expect(record.start!.sha256).toMatch(/^[0-9a-f]{64}$/);
});

it('starts the same way on resume when it was killed before its first checkpoint', async () => {
  const run = join(folder, 'killed');
  const child = startCommand(follow(run));
  const end = ended(child);
  await new Promise<void>((resolve) => {
    child.stderr!.on('data', (part) => String(part).includes('training lenet5') && resolve());
  });
  child.kill('SIGKILL');
  expect(await end).toMatchObject({ signal: 'SIGKILL' });
  expect(existsSync(join(run, 'last.safetensors'))).toBe(false);

  expect(await command(['train', '--resume', run])).toMatchObject({ code: 0 });
  expect(await weightsOf(run)).toEqual(await weightsOf(whole));
});

it('refuses in one line to begin again from weights that have changed meanwhile', async () => {
  const [run, other] = [join(folder, 'late'), join(folder, 'other')];
  cpSync(trained, other, { recursive: true });
  const child = startCommand(follow(run).map((word) => (word === trained ? other : word)));
  const end = ended(child);
  await new Promise<void>((resolve) => {
    child.stderr!.on('data', (part) => String(part).includes('training lenet5') && resolve());
  });
  child.kill('SIGKILL');
  await end;
  appendFileSync(join(other, 'last.safetensors'), ' ');
  const { code, stderr } = await command(['train', '--resume', run]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/expected the weights that the run began with, found others; begin a new run\n$/);
  expect(stderr).not.toMatch(/^\s+at /m);
});

it('refuses a run of another network, or no run, in one line, and begins none', async () => {
  const run = join(folder, 'refused');
  const refused = async (words: string[], message: RegExp) => {
    const { code, stderr } = await command([...words, '--out', run, ...options]);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
    expect(existsSync(run)).toBe(false);
  };
  await refused(
    ['train', 'vgg-b', '--set', 'augment=[]', '--start-from', trained],
    /--start-from .*trained: expected a run of vgg-b or vgg-a, found one of lenet5\n$/,
  );
  await refused(
    ['train', 'lenet5', '--start-from', data],
    /data: expected a run's folder, found no run.json/,
  );
});
