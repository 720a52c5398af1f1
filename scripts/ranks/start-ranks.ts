/** Starts the program of one rank as several, by mpirun, for the measurements of this folder. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rootWords } from '../cli/ranks/launch';
import type { Asked, Found } from './update-rank';

const program = join(__dirname, 'update-rank.ts');

/** How ranks are started, beside their number. */
export interface Starting {
  /** Threads of each rank; without it, ranks share the cores out. */
  readonly threads?: number | undefined;
  /** Whether each rank is bound to a core of its own, with all its threads. */
  readonly bound?: boolean;
  /** Words of mpirun. */
  readonly words?: readonly string[];
  /** What mpirun is started by. */
  readonly before?: readonly string[];
}

/** What rank 0 of so many ranks finds; one rank is started without mpirun. */
export function updatesBy(
  ranks: number,
  asked: Omit<Asked, 'out'>,
  { threads, bound = false, words = [], before = [] }: Starting = {},
): Found {
  const work = mkdtempSync(join(tmpdir(), 'lineage-ranks-'));
  try {
    const out = join(work, 'found.json');
    const node = [process.execPath, '--require', 'tsx/cjs', program, JSON.stringify({ ...asked, out })];
    const mpirun = [
      ...before,
      'mpirun',
      ...rootWords(),
      ...(bound ? ['--bind-to', 'core'] : ['--oversubscribe', '--bind-to', 'none']),
      '-n',
      String(ranks),
      ...words,
    ];
    const one = bound ? ['taskset', '--cpu-list', '0', ...node] : node;
    const [file, ...rest] = ranks === 1 ? one : [...mpirun, ...node];
    const limited = threads === undefined ? {} : threadsOf(threads);
    const { status, stderr } = spawnSync(file!, rest, {
      env: { ...process.env, ...limited },
      encoding: 'utf8',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (status !== 0) throw new Error(`${ranks} ranks ended with ${status}: ${stderr}`);
    return JSON.parse(readFileSync(out, 'utf8')) as Found;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function threadsOf(threads: number): NodeJS.ProcessEnv {
  const count = String(threads);
  return { TF_NUM_INTRAOP_THREADS: count, TF_NUM_INTEROP_THREADS: count, OMP_NUM_THREADS: count };
}
