/** A fine-tuning that solves its head: prepares it from its record and runs it to the end. */
import { UserError } from '../../core/errors';
import { gatherJson } from '../../core/io/process/communicator';
import { ofFirst } from '../../core/io/process/together';
import { counted } from '../../core/text/counted';
import type { Loader } from '../../data/loader/loader';
import type { Progress } from '../../train/run/checkpoint';
import type { SplitModel } from '../../finetune/split-model';
import { linearHeadOf } from '../../finetune/solve/linear-head';
import type { ChosenDecay } from '../../finetune/solve/solve-path';
import { solveRun, type SolveRunOptions } from '../../finetune/solve/solve-run';
import { takeWeightsOfFirst } from '../../train/run/state-of-ranks';
import type { Context } from '../context';
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
 * Solves the head.
 * @returns null if the workflow's signal was aborted before: nothing is saved then
 */
export async function solveToTheEnd(
  { run: { data }, folder, record, parts, layer }: Solving,
  loader: Loader,
  { remark, tell, signal, ranks }: Context,
): Promise<{ readonly progress: Progress; readonly chosen: ChosenDecay } | null> {
  const { train, validation } = data;
  tell({ kind: 'begun', folder });
  remark(
    `solving the head of ${record.network} on ${train.name}, ${counted(train.labels.length, 'image')}, in ${folder}`,
  );
  const { progress, chosen } = await solveRun({
    folder,
    record,
    head: parts.head,
    layer,
    loader,
    data: train,
    validation,
    ...(signal && { signal }),
    onDecay: (solved) => tell({ kind: 'solved', solved }),
  });
  // Each rank has solved it, and one that was asked to end has not.
  const all = await gatherJson(ranks, chosen !== null);
  if (all.includes(false)) return null;
  await takeWeightsOfFirst(ranks, { model: parts.head });
  return ofFirst(ranks, { progress, chosen: chosen! });
}
