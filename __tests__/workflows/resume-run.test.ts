/** What may be said to a run that goes on, and what it has settled. */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { zoo } from '../../models/registry';
import { finetune } from '../../scripts/commands/finetune';
import { train } from '../../scripts/commands/train';
import { ofCommandLine } from '../../scripts/cli/npm/npm-run';
import { wordMessagesAs } from '../../src/core/text/wording';
import { openRun } from '../../src/train/run/run-record';
import { resumeRun, settled } from '../../src/workflows/train/resume-run';
import { declaredBy } from '../support/declared-options';
import { refusal, temporaryFolder } from '../support/fixtures';
import { fixtures } from '../support/places';

const temporary = temporaryFolder();
const older = join(fixtures, 'older');
const run = join(older, 'run');
const tuned = join(older, 'tuned');

/** What a run that goes on may be told anew: figures do not depend on it, or it is checked against what was. */
const free = ['resume', 'json', 'backend', 'workers', 'on-bad-image', 'data', 'test', 'answers'];
/** What is no option of a run: the command does something else. */
const elsewhere = ['find-rate'];

const inCode = (name: string) => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

/** As code without types may call it. */
const resumed = (folder: string, given: object) => resumeRun(zoo, folder, given);

describe.each([
  ['train', train, run],
  ['finetune', finetune, tuned],
] as const)('%s --resume', (_, command, folder) => {
  const { options, positionals } = declaredBy(command);
  const names = [...options, ...positionals]
    .filter((name) => ![...free, ...elsewhere].includes(name))
    .map(inCode);

  it('knows of every option whether a run has settled it', () => {
    expect(Object.keys(settled)).toEqual(expect.arrayContaining(names));
    for (const name of free) expect(settled).not.toHaveProperty(inCode(name));
  });

  it.each(names)('refuses %s', async (name) => {
    const given = { [name]: 7, workers: 1, data: 'shades', onBadImage: 'skip' };
    expect(await refusal(resumed(folder, given))).toMatch(
      /^(the network 7|\w+: 7) belongs to the start of a run: leave it out when .* is resumed, which (continues with its own, .+|continues as it began|began without)$/,
    );
  });
});

it('has settled no option that neither command has', () => {
  const both = [train, finetune]
    .map(declaredBy)
    .flatMap(({ options, positionals }) => [...options, ...positionals]);
  expect(
    [...new Set(both)]
      .filter((name) => ![...free, ...elsewhere].includes(name))
      .map(inCode)
      .sort(),
  ).toEqual(Object.keys(settled).sort());
});

it('takes what a run has not settled', async () => {
  const copy = join(temporary, 'tuned');
  cpSync(tuned, copy, { recursive: true });
  // It is refused for what it is, not for what is said to it.
  expect(await refusal(resumed(copy, { workers: 1, onBadImage: 'skip' }))).toBe(
    `${copy}: expected a fine-tuning to resume, found one that has ended`,
  );
});

it('names what the run has', async () => {
  const { recipe } = await openRun(run);
  expect(recipe.epochs).toBe(40);
  expect(await refusal(resumed(run, { epochs: 50 }))).toBe(
    `epochs: 50 belongs to the start of a run: leave it out when ${run} is resumed, which continues with its own, 40`,
  );
  expect(await refusal(resumed(run, { seed: 7 }))).toMatch(
    /^seed: 7 belongs .*, which continues with its own, 1$/,
  );
  expect(await refusal(resumed(run, { network: 'lenet5' }))).toMatch(
    /^the network lenet5 belongs .*, which continues with its own, lecun1989$/,
  );
});

it('names it on a command line by its options', async () => {
  wordMessagesAs(ofCommandLine);
  const leave = (folder: string) =>
    `belongs to the start of a run: leave it out when ${folder} is resumed, which`;
  expect(await refusal(resumed(run, { seed: 3 }))).toBe(`--seed 3 ${leave(run)} continues with its own, 1`);
  expect(await refusal(resumed(tuned, { freeze: ['none'] }))).toBe(
    `--freeze none ${leave(tuned)} continues with its own, H1 H2 H3`,
  );
  expect(await refusal(resumed(tuned, { classWeights: 'none' }))).toBe(
    `--class-weights none ${leave(tuned)} began without`,
  );
  expect(await refusal(resumed(tuned, { withValidation: true }))).toBe(
    `--with-validation ${leave(tuned)} began without`,
  );
  expect(await refusal(resumed(run, { set: ['batchSize=4', 'epochs=2'] }))).toBe(
    `--set batchSize=4 epochs=2 ${leave(run)} continues as it began`,
  );
});
