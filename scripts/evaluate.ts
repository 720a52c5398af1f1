import { join, resolve } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { openFeed } from '../src/data/feed';
import { openTestData } from '../src/data/open';
import { UserError } from '../src/errors';
import { evaluate as evaluateModel } from '../src/report/evaluate';
import type { BackendName } from '../src/runtime/backend';
import { loadCheckpoint } from '../src/train/checkpoint';
import { openRun, runFiles } from '../src/train/run-record';
import { existsSync } from 'node:fs';
import { backendOption, chooseBackend, jsonOption, note, type Command } from './cli';
import { feedOptions, packedSet, type FeedArguments } from './feed-options';
import { writeReport } from './run-session';
import { dataOptions, nameOf, openRunData, workersOf } from './run-start';

interface Arguments extends FeedArguments {
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
    feedOptions(jsonOption(backendOption(argv)))
      .positional('run', { type: 'string', demandOption: true, describe: "the run's folder" })
      .option('data', { type: 'string', describe: 'another data set with the same classes' })
      .option('weights', {
        choices: ['last', 'best'] as const,
        describe: 'of the last epoch, or best on validation (default: best if there)',
      }),
  handler: async ({ run: folder, data, weights, backend, json, ...given }) => {
    const record = await openRun(folder);
    const kept = weights ?? (existsSync(join(folder, runFiles.best)) ? 'best' : 'last');
    const path = join(folder, runFiles[kept]);
    if (!existsSync(path))
      throw new UserError(`${folder}: expected trained weights, found no ${runFiles[kept]} in it`);
    await chooseBackend(backend);
    // Of the run's own data, only what it has not seen; of others all, where they are not parted.
    const own = data === undefined || resolve(data) === resolve(record.data);
    const test = own
      ? (await openRunData(record.data, record.validationSplit)).test
      : await openTestData(data, dataOptions());
    if (test.classes.length !== record.classes) {
      throw new UserError(
        `${test.name}: expected ${record.classes} classes as in training, found ${test.classes.length}`,
      );
    }
    const { recipe, classes, seed } = record;
    const model = zoo[record.network as NetworkName].build({ classes, input: recipe.input.shape, seed });
    const progress = await loadCheckpoint(path, model);
    const cache = given.cache ?? (own ? record.cache : undefined);
    const onBadPicture = given['on-bad-image'] ?? record.onBadPicture;
    const workers = workersOf(given.workers);
    const packing = cache && { cache, recipe, workers, onBadPicture, onProgress: note };
    const feed = openFeed({ workers, onBadPicture });
    const seen = packing ? await packedSet(test, packing) : test;
    const evaluation = await evaluateModel({ model, recipe, data: seen, feed });
    await feed.close();
    const file = own ? runFiles.report : `report-${nameOf(data)}.json`;
    await writeReport({ folder, record, progress, evaluation, file, json });
  },
};
