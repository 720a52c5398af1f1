/** Resumes the training or the fine-tuning in a folder, with nothing changed that was settled when it began. */
import { performance } from 'node:perf_hooks';
import { UserError } from '../../core/errors';
import { alone } from '../../core/io/process/communicator';
import { byFirst } from '../../core/io/process/together';
import { badImagePolicies } from '../../data/image/bad-image';
import { expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { option, resumeCall } from '../../core/text/wording';
import { openRun, type RunRecord } from '../../train/run/run-record';
import {
  openContext,
  ranksOption,
  workflowOptions,
  type RanksOption,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { checkAnswers, type AnswersOption } from '../evaluate/answers-output';
import { finishFinetune, type FinetuneReport } from '../finetune/finetune';
import { expectFinetune, resumedFinetune, type FinetuneRunChoices } from '../finetune/finetune-run';
import { finishRun, type RunOutcome, type RunReport } from './finish-run';
import { runOfRanks } from './run-of-ranks';
import { resumedRun, type GoingOn, type RunChoices } from './start-run';

/** What may be said when a run is resumed: none of it affects its results. */
export interface ResumeRunOptions extends GoingOn, AnswersOption, RanksOption, WorkflowOptions {}

const names: OptionNames<ResumeRunOptions> = {
  workers: 'optional',
  onBadImage: badImagePolicies,
  data: 'optional',
  test: 'optional',
  answers: 'optional',
  ...ranksOption,
  ...workflowOptions,
};

/** What a run has for an option; undefined if its record does not keep it. */
type Settled = (record: RunRecord) => string | number | undefined;

/** What is settled when a run begins. */
type SettledName = Exclude<keyof RunChoices | keyof FinetuneRunChoices, keyof GoingOn>;

export const settled: Readonly<Record<SettledName, Settled | undefined>> = {
  network: ({ network }) => network,
  weights: ({ finetune }) => finetune?.weights,
  names: ({ finetune }) => finetune?.names ?? 'none',
  out: undefined,
  startFrom: ({ start }) => start?.checkpoint ?? 'none',
  freeze: ({ finetune }) => finetune?.frozen.join(' ') || 'none',
  method: ({ recipe }) => (recipe.optimiser.kind === 'lbfgs' ? 'solve' : 'descend'),
  withValidation: ({ finetune }) => String(finetune?.withValidation ?? false),
  layerRate: undefined,
  rate: undefined,
  optimiser: ({ recipe }) => recipe.optimiser.kind,
  warmUp: ({ recipe }) => recipe.warmUp?.epochs ?? 'none',
  labelSmoothing: ({ recipe: { loss } }) =>
    (loss.kind === 'softmaxCrossEntropy' ? loss.labelSmoothing : undefined) ?? 'none',
  clipNorm: ({ recipe }) => recipe.clipNorm ?? 'none',
  accumulate: ({ recipe }) => recipe.accumulate ?? 'none',
  seed: ({ seed }) => seed,
  epochs: ({ recipe }) => recipe.epochs,
  batch: ({ recipe }) => recipe.batchSize,
  variants: ({ recipe }) => recipe.variants ?? 'none',
  patience: ({ patience }) => patience ?? 'none',
  classWeights: ({ recipe: { loss } }) =>
    loss.kind === 'softmaxCrossEntropy' && loss.classWeights ? 'balanced' : 'none',
  set: undefined,
  validation: ({ validationImages }) => validationImages,
  validationSplit: ({ validationSplit }) => validationSplit ?? 'none',
  checkpointEvery: ({ checkpointEvery }) => checkpointEvery,
  step: ({ step }) => step,
  precision: ({ precision }) => precision,
  wire: ({ wire }) => wire ?? 'none',
  linearScaling: ({ linearScaling }) => linearScaling ?? 'none',
  cache: ({ cache }) => cache ?? 'none',
};

/**
 * Resumes the training or fine-tuning in a folder and brings it to its end, as `trainRun` and `finetune` do. On the
 * same machine, backend and threads it ends with the same weights, bit for bit, as if it had not been interrupted.
 * @throws UserError for a folder without a run, for data that has changed, and for an option that was settled when the
 *   run began, naming what the run has
 */
export async function resumeRun(
  zoo: Zoo,
  folder: string,
  options: ResumeRunOptions = {},
): Promise<RunOutcome<RunReport | FinetuneReport>> {
  expectText('resumeRun', 'the folder of a run', folder);
  const began = performance.now();
  const { answers, workers, communicator: ranks = alone } = options;
  // The folder is rank 0's: the others may not even see it.
  let found: RunRecord | undefined;
  const kind = await byFirst(ranks, async () => {
    await expectNothingSettled(folder, options as Readonly<Record<string, unknown>>);
    expectOptions('resumeRun', options, names);
    checkAnswers('resumeRun', answers);
    found = await openRun(folder);
    return kindOf(found);
  });
  const context = await openContext(zoo, ['resumeRun', folder, options], options);
  if (kind === 'train') {
    const run = await runOfRanks(
      context,
      (leading) => resumedRun(folder, found!, options, leading),
      (copy, record, looked) => resumedRun(copy, record, { workers, looked }, context),
    );
    return finishRun(run, context, { answers });
  }
  const run = await runOfRanks(
    context,
    (leading) => resumedFinetune(folder, expectFinetune(found!), options, leading),
    (copy, record, looked) => resumedFinetune(copy, expectFinetune(record), { workers, looked }, context),
  );
  return finishFinetune(run, context, { began, answers });
}

function kindOf({ finetune }: RunRecord): 'train' | 'finetune' {
  return finetune ? 'finetune' : 'train';
}

/**
 * For callers that resume runs of one kind alone.
 * @throws UserError for a run of the other kind, saying what resumes it
 */
export async function expectRunOf(verb: 'train' | 'finetune', folder: string): Promise<void> {
  const found = kindOf(await openRun(folder));
  if (found === verb) return;
  throw new UserError(
    `${folder}: expected a run of ${verb}, found one of ${found}; resume it by ${resumeCall(found, folder)}`,
  );
}

/** @throws UserError for the first option that the run has settled, naming the run's value */
async function expectNothingSettled(folder: string, given: Readonly<Record<string, unknown>>): Promise<void> {
  const names = Object.keys(settled) as SettledName[];
  const name = names.find((one) => given[one] !== undefined);
  if (name === undefined) return;
  const has = settled[name]?.(await openRun(folder));
  const own =
    has === undefined
      ? 'continues as it began'
      : has === 'none' || has === 'false'
        ? 'began without'
        : `continues with its own, ${has}`;
  throw new UserError(
    `${asGiven(name, given[name])} belongs to the start of a run: leave it out when ${folder} is resumed, which ${own}`,
  );
}

/** The option as it was given. */
function asGiven(name: SettledName, value: unknown): string {
  if (value === true) return option(name);
  const text = Array.isArray(value) ? value.join(' ') : String(value);
  return name === 'network' ? `the network ${text}` : option(name, text);
}
