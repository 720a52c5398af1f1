/** Selects the weights of a run or model folder: those of the best epoch or the last, as its report does. */
import { option, resumeCall } from '../../core/text/wording';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../core/errors';
import { modelFiles } from '../../weights/model-folder';
import { foundInstead, openRun, runFiles } from './run-record';

/** The file whose weights a folder stands for. */
export interface SelectedWeights {
  /**
   * `model`: the weights of a model folder, such as a finished fine-tuning; `best`, `last`: those of a run's best epoch
   * or last update.
   */
  readonly kind: 'model' | 'best' | 'last';
  readonly path: string;
}

/**
 * @param asked which weights of a run to take. Default: those that its report uses
 * @throws UserError when the folder is neither a run nor a model, has no weights yet or not the requested ones, or is
 *   an unfinished fine-tuning, whose weights may be only a part of the network's
 */
export async function selectedWeights(folder: string, asked?: 'best' | 'last'): Promise<SelectedWeights> {
  const has = (file: string) => existsSync(join(folder, file));
  if (has(modelFiles.record)) {
    if (asked !== undefined)
      throw new UserError(
        `${option('weights')}: expected a run, which has several, found a model in ${folder}`,
      );
    return { kind: 'model', path: join(folder, modelFiles.weights) };
  }
  if (!has(runFiles.record))
    throw new UserError(
      `${folder}: expected a run’s folder or a model’s, found ${await foundInstead(folder, `neither ${runFiles.record} nor ${modelFiles.record} in it`)}`,
    );
  if ((await openRun(folder)).finetune)
    throw new UserError(
      `${folder}: expected a fine-tuning that has ended, found one to resume by ${resumeCall('finetune', folder)}`,
    );
  const kind = asked ?? (has(runFiles.best) ? 'best' : 'last');
  if (has(runFiles[kind])) return { kind, path: join(folder, runFiles[kind]) };
  throw new UserError(`${folder}: expected trained weights, found no ${runFiles[kind]} in it`);
}
