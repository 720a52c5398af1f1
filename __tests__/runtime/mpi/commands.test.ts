/** Commands by several ranks: the same results as one process, one line for what goes wrong, nothing left behind. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import sharp from 'sharp';
import { readSafetensors } from '../../../src/weights/formats/safetensors/read-safetensors';
import { temporaryFolder, ended } from '../../support/fixtures';
import { itByRanks, processesWith, programWords, run, started } from './mpirun';

const root = temporaryFolder();
const at = (...names: readonly string[]) => join(root, ...names);

/** 20 updates of LeNet-5 an epoch. */
const long = ['train', 'lenet5', '--data', 'digits', '--batch', '400'] as const;
const training = [...long, '--epochs', '2'] as const;

interface Line {
  readonly step: number;
  readonly meanLoss?: number;
}

function lossesIn(folder: string): readonly number[] {
  const lines = readFileSync(join(folder, 'log.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Line).flatMap(({ meanLoss }) => meanLoss ?? []);
}

async function expectSameWeights(one: string, other: string): Promise<void> {
  const [first, second] = await Promise.all(
    [one, other].map(async (folder) => (await readSafetensors(join(folder, 'last.safetensors'))).tensors),
  );
  expect(second!.map(({ name }) => name)).toEqual(first!.map(({ name }) => name));
  for (const [index, { data }] of first!.entries()) {
    const theirs = second![index]!.data as Float32Array;
    (data as Float32Array).forEach((value, place) => expect(theirs[place]).toBeCloseTo(value, 4));
  }
}

/** What a report says of the images, without where, when and by whom. */
function findings(path: string): object {
  const {
    run: _run,
    command: _command,
    commit: _commit,
    machine: _machine,
    seconds: _seconds,
    trainingSeconds: _training,
    peakBytes: _peak,
    digest: _digest,
    ...found
  } = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  return found;
}

/** Waits for a run's first checkpoint, a minute at most. */
async function checkpointIn(folder: string): Promise<void> {
  for (let looks = 0; looks < 1200 && !existsSync(join(folder, 'last.safetensors')); looks++) await sleep(50);
}

/** The folders in which ranks that are still running, or were killed, keep copies. */
async function copies(): Promise<readonly string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('.making-'));
}

itByRanks('train and evaluate find what one process finds, and only rank 0 speaks', async () => {
  const [one, two] = [at('one'), at('two')];
  const alone = await run(programWords(...training, '--out', one));
  const several = await run(programWords(...training, '--out', two, '--ranks', '2'));
  expect([alone.code, several.code]).toEqual([0, 0]);
  expect(several.stdout.match(/^error /gm)).toHaveLength(1);
  expect(several.stderr.match(/^epoch 2\/2/gm)).toHaveLength(1);
  expect(several.stderr).toContain('2 ranks on 1 host share the work');
  const [expected, found] = [lossesIn(one), lossesIn(two)];
  expect(found).toHaveLength(2);
  found.forEach((loss, epoch) => expect(loss / expected[epoch]!).toBeCloseTo(1, 5));
  await expectSameWeights(one, two);
  expect(JSON.parse(readFileSync(join(two, 'run.json'), 'utf8'))).toMatchObject({ machine: { ranks: 2 } });
  const again = at('again');
  const evaluated = await run(programWords('evaluate', one, '--out', again, '--ranks', '3'));
  expect(evaluated).toMatchObject({ code: 0 });
  expect(findings(join(again, 'report.json'))).toEqual(findings(join(one, 'report.json')));
});

itByRanks('a rank that is killed ends all, and its run goes on with another number of ranks', async () => {
  const folder = at('killed');
  const before = await copies();
  const words = [...training, '--checkpoint-every', '5', '--out', folder];
  const training3 = started(programWords(...words, '--ranks', '3'));
  const end = ended(training3);
  await checkpointIn(folder);
  // The launcher and mpirun have the word too; ranks come last.
  process.kill(processesWith(folder).at(-1)!, 'SIGKILL');
  const { code, stderr } = await end;
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/rank [12] .*exited on signal 9/);
  expect(processesWith(folder)).toEqual([]);
  const resumed = await run(programWords('train', '--resume', folder, '--ranks', '2'));
  expect(resumed).toMatchObject({ code: 0 });
  const whole = at('whole');
  expect(await run(programWords(...training, '--out', whole))).toMatchObject({ code: 0 });
  await expectSameWeights(whole, folder);
  // The killed rank's copy is removed by the next that makes one.
  expect((await copies()).filter((name) => !before.includes(name)).length).toBeLessThanOrEqual(1);
});

itByRanks('Ctrl-C saves once, and ends all', async () => {
  const folder = at('interrupted');
  const child = started(programWords(...long, '--epochs', '50', '--out', folder, '--ranks', '2'));
  const end = ended(child);
  await checkpointIn(folder);
  child.kill('SIGINT');
  const { code, stderr } = await end;
  expect(code).toBe(130);
  expect(stderr.match(/^interrupted and saved after \d+ updates; resume with: /gm)).toHaveLength(1);
  expect(processesWith(folder)).toEqual([]);
});

itByRanks('an image whose pixels are damaged ends all by the line of the rank that read it', async () => {
  const [photos, folder, cache] = [at('photos'), at('damaged'), at('cache')];
  for (let index = 0; index < 16; index++) {
    const into = join(photos, index % 2 === 0 ? 'even' : 'odd');
    mkdirSync(into, { recursive: true });
    const pixels = Uint8Array.from({ length: 32 * 40 * 3 }, (_, at) => ((at + index) * 2654435761) >>> 24);
    await sharp(pixels, { raw: { height: 32, width: 40, channels: 3 } }).toFile(join(into, `${index}.jpg`));
  }
  const damaged = join(photos, 'odd', '11.jpg');
  const bytes = readFileSync(damaged);
  writeFileSync(damaged, bytes.fill(0xff, bytes.length / 2, bytes.length - 2)); // with its head and its end
  const words = ['train', 'lenet-caffe', '--data', photos, '--validation-split', '0.25', '--epochs', '1'];
  const ranks = ['--ranks', '2'];
  const { code, stderr } = await run(programWords(...words, '--out', folder, ...ranks));
  expect(code).toBe(2);
  const lines = stderr.match(/^cnn-lineage: .*$/gm);
  expect(lines).toHaveLength(1);
  expect(lines![0]).toContain(`${damaged}: expected a sound JPEG image, found it damaged`);
  expect(processesWith(folder)).toEqual([]);
  const [skip, anew] = [['--on-bad-image', 'skip', '--cache', cache], at('skipped')];
  expect(await run(programWords(...words, ...skip, '--out', anew, ...ranks))).toMatchObject({ code: 0 });
  const alone = at('alone');
  expect(await run(programWords(...words, ...skip, '--out', alone))).toMatchObject({ code: 0 });
  await expectSameWeights(alone, anew);
});

itByRanks('ranks that were not given the same end before they write anything', async () => {
  const folder = at('other-seed');
  const ranks = (seed: string) => ['-n', '1', ...programWords(...training, '--seed', seed, '--out', folder)];
  const { code, stderr, stdout } = await run([
    'mpirun',
    '--oversubscribe',
    ...ranks('1'),
    ':',
    ...ranks('2'),
  ]);
  expect(code).toBe(2);
  expect(stderr.match(/^cnn-lineage: .*$/gm)).toEqual([
    'cnn-lineage: rank 1: expected the same --seed as rank 0, 1, found 2',
  ]);
  expect(stdout).toBe('');
  expect(existsSync(folder)).toBe(false);
});

itByRanks('a command that ranks cannot share is refused to them, by one line', async () => {
  const words = programWords('classify', 'photo.png', '--model', 'lenet5');
  const { code, stderr } = await run(['mpirun', '--oversubscribe', '-n', '2', ...words]);
  expect(code).toBe(2);
  expect(stderr.match(/^cnn-lineage: .*$/gm)).toEqual([
    'cnn-lineage: classify: expected one process, found several ranks; train, finetune, evaluate and reproduce take them',
  ]);
});

it('another MPI is recognised, and refused by one line with what to install', async () => {
  const bin = at('mpich');
  mkdirSync(bin);
  writeFileSync(join(bin, 'mpirun'), '#!/bin/sh\necho HYDRA build details:\n', { mode: 0o755 });
  const words = programWords(...training, '--out', at('none'));
  const path = [bin, process.env['PATH']].join(delimiter);
  const launched = await run([...words, '--ranks', '2'], { PATH: path });
  expect(launched).toMatchObject({ code: 2, stdout: '' });
  expect(launched.stderr).toMatch(
    /^cnn-lineage: --ranks: expected Open MPI’s mpirun, found MPICH’s; .*apt-get install openmpi-bin/m,
  );
  // A rank of such an mpirun has this variable.
  const rank = await run(words, { PMI_RANK: '0' });
  expect(rank.code).toBe(2);
  expect(rank.stderr).toMatch(
    /^cnn-lineage: MPI: expected ranks that Open MPI’s mpirun .* found ones of MPICH/m,
  );
  expect(existsSync(at('none'))).toBe(false);
});

it('what would change nothing of one process is refused to it', async () => {
  const words = programWords(...training, '--out', at('none'));
  for (const option of [['--wire', 'bfloat16'], ['--linear-scaling'], ['--ranks', '0']])
    expect(await run([...words, ...option])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(new RegExp(`^cnn-lineage: ${option[0]}: expected `, 'm')) as string,
    });
  expect(existsSync(at('none'))).toBe(false);
});
