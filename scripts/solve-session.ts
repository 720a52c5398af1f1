/** A fine-tuning whose head is solved, from its record to its end. */
import { UserError } from '../src/errors';
import { counted } from '../src/counted';
import type { Feed } from '../src/data/feed';
import type { Progress } from '../src/train/checkpoint';
import type { Parts } from '../src/train/frozen-trunk';
import { linearHeadOf } from '../src/train/linear-head';
import type { ChosenDecay } from '../src/train/solve-path';
import { solveRun, type SolveRunOptions } from '../src/train/solve-run';
import { note } from './cli';
import { endAfterOutput } from './closed-output';
import { interruption } from './interruption';
import { saySolved } from './progress';
import type { TuningRun } from './tuning-run';

/** A fine-tuning that solves its head, with the network parted at that. */
export interface Solving extends Pick<SolveRunOptions, 'folder' | 'record' | 'layer'> {
  readonly run: TuningRun;
  readonly parts: Parts;
}

/** Null for a fine-tuning that descends gradients. */
export function solvingOf(run: TuningRun): Solving | null {
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
 * Solves the head, telling how it goes. Ctrl-C ends the process with code 130.
 * @param goOn the command that goes on, for whoever interrupts it
 */
export async function solveToTheEnd(
  { run: { data }, folder, record, parts, layer }: Solving,
  feed: Feed,
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
    feed,
    data: train,
    validation,
    signal,
    onDecay: saySolved,
  }).finally(release);
  if (chosen) return { progress, chosen };
  note(`interrupted before the head was solved; go on with: ${goOn}`);
  return endAfterOutput(130);
}
