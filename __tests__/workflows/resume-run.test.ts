import { join } from 'node:path';
import { finetune } from '../../scripts/commands/finetune';
import { expectGoingOn, settledByFinetune, settledByTrain } from '../../scripts/cli/options/resume-options';
import { train } from '../../scripts/commands/train';
import { openRun } from '../../src/train/run/run-record';
import { declaredBy } from '../support/declared-options';
import { fixtures } from '../support/places';

const older = join(fixtures, 'older');

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
      /^(the network|--\S+) 7 belongs to the start of a run: leave it out with --resume .*, which (continues with its own, .+|continues as it began|began without)$/,
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
    '--epochs 50 belongs to the start of a run: leave it out with --resume',
  );
  await expect(expectGoingOn(run, { seed: 3 }, settledByTrain)).rejects.toThrow(
    /^--seed 3 belongs .*, which continues with its own, 1$/,
  );
  await expect(expectGoingOn(run, { network: 'lenet5' }, settledByTrain)).rejects.toThrow(
    /^the network lenet5 belongs .*, which continues with its own, lecun1989$/,
  );
  const tuned = join(older, 'tuned');
  await expect(expectGoingOn(tuned, { freeze: ['none'] }, settledByFinetune)).rejects.toThrow(
    /^--freeze none belongs .*, which continues with its own, H1 H2 H3$/,
  );
  await expect(expectGoingOn(tuned, { 'class-weights': 'none' }, settledByFinetune)).rejects.toThrow(
    `--class-weights none belongs to the start of a run: leave it out with --resume ${tuned}, which began without`,
  );
  await expect(expectGoingOn(tuned, { 'with-validation': true }, settledByFinetune)).rejects.toThrow(
    /^--with-validation belongs to the start of a run: .*, which began without$/,
  );
  await expect(expectGoingOn(run, { set: ['batchSize=4', 'epochs=2'] }, settledByTrain)).rejects.toThrow(
    /^--set batchSize=4 epochs=2 belongs to the start of a run: .*, which continues as it began$/,
  );
});
