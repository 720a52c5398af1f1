/**
 * Kills a random rank of a training at a random moment, again and again, and looks at what is left:
 * `npx tsx scripts/ranks/kills.ts [--kills 50] [--seed 1]` writes results/ranks/kills.md. Needs Open MPI.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/core/random';
import { markdownTable } from '../../src/core/text/markdown-table';
import { openRun, runFiles } from '../../src/train/run/run-record';
import { readSealed } from '../../src/weights/formats/safetensors/sealed';
import { ownFolder } from '../cli/npm/npm-run';
import { fail, note } from '../cli/terminal/output';
import { writePage } from './result-page';

const limitSeconds = 10;
const training = ['train', 'lenet5', '--data', 'digits', '--batch', '400', '--epochs', '3'] as const;
const further = ['--validation', '1000', '--checkpoint-every', '7'] as const;
const program = [process.execPath, '--require', 'tsx/cjs', join(ownFolder, 'scripts', 'cnn-lineage.ts')];

/** Where a training was when a rank of it was killed, by what its folder shows. */
const moments = [
  'before its folder was there',
  'before the first checkpoint',
  'training',
  'testing',
] as const;
type Moment = (typeof moments)[number];

/** Roughly how long each takes, as a share of the time of a training. */
const spans: Readonly<Record<Moment, number>> = {
  'before its folder was there': 0.5,
  'before the first checkpoint': 0.2,
  training: 0.2,
  testing: 0.03,
};

interface Killed {
  readonly ranks: number;
  readonly rank: number;
  readonly moment: Moment;
  readonly endedAfter: number;
  readonly left: number;
  readonly resumedWith: number;
  readonly difference: number;
  readonly fault: string | null;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { kills: { type: 'string', default: '50' }, seed: { type: 'string', default: '1' } },
  });
  const random = seededRandom(Number(values.seed));
  const work = mkdtempSync(join(tmpdir(), 'lineage-kills-'));
  try {
    const whole = join(work, 'whole');
    const began = performance.now();
    if (command([...training, ...further, '--out', whole, '--ranks', '2']) !== 0)
      throw new Error('the training that nobody kills failed');
    const seconds = (performance.now() - began) / 1000;
    const found: Killed[] = [];
    for (let number = 0; found.length < Number(values.kills); number++) {
      const ranks = 2 + random.integer(3);
      const asked = {
        ranks,
        rank: random.integer(ranks),
        aim: moments[random.integer(moments.length)]!,
        after: random.uniform(0, 1),
        resumedWith: 1 + random.integer(4),
      };
      const folder = join(work, String(number));
      const one = await killed(folder, { ...asked, after: asked.after * seconds * spans[asked.aim] }, whole);
      rmSync(folder, { recursive: true, force: true });
      if (one) found.push(one);
      note(`${number + 1}: ${one ? JSON.stringify(one) : 'had ended before'}`);
    }
    await write(found, values);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

interface Kill {
  readonly ranks: number;
  readonly rank: number;
  /** The moment to wait for. */
  readonly aim: Moment;
  /** How long the training goes on then, in seconds; the rank may be killed at a later moment so. */
  readonly after: number;
  readonly resumedWith: number;
}

/** Null if the training had ended before the moment came, and so nothing was killed. */
async function killed(
  folder: string,
  { ranks, rank, aim, after, resumedWith }: Kill,
  whole: string,
): Promise<Killed | null> {
  const [file, ...words] = program;
  const child = spawn(file!, [...words, ...training, ...further, '--out', folder, '--ranks', String(ranks)], {
    stdio: 'ignore',
  });
  const end = new Promise<void>((resolve) => child.on('close', () => resolve()));
  let pid: number | undefined;
  let due = Infinity;
  while (pid === undefined || performance.now() < due) {
    pid ??= ranksOf(folder).find((one) => one.rank === rank)?.pid;
    if (due === Infinity && moments.indexOf(momentOf(folder)) >= moments.indexOf(aim))
      due = performance.now() + 1000 * after;
    await Promise.race([sleep(20), end]);
    if (child.exitCode !== null) break;
  }
  const moment = momentOf(folder);
  if (child.exitCode !== null || pid === undefined) return null;
  process.kill(pid, 'SIGKILL');
  const from = performance.now();
  const isEnded = await Promise.race([
    end.then(() => true),
    sleep(3 * 1000 * limitSeconds).then(() => false),
  ]);
  const endedAfter = (performance.now() - from) / 1000;
  const left = ranksOf(folder).length;
  const fault = await faultIn(folder);
  const isThere = existsSync(join(folder, runFiles.record));
  const hasReport = existsSync(join(folder, runFiles.report));
  const byRanks = resumedWith === 1 ? [] : ['--ranks', String(resumedWith)];
  const again = isThere ? ['train', '--resume', folder] : [...training, ...further, '--out', folder];
  const code = hasReport ? 0 : command([...again, ...byRanks]);
  return {
    ...{ ranks, rank, moment, endedAfter, left, resumedWith },
    difference: code === 0 ? await largestDifference(folder, whole) : NaN,
    fault: isEnded ? fault : `not ended after ${3 * limitSeconds} s`,
  };
}

function command(words: readonly string[]): number | null {
  const [file, ...own] = program;
  return spawnSync(file!, [...own, ...words], { stdio: 'ignore', timeout: 120_000 }).status;
}

/** The ranks whose command line names a folder. */
function ranksOf(folder: string): readonly { readonly rank: number; readonly pid: number }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      if (!readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').includes(folder)) return [];
      const rank = /(?:^|\0)OMPI_COMM_WORLD_RANK=(\d+)/.exec(readFileSync(`/proc/${name}/environ`, 'utf8'));
      return rank ? [{ rank: Number(rank[1]), pid: Number(name) }] : [];
    } catch {
      return []; // it has ended meanwhile
    }
  });
}

function momentOf(folder: string): Moment {
  const has = (file: string) => existsSync(join(folder, file));
  if (!has(runFiles.record)) return moments[0];
  if (!has(runFiles.last) || !has(runFiles.log)) return moments[1];
  const ended = readFileSync(join(folder, runFiles.log), 'utf8').includes('"epoch":2,"step":54,"meanLoss"');
  return ended ? moments[3] : moments[2];
}

/** What is half-written in a folder; null if nothing is. */
async function faultIn(folder: string): Promise<string | null> {
  try {
    if (!existsSync(folder)) return null;
    await openRun(folder);
    for (const file of [runFiles.last, runFiles.best])
      if (existsSync(join(folder, file))) await readSealed(join(folder, file), ['progress']);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

async function largestDifference(folder: string, whole: string): Promise<number> {
  const read = async (at: string) => (await readSealed(join(at, runFiles.last), ['progress'])).tensors;
  const [found, expected] = [await read(folder), await read(whole)];
  let most = 0;
  expected.forEach(({ data }, index) =>
    (data as Float32Array).forEach((value, place) => {
      const apart = Math.abs(value - (found[index]!.data as Float32Array)[place]!);
      if (!(apart <= most)) most = apart;
    }),
  );
  return most;
}

async function write(
  found: readonly Killed[],
  { kills, seed }: { readonly kills: string; readonly seed: string },
): Promise<void> {
  const rows = moments.map((moment) => {
    const own = found.filter((one) => one.moment === moment);
    const most = (of: (one: Killed) => number) => Math.max(0, ...own.map(of));
    return [
      moment,
      String(own.length),
      own.length === 0 ? '-' : `${most(({ endedAfter }) => endedAfter).toFixed(1)} s`,
      String(own.filter(({ endedAfter }) => endedAfter > limitSeconds).length),
      String(own.reduce((sum, { left }) => sum + left, 0)),
      String(own.filter(({ fault }) => fault !== null).length),
      own.length === 0 ? '-' : most(({ difference }) => difference).toExponential(1),
      String(own.filter(({ difference }) => !(difference < 1e-4)).length),
    ];
  });
  const head = [
    'when the rank was killed',
    'kills',
    'the longest until all had ended',
    `longer than ${limitSeconds} s`,
    'ranks left',
    'files half-written',
    'weights at the end, the largest difference',
    'at least 1e-4 apart',
  ];
  const faults = found.flatMap(({ fault }, at) => (fault === null ? [] : [`${at + 1}: ${fault}`]));
  await writePage(
    'kills.md',
    `# Ranks that are killed

LeNet-5 on drawn digits, 54 updates and three evaluations by 2, 3 or 4 ranks (\`npm run train -- ${training.slice(1).join(' ')} ${further.join(' ')} --ranks N\`), of which one gets SIGKILL at a random moment after the start, after the folder is there, after the first checkpoint or after the last update. Then the run is resumed, or begun again where there was no folder yet, by another random number of processes, 1 to 4, and its weights are compared with those of two ranks that nobody killed.

${markdownTable(head, rows)}

${faults.join('\n')}`,
    `kills.ts --kills ${kills} --seed ${seed}`,
  );
}

main().catch(fail);
