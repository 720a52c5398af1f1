/** A fine-tuning that solves its head: prepares it from its record and runs it to the end. */
import { UserError } from '../../../src/core/errors';
import { counted } from '../../../src/core/text/counted';
import type { Loader } from '../../../src/data/loader/loader';
import type { Progress } from '../../../src/train/run/checkpoint';
import type { SplitModel } from '../../../src/finetune/split-model';
import { linearHeadOf } from '../../../src/finetune/solve/linear-head';
import type { ChosenDecay } from '../../../src/finetune/solve/solve-path';
import { solveRun, type SolveRunOptions } from '../../../src/finetune/solve/solve-run';
import { note } from '../../cli/output';
import { endAfterOutput, interruption } from '../../cli/interruption';
import { saySolved } from '../../cli/progress';
import type { FinetuneRun } from './finetune-run';

/** A fine-tuning that solves its head, with the network split at the head. */
export interface Solving extends Pick<SolveRunOptions, 'folder' | 'record' | 'layer'> {
  readonly run: FinetuneRun;
  readonly parts: SplitModel;
}

/** Null for a fine-tuning that uses gradient descent. */
export function solvingOf(run: FinetuneRun): Solving | null {
  const { folder, record, learning } = run;
  const { recipe } = record;
  const { optimiser } = recipe;
  if (optimiser.kind !== 'lbfgs') return null;
  const head = linearHeadOf(learning, recipe.loss);
  if (head.kind === 'other')
    throw new UserError(`${folder}: expected a run whose head can be solved, found ${head.why}`);
  const { parts, layer } = head;
  return { run, folder, record: { ...record, recipe: { ...recipe, optimiser } }, parts, layer };
}

/**
 * Solves the head and reports its progress. Ctrl-C ends the process with code 130.
 * @param goOn the command that resumes the fine-tuning, shown after an interruption
 */
export async function solveToTheEnd(
  { run: { data }, folder, record, parts, layer }: Solving,
  loader: Loader,
  goOn: string,
): Promise<{ readonly progress: Progress; readonly chosen: ChosenDecay }> {
  const { train, validation } = data;
  note(
    `solving the head of ${record.network} on ${train.name}, ${counted(train.labels.length, 'image')}, in ${folder}`,
  );
  const { signal, release } = interruption();
  const { progress, chosen } = await solveRun({
    folder,
    record,
    head: parts.head,
    layer,
    loader,
    data: train,
    validation,
    signal,
    onDecay: saySolved,
  }).finally(release);
  if (chosen) return { progress, chosen };
  note(`interrupted before the head was solved; resume with: ${goOn}`);
  return endAfterOutput(130);
}
