/** Real ranks, where the machine has Open MPI; tests of them say in their names when they are skipped. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ended, type Ended } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const version = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const isHere = version.includes('Open MPI');

/** A test of real ranks. */
export function itByRanks(name: string, test: () => Promise<void>): void {
  if (isHere) it(name, test, 240_000);
  else it.skip(`${name} (skipped: there is no Open MPI)`, test);
}

/** Containers run as root, which mpirun wants to be told twice. */
export const asRoot = { OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' } as const;

const program = [process.execPath, '--require', 'tsx/cjs', join(projectRoot, 'scripts', 'cnn-lineage.ts')];

/** The words that start this program with some of its own. */
export function programWords(...words: readonly string[]): readonly string[] {
  return [...program, ...words];
}

/** Starts a program, in its own group of processes; it is ended after two minutes in any case. */
export function started(words: readonly string[], environment: NodeJS.ProcessEnv = {}) {
  const [file, ...rest] = words;
  return spawn(file!, rest, {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 120_000,
    env: { ...process.env, ...asRoot, ...environment },
  });
}

/** What a program wrote, and how it ended. */
export function run(words: readonly string[], environment?: NodeJS.ProcessEnv): Promise<Ended> {
  return ended(started(words, environment));
}

/** The numbers of this machine's processes whose command lines have a word. */
export function processesWith(word: string): readonly number[] {
  const { stdout } = spawnSync('pgrep', ['-f', '--', word], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}
