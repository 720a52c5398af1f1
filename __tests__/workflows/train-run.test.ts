/** Training by the functions of the library, in one process. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { resumeRun, trainRun, useBackend } from '../../index';
import { openRun } from '../../src/train/run/run-record';
import { selectedWeights } from '../../src/train/run/selected-weights';
import { readWeights } from '../../src/train/run/checkpoint';
import { keptJson, refusal, temporaryFolder } from '../support/fixtures';

const folder = temporaryFolder();
const asked = { network: 'lenet1', data: 'digits', epochs: 1, batch: 100 } as const;

beforeAll(() => useBackend());

/** The numbers of a run's weights, without the time that they took. */
async function weightsIn(run: string): Promise<readonly unknown[]> {
  return (await readWeights((await selectedWeights(run)).path)).arrays;
}

it('refuses a second training in a folder in one line, and the first ends as if it had been alone', async () => {
  const [alone, shared] = [join(folder, 'alone'), join(folder, 'shared')];
  await trainRun({ ...asked, out: alone });
  let second: Promise<string> | undefined;
  const first = await trainRun({
    ...asked,
    out: shared,
    onProgress: ({ kind }) => {
      if (kind === 'update') second ??= refusal(resumeRun(shared));
    },
  });
  expect(await second).toBe(`${shared}: expected no other training there, found one of this process`);
  expect(first.finished).toBe(true);
  expect(await weightsIn(shared)).toEqual(await weightsIn(alone));
  expect(existsSync(join(shared, '.training.lock'))).toBe(false);
}, 60_000);

it('of two trainings that begin at once in one folder, one is refused in a line and the other is whole', async () => {
  const out = join(folder, 'both');
  const found = await Promise.allSettled([
    trainRun({ ...asked, out, seed: 1 }),
    trainRun({ ...asked, out, seed: 2 }),
  ]);
  const refused = found.filter((one) => one.status === 'rejected');
  expect(refused.length).toBe(1);
  expect(await refusal(Promise.reject(refused[0]!.reason as Error))).toMatch(
    new RegExp(`^${out}: expected (a new folder, found|no other training there, found one of this process)`),
  );
  const [ended] = found.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  expect(ended).toMatchObject({ finished: true, folder: out });
  const { seed } = await openRun(out);
  expect(found[seed - 1]!.status).toBe('fulfilled');
  const alone = join(folder, 'alone, too');
  await trainRun({ ...asked, out: alone, seed });
  expect(await weightsIn(out)).toEqual(await weightsIn(alone));
  expect(keptJson<object>(join(out, 'report.json'))).toMatchObject({
    run: out,
    images: expect.any(Number) as number,
  });
}, 60_000);

it('refuses from JavaScript what the run has settled, and says what it has', async () => {
  const run = join(folder, 'alone');
  const given = { seed: 7 } as object;
  expect(await refusal(resumeRun(run, given))).toBe(
    `seed: 7 belongs to the start of a run: leave it out when ${run} is resumed, which continues with its own, 1`,
  );
});
