import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import {
  command,
  ended,
  itOnTensorFlow,
  startCommand,
  temporaryFolder,
  writeIdxFolder,
} from '../../support/fixtures';

const folder = temporaryFolder();
const data = join(folder, 'data');

/** Everything that an update may keep or count: moments, averages, a warm-up, several batches an update, the last short. */
const words = [
  ...['--data', data, '--epochs', '6', '--batch', '4', '--checkpoint-every', '3'],
  ...['--set', 'optimiser={"kind":"adamw","beta1":0.9,"beta2":0.999,"epsilon":1e-8}'],
  ...[
    '--set',
    'schedule={"kind":"cosine","from":0.002,"to":0}',
    '--set',
    'warmUp={"epochs":2.5,"from":0.01}',
  ],
  ...['--set', 'loss.labelSmoothing=0.1', '--set', 'clipNorm=1', '--set', 'accumulate=3'],
  ...['--set', 'averaging={"kind":"exponential","decay":0.9}', '--set', 'weightDecay=0.01'],
];

beforeAll(() => writeIdxFolder(data, drawDigits({ seed: 3, train: 200, test: 50 })));

async function saved(run: string) {
  if (!readdirSync(folder).includes(run)) return null;
  const path = join(folder, run, 'last.safetensors');
  return readdirSync(join(folder, run)).includes('last.safetensors') ? readSafetensors(path) : null;
}

function doneOf(checkpoint: Awaited<ReturnType<typeof saved>>): number {
  return (JSON.parse(checkpoint?.metadata['progress'] ?? '{"done":0}') as { done: number }).done;
}

async function expectSameWhenKilled(kind: string, choice: readonly string[]): Promise<void> {
  const [whole, killed] = [`whole-${kind}`, `killed-${kind}`];
  const start = ['train', 'lenet5-modern', ...words, ...choice, '--out'];
  expect(await command([...start, join(folder, whole)])).toMatchObject({ code: 0 });
  const theirs = await saved(whole);
  const reached = new Set<number>();
  const again = ['train', '--resume', join(folder, killed), ...choice];
  let code: number | null = null;
  for (let kills = 0; kills < 12 && code !== 0; kills++) {
    const before = Math.max(0, ...reached);
    const child = startCommand(before > 0 ? again : [...start, join(folder, killed)]);
    const end = ended(child);
    // Killed as soon as a further checkpoint is there, wherever the update is then.
    for (let done = before; done === before && child.exitCode === null;) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      done = doneOf(await saved(killed).catch(() => null));
      if (done > before) reached.add(done);
    }
    child.kill('SIGKILL');
    ({ code } = await end);
  }
  expect(reached.size).toBeGreaterThan(3);
  expect([...reached].some((done) => done % 17 !== 0)).toBe(true); // within an epoch of 17 updates
  if (code !== 0) expect(await command(again)).toMatchObject({ code: 0 });
  const ours = await saved(killed);
  const names = ours!.tensors.map(({ name }) => name);
  for (const kept of ['firstMoment', 'secondMoment', 'average'])
    expect(names).toContain(`memory/${kept}/C1/kernel`);
  expect(ours!.tensors).toEqual(theirs!.tensors);
}

itOnTensorFlow(
  'a training with AdamW ends with the same weights and moments, bit for bit, however often it was killed',
  () => expectSameWhenKilled('native', ['--backend', 'tensorflow']),
  120_000,
);

it('so does one on wasm', () => expectSameWhenKilled('wasm', ['--backend', 'wasm']), 120_000);
