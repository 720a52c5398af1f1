/** Trains a network by its recipe in a folder of its own, from the first update to the report. */
import { expectOptions, type OptionNames } from '../../core/given/options';
import {
  openContext,
  ranksOption,
  workflowOptions,
  type RanksOption,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { checkAnswers, type AnswersOption } from '../evaluate/answers-output';
import { finishRun, type RunOutcome } from './finish-run';
import { runOfRanks } from './run-of-ranks';
import { commonChoices, newRun, resumedRun, type RunChoices } from './start-run';

export interface TrainRunOptions extends RunChoices, AnswersOption, RanksOption, WorkflowOptions {}

const names: OptionNames<TrainRunOptions> = {
  data: 'optional',
  startFrom: 'optional',
  epochs: 'optional',
  batch: 'optional',
  validation: 'optional',
  validationSplit: 'optional',
  checkpointEvery: 'optional',
  linearScaling: 'optional',
  answers: 'optional',
  ...commonChoices,
  ...ranksOption,
  ...workflowOptions,
};

/**
 * Trains a network by its recipe, evaluates it on the test set, and leaves a run's folder with all that was decided,
 * the log, the weights and the report. An aborted `signal` ends it after the current update, saved.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for data, options or a folder that do not fit
 */
export async function trainRun(zoo: Zoo, options: TrainRunOptions): Promise<RunOutcome> {
  expectOptions('trainRun', options, names);
  checkAnswers('trainRun', options.answers);
  const context = await openContext(zoo, ['trainRun', options], options);
  const run = await runOfRanks(
    context,
    (leading) => newRun(options, leading),
    (folder, record, looked) => resumedRun(folder, record, { workers: options.workers, looked }, context),
  );
  return finishRun(run, context, options);
}
