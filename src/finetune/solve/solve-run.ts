/** Solves the linear head of a run, where other trainings descend its gradient: log and checkpoint are as theirs. */
import { join } from 'node:path';
import type { RecipeWith } from '../../core/network';
import type { tf } from '../../core/tf';
import { saveCheckpoint } from '../../train/run/checkpoint';
import { openLog } from '../../train/run/log';
import { noteSkipped, runFiles, type RunRecord } from '../../train/run/run-record';
import { solveHead, type SolvedHead, type SolveHeadOptions } from './solve-head';

export interface SolveRunOptions extends Pick<
  SolveHeadOptions,
  'layer' | 'loader' | 'data' | 'validation' | 'onDecay'
> {
  /**
   * Made by `createRun`. A resumed run solves the head from the beginning: this gives the same weights and takes
   * seconds.
   */
  readonly folder: string;
  readonly record: RunRecord & { readonly recipe: RecipeWith<'lbfgs'> };
  /** Computes scores from features. */
  readonly head: tf.LayersModel;
  /** Aborting it ends the run without a checkpoint: solving again takes no longer than reading one would. */
  readonly signal?: AbortSignal | undefined;
}

/** Fits the head in place, and writes the run's log and its checkpoint. */
export async function solveRun({ folder, record, head, ...options }: SolveRunOptions): Promise<SolvedHead> {
  const { classes, recipe, seed, finetune } = record;
  const log = await openLog(folder, -1, () => {}); // nothing is kept from an interrupted session
  try {
    const solved = await solveHead({
      ...options,
      ...{ recipe, classes, seed, withValidation: finetune?.withValidation ?? false },
      onSkipped: (skipped) => noteSkipped(folder, skipped),
      onDecay: (found) => {
        log.write({ ...found.summary, residentBytes: process.memoryUsage.rss() });
        options.onDecay?.(found);
      },
    });
    if (solved.chosen) await saveCheckpoint(join(folder, runFiles.last), head, null, solved.progress);
    return solved;
  } finally {
    log.close();
  }
}
