import { join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { UserError } from '../src/errors';
import { evaluate as evaluateModel } from '../src/report/evaluate';
import type { BackendName } from '../src/runtime/backend';
import { loadCheckpoint } from '../src/train/checkpoint';
import { openRun, runFiles } from '../src/train/run-record';
import { existsSync } from 'node:fs';
import { backendOption, chooseBackend, jsonOption, type Command } from './cli';
import { writeReport } from './run-session';
import { nameOf, openRunData } from './run-start';

interface Arguments {
  run: string;
  data?: string | undefined;
  weights?: 'last' | 'best' | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

export const evaluate: Command<Arguments> = {
  command: 'evaluate <run>',
  describe: "measure a run's error on its test set",
  builder: (argv) =>
    jsonOption(backendOption(argv))
      .positional('run', { type: 'string', demandOption: true, describe: "the run's folder" })
      .option('data', { type: 'string', describe: 'another data set with the same classes' })
      .option('weights', {
        choices: ['last', 'best'] as const,
        describe: 'of the last epoch, or best on validation (default: best if there)',
      }),
  handler: async ({ run: folder, data, weights, backend, json }) => {
    const record = await openRun(folder);
    const kept = weights ?? (record.validationImages > 0 ? 'best' : 'last');
    const path = join(folder, runFiles[kept]);
    if (!existsSync(path))
      throw new UserError(`${folder}: expected trained weights, found no ${runFiles[kept]} in it`);
    await chooseBackend(backend);
    const { test } = await openRunData(data ?? record.data);
    if (test.classes.length !== record.classes) {
      throw new UserError(
        `${test.name}: expected ${record.classes} classes as in training, found ${test.classes.length}`,
      );
    }
    const { recipe, classes, seed } = record;
    const model = zoo[record.network as NetworkName].build({ classes, input: recipe.input.shape, seed });
    const progress = await loadCheckpoint(path, model);
    const evaluation = await evaluateModel({ model, recipe, data: test });
    const file = data === undefined || data === record.data ? runFiles.report : `report-${nameOf(data)}.json`;
    await writeReport({ folder, record, progress, evaluation, file, json });
  },
};
