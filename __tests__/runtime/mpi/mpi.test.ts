/** Real ranks, started by Open MPI’s mpirun where the machine has it. */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ended, type Ended } from '../../support/fixtures';
import { projectRoot } from '../../support/places';

const version = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout ?? '';
const isHere = version.includes('Open MPI');
const itByRanks = isHere ? it : it.skip;
const why = isHere ? '' : ' (skipped: there is no Open MPI)';

/** Ends after a minute in any case: a rank that is waited for without end is what these tests look for. */
function ranks(count: number, ...words: readonly string[]): Promise<Ended> {
  const program = join(projectRoot, '__tests__', 'runtime', 'mpi', 'program.ts');
  const started = ['--oversubscribe', '--bind-to', 'none', '-n', String(count)];
  const own = [process.execPath, '--require', 'tsx/cjs', program, ...words];
  return ended(
    spawn('mpirun', [...started, ...own], {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
      // Containers run as root, which mpirun wants to be told twice.
      env: { ...process.env, OMPI_ALLOW_RUN_AS_ROOT: '1', OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: '1' },
    }),
  );
}

itByRanks(
  `ranks add up, copy and gather${why}`,
  async () => {
    const { code, stdout } = await ranks(3);
    expect(code).toBe(0);
    const said = stdout
      .trim()
      .split('\n')
      .sort()
      .map((line) => JSON.parse(line) as object);
    expect(said).toEqual(
      [0, 1, 2].map((rank) => ({
        rank,
        size: 3,
        local: { rank, size: 3 },
        sums: [3, expect.closeTo(0.3, 6), 3e8],
        copied: [5, 0],
        gathered: ['', 'x', 'xx'],
      })),
    );
  },
  90_000,
);

itByRanks(
  `a rank that is slow is waited for${why}`,
  async () => expect(await ranks(2, 'slow')).toMatchObject({ code: 0, stderr: '' }),
  90_000,
);

itByRanks.each(['killed', 'stopped'])(
  `a rank that is %s ends the others, which say so${why}`,
  async (how) => {
    const { code, stderr } = await ranks(3, how);
    expect(code).not.toBe(0);
    if (how === 'killed') expect(stderr).toMatch(/exited on signal 9|Exit code: +137/);
    else
      expect(stderr).toMatch(
        /^MPI: expected 3 ranks, found that rank 1 does not answer since \d+ s; all are ended$/m,
      );
  },
  90_000,
);
