/** Real ranks, started by Open MPI’s mpirun where the machine has it. */
import { join } from 'node:path';
import type { Ended } from '../../support/fixtures';
import { itByRanks, run } from './mpirun';
import { projectRoot } from '../../support/places';

function ranks(count: number, ...words: readonly string[]): Promise<Ended> {
  const program = join(projectRoot, '__tests__', 'runtime', 'mpi', 'program.ts');
  const mpirun = ['mpirun', '--oversubscribe', '--bind-to', 'none', '-n', String(count)];
  return run([...mpirun, process.execPath, '--require', 'tsx/cjs', program, ...words]);
}

itByRanks(`ranks add up, copy and gather`, async () => {
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
});

itByRanks(`a rank that is slow is waited for`, async () =>
  expect(await ranks(2, 'slow')).toMatchObject({ code: 0, stderr: '' }),
);

for (const how of ['killed', 'stopped'])
  itByRanks(`a rank that is ${how} ends the others, which say so`, async () => {
    const { code, stderr } = await ranks(3, how);
    expect(code).not.toBe(0);
    if (how === 'killed') expect(stderr).toMatch(/exited on\s+signal 9|Exit code: +137/);
    else
      expect(stderr).toMatch(
        /^MPI: expected 3 ranks, found that rank 1 does not answer since \d+ s; all are ended$/m,
      );
  });
