/** The part of ranks in an experiment: rank 0 decides which runs are missing, and the others train them with it. */
import { rm } from 'node:fs/promises';
import { ofFirst } from '../../core/io/process/together';
import { evaluate } from '../../evaluate/evaluate';
import { drawnModel } from '../../train/run/run';
import type { RunRecord } from '../../train/run/run-record';
import { Diverged } from '../../train/step/step';
import { networkOf, type Context } from '../context';
import { trainToTheEnd } from '../train/finish-run';
import { folderOfRank } from '../train/run-of-ranks';
import type { Reproduction } from './reproduction';

/** What rank 0 is about to train. */
interface NextRun {
  readonly record: RunRecord;
  /** Whether the error on the test set is measured after each epoch and at the end. */
  readonly tested: boolean;
}

/** Says to the other ranks which run they train with rank 0; null after the last one. */
export async function announce({ ranks }: Pick<Context, 'ranks'>, next: NextRun | null): Promise<void> {
  await ofFirst(ranks, next);
}

/** Trains and tests, on a rank other than 0, what rank 0 announces, until it has announced the end. */
export async function follow({ data, context }: Pick<Reproduction, 'data' | 'context'>): Promise<void> {
  const { ranks, zoo } = context;
  for (;;) {
    const next = await ofFirst<NextRun | null>(ranks, null);
    if (!next) return;
    const { record, tested } = next;
    const folder = await folderOfRank();
    const model = drawnModel(networkOf(zoo, record.network, folder), record);
    try {
      const watched = tested ? { watched: { test: data.test } } : {};
      const { finished } = await trainToTheEnd({ folder, record, data }, { model, ...watched }, context);
      if (finished && tested)
        await evaluate({ model, recipe: record.recipe, data: data.test, communicator: ranks });
    } catch (error) {
      if (!(error instanceof Diverged)) throw error; // rank 0 has met it too, and notes it
    } finally {
      model.dispose();
      await rm(folder, { recursive: true, force: true });
    }
  }
}
