import { spawn, type ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync, watch } from 'node:fs';
import { join } from 'node:path';
import { drawDigits } from '../../../src/data/formats/digits/digits';
import { seededRandom } from '../../../src/core/random';
import { readLog } from '../../../src/train/run/log';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { command, ended, startCommand, temporaryFolder, writeIdxFolder } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const folder = temporaryFolder();
const data = join(folder, 'data');
const whole = join(folder, 'whole');
const options = [
  '--data',
  data,
  '--epochs',
  '20',
  '--batch',
  '8',
  '--checkpoint-every',
  '7',
  '--validation',
  '40',
];

const start = (run: string) => startCommand(['train', 'lenet5', '--out', run, ...options]);
const resume = (run: string) => startCommand(['train', '--resume', run]);

beforeAll(async () => {
  await writeIdxFolder(data, drawDigits({ seed: 3, train: 600, test: 100 }));
  expect(await command(['train', 'lenet5', '--out', whole, ...options])).toMatchObject({ code: 0 });
});

it('ends with the same weights, log and report after being killed at 20 moments and resumed', async () => {
  const run = join(folder, 'killed');
  const random = seededRandom(20);
  const reached: number[] = [];
  let insideWriting = 0;
  // Half the kills come at a random time, half as soon as a checkpoint's temporary file appears.
  const insideAnEpoch = () => reached.some((done) => done % 70 !== 0);
  for (let kills = 0; kills < 20 || insideWriting < 3 || !insideAnEpoch(); kills++) {
    expect(kills).toBeLessThan(60);
    const child = kills === 0 ? start(run) : resume(run);
    const end = ended(child);
    await saying(child, 'training lenet5');
    await (kills % 2
      ? aTemporaryFile(run)
      : new Promise((resolve) => setTimeout(resolve, random.uniform(0, 300 + 50 * kills))));
    child.kill('SIGKILL');
    const { signal, stderr } = await end;
    expect({ signal, stderr }).toMatchObject({ signal: 'SIGKILL' });
    if (temporaryFiles(run).length > 0) insideWriting++;
    reached.push(await updatesSaved(run));
  }
  expect(reached).toEqual(reached.toSorted((a, b) => a - b));

  expect(await ended(resume(run))).toMatchObject({ code: 0 });
  expect(temporaryFiles(run)).toEqual([]);
  await expectEqualRuns(run);
}, 300_000);

it('saves and ends with code 130 on Ctrl-C, then goes on to the same weights', async () => {
  const run = join(folder, 'interrupted');
  const child = start(run);
  const end = ended(child);
  await saying(child, 'epoch 2/20');
  child.kill('SIGINT');
  const { code, stderr } = await end;
  expect(code).toBe(130);
  expect(stderr).toMatch(/interrupted and saved after \d+ updates; resume with: .*--resume/);
  expect(await updatesSaved(run)).toBeGreaterThan(140);
  expect(await ended(resume(run))).toMatchObject({ code: 0 });
  await expectEqualRuns(run);
});

it('keeps the earlier checkpoint when there is no room for the next, and says so in one line', async () => {
  const run = join(folder, 'full');
  const child = start(run);
  const end = ended(child);
  await saying(child, 'epoch 1/20');
  child.kill('SIGINT');
  await end;
  const before = readFileSync(join(run, 'last.safetensors'));
  // Files of more than 200 kB fail with EFBIG, as they fail with ENOSPC on a full disk.
  const script = `ulimit -f 400; exec "${process.execPath}" --import tsx scripts/cnn-lineage.ts train --resume "${run}"`;
  const { code, stderr } = await ended(spawn('sh', ['-c', script], { cwd: projectRoot }));
  expect(code).toBe(2);
  expect(stderr.trimEnd().split('\n').at(-1)).toMatch(/^cnn-lineage: .*last\.safetensors/);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(readFileSync(join(run, 'last.safetensors'))).toEqual(before);
  expect(await ended(resume(run))).toMatchObject({ code: 0 });
  await expectEqualRuns(run);
});

it('reports the best epoch on the images held out, the last of several, not the best on the test set', async () => {
  const epochs = readLog(whole).flatMap((line) => ('meanLoss' in line ? [line] : []));
  const least = Math.min(...epochs.map(({ validationError }) => validationError!));
  const best = epochs.findLast(({ validationError }) => validationError === least)!;
  const report = JSON.parse(readFileSync(join(whole, 'report.json'), 'utf8')) as { epochs: number };
  expect(report.epochs).toBe(best.epoch + 1);
});

/** Weights and velocities bit for bit; logs and reports but for the time that they took. */
async function expectEqualRuns(run: string): Promise<void> {
  for (const file of ['last.safetensors', 'best.safetensors']) {
    const [ours, theirs] = await Promise.all([run, whole].map((at) => readSafetensors(join(at, file))));
    expect(ours!.tensors.map(({ name }) => name)).toContain('memory/velocity/C1/kernel');
    expect(ours!.tensors).toEqual(theirs!.tensors);
  }
  const timeless = (at: string) => readLog(at).map((line) => ({ ...line, seconds: 0, residentBytes: 0 }));
  expect(timeless(run)).toEqual(timeless(whole));
  const found = (at: string) => {
    const { error, confusion, epochs } = JSON.parse(readFileSync(join(at, 'report.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    return { error, confusion, epochs };
  };
  expect(found(run)).toEqual(found(whole));
}

async function updatesSaved(run: string): Promise<number> {
  if (!readdirSync(run).includes('last.safetensors')) return 0;
  const { metadata } = await readSafetensors(join(run, 'last.safetensors'));
  return (JSON.parse(metadata['progress']!) as { done: number }).done;
}

function temporaryFiles(run: string): string[] {
  return readdirSync(run).filter((name) => name.endsWith('.tmp'));
}

/** Waits until a process has written a text to standard error, or has ended. */
function saying(child: ChildProcess, text: string): Promise<void> {
  return new Promise((resolve) => {
    let said = '';
    child.stderr!.on('data', (part) => (said += String(part)).includes(text) && resolve());
    child.on('close', () => resolve());
  });
}

function aTemporaryFile(run: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(run, (_, name) => {
      if (!name?.endsWith('.tmp')) return;
      watcher.close();
      resolve();
    });
  });
}
