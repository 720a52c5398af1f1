/** Trains a network by its recipe in a folder of its own, from the first update to the report. */
import { openContext, type WorkflowOptions, type Zoo } from '../context';
import { finishRun, type RunOutcome } from './finish-run';
import { newRun, type RunChoices } from './start-run';

export interface TrainRunOptions extends RunChoices, WorkflowOptions {}

/**
 * Trains a network by its recipe, evaluates it on the test set, and leaves a run's folder with all that was decided,
 * the log, the weights and the report. An aborted `signal` ends it after the current update, saved.
 * @returns the folder, and the report unless it was interrupted; `resumeRun` goes on
 * @throws UserError for data, options or a folder that do not fit
 */
export async function trainRun(zoo: Zoo, options: TrainRunOptions): Promise<RunOutcome> {
  const context = await openContext(zoo, ['trainRun', options], options);
  return finishRun(await newRun(options, context), context);
}
