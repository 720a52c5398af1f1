import { join } from 'node:path';
import { finetune } from '../scripts/finetune';
import { expectGoingOn, settledByFinetune, settledByTrain } from '../scripts/resume-options';
import { train } from '../scripts/train';
import { openRun } from '../src/train/run-record';
import { declaredBy } from './declared-options';

const older = join(__dirname, 'older');

/** What a run that goes on may be told anew: figures do not depend on it, or it is checked against what was. */
const free = ['resume', 'json', 'backend', 'workers', 'on-bad-image', 'data'];

describe.each([
  ['train', train, settledByTrain, join(older, 'run')],
  ['finetune', finetune, settledByFinetune, join(older, 'tuned')],
] as const)('%s --resume', (_, command, settled, run) => {
  it('knows of every option whether a run has settled it', () => {
    const { options, positionals } = declaredBy(command);
    expect([...options, ...positionals].sort()).toEqual([...Object.keys(settled), ...free].sort());
  });

  it.each(Object.keys(settled))('refuses %s', async (option) => {
    const given = { [option]: 7, workers: 1, data: 'shades', 'on-bad-image': 'skip' };
    await expect(expectGoingOn(run, given, settled)).rejects.toThrow(
      /expected none with --resume .*, which goes on with (the run’s own, .+|what was settled when it began); found 7$/,
    );
  });

  it('takes what a run has not settled', async () => {
    await expect(expectGoingOn(run, { workers: 1, json: true }, settled)).resolves.toBeUndefined();
  });
});

it('names what the run has', async () => {
  const run = join(older, 'run');
  const { recipe } = await openRun(run);
  expect(recipe.epochs).toBe(40);
  await expect(expectGoingOn(run, { epochs: 50 }, settledByTrain)).rejects.toThrow(
    'the run’s own, 40; found 50',
  );
  await expect(expectGoingOn(run, { seed: 3 }, settledByTrain)).rejects.toThrow('the run’s own, 1; found 3');
  await expect(expectGoingOn(run, { network: 'lenet5' }, settledByTrain)).rejects.toThrow(
    'the name of a network: expected none with --resume',
  );
  const tuned = join(older, 'tuned');
  await expect(expectGoingOn(tuned, { freeze: ['none'] }, settledByFinetune)).rejects.toThrow(
    'the run’s own, H1 H2 H3; found none',
  );
});
