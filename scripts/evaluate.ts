import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import { cropKinds, type CropKind } from '../src/data/crops-for';
import type { ImageSet } from '../src/data/dataset';
import { openFeed } from '../src/data/feed';
import { withLabelsOf } from '../src/data/named-labels';
import { openTestData, openTuningData } from '../src/data/open';
import { UserError } from '../src/errors';
import { evaluate as evaluateModel } from '../src/report/evaluate';
import { evaluationText } from '../src/report/evaluation-text';
import type { BackendName, Runtime } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { loadCheckpoint } from '../src/train/checkpoint';
import { loadFitted } from '../src/train/fitted-file';
import { modelFiles } from '../src/train/model-folder';
import { openRun, runFiles } from '../src/train/run-record';
import { backendOption, chooseBackend, commit, jsonOption, note, print, type Command } from './cli';
import { cropsOf, resizeOption } from './crop-options';
import { feedOptions, noteSkipped, packedSet, type FeedArguments } from './feed-options';
import { writeJson, writeReport } from './run-session';
import { dataOptions, nameOf, openRunData, workersOf } from './run-start';
import { openUsable } from './trained-model';

interface Arguments extends FeedArguments {
  model: string;
  data?: string | undefined;
  crops?: CropKind | undefined;
  resize?: string | undefined;
  labels?: string | undefined;
  weights?: 'last' | 'best' | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

export const evaluate: Command<Arguments> = {
  command: 'evaluate <model>',
  describe: 'measure the error of a run or of a model folder',
  builder: (argv) =>
    feedOptions(jsonOption(backendOption(argv)))
      .positional('model', { type: 'string', demandOption: true, describe: "a run's or a model's folder" })
      .option('data', {
        type: 'string',
        describe: "a data set with the model's classes (default: the run's own, its test set)",
      })
      .option('crops', {
        choices: cropKinds,
        describe:
          'average over parts of each picture: centre one, ten (AlexNet), grid 50 a scale (VGG), squares 36 a scale (GoogLeNet)',
      })
      .option('resize', resizeOption)
      .option('labels', { type: 'string', describe: 'a file of class names, one a line' })
      .option('weights', {
        choices: ['last', 'best'] as const,
        describe: "a run's: of the last epoch, or best on validation (default: best if there)",
      })
      .example('$0 evaluate models/googlenet --data photos --crops ten', ''),
  handler: async (given) => {
    const runtime = await chooseBackend(given.backend);
    await (existsSync(join(given.model, modelFiles.record))
      ? evaluateModelFolder(given, runtime)
      : evaluateRun(given));
  },
};

async function evaluateModelFolder(given: Arguments, runtime: Runtime): Promise<void> {
  const { model: folder, weights, json, cache } = given;
  if (weights !== undefined)
    throw new UserError(`--weights: expected a run, which has several, found a model in ${folder}`);
  const trained = await openUsable(folder, given.labels);
  const { network, model, recipe, fitted, labels } = trained;
  try {
    const crops = cropsOf(given, recipe);
    const { name, found } = await testDataOf(folder, given.data);
    const test = withLabelsOf(found, labels, model.outputs[0]!.shape.at(-1)!);
    const onBadPicture = given['on-bad-image'];
    const workers = workersOf(given.workers);
    const seen = cache
      ? await packedSet(test, {
          cache,
          recipe: packable(given, recipe),
          workers,
          onBadPicture,
          onProgress: note,
        })
      : test;
    const feed = openFeed({ workers, onBadPicture });
    const evaluation = await evaluateModel({ model, recipe, data: seen, fitted, feed, crops });
    await feed.close();
    const command = ['cnn-lineage', ...process.argv.slice(2)].join(' ');
    const report = {
      run: folder,
      network,
      ...evaluation,
      command,
      commit: commit(),
      machine: machine(runtime),
    };
    const path = join(folder, reportName(name, given));
    await writeJson(path, report);
    noteSkipped(evaluation.skippedPictures ?? [], path);
    print(json, report, `${evaluationText(evaluation)}\n\n${evaluation.protocol}; written to ${path}`);
  } finally {
    model.dispose();
  }
}

/** What a model is evaluated on: a fine-tuned one by default on what it has not seen of its own data. */
async function testDataOf(
  folder: string,
  name: string | undefined,
): Promise<{ name: string; found: ImageSet }> {
  const record = existsSync(join(folder, runFiles.record)) ? await openRun(folder) : undefined;
  if (record?.tuning && (name === undefined || resolve(name) === resolve(record.data))) {
    const validationSplit = record.validationSplit!;
    const { test } = await openTuningData(record.data, { ...dataOptions(), validationSplit });
    return { name: record.data, found: test };
  }
  if (name !== undefined) return { name, found: await openTestData(name, dataOptions()) };
  throw new UserError(`${folder}: expected --data DIR, to evaluate the model on, found none`);
}

async function evaluateRun({ model: folder, data, weights, json, ...given }: Arguments): Promise<void> {
  const record = await openRun(folder);
  const kept = weights ?? (existsSync(join(folder, runFiles.best)) ? 'best' : 'last');
  const path = join(folder, runFiles[kept]);
  if (!existsSync(path))
    throw new UserError(`${folder}: expected trained weights, found no ${runFiles[kept]} in it`);
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
  const crops = cropsOf(given, recipe);
  const model = zoo[record.network as NetworkName].build({ classes, input: recipe.input.shape, seed });
  const progress = await loadCheckpoint(path, model);
  const fitted = await loadFitted(folder, recipe);
  const cache = given.cache ?? (own ? record.cache : undefined);
  const onBadPicture = given['on-bad-image'] ?? record.onBadPicture;
  const workers = workersOf(given.workers);
  const packing = cache && {
    cache,
    recipe: packable(given, recipe),
    workers,
    onBadPicture,
    onProgress: note,
  };
  const feed = openFeed({ workers, onBadPicture });
  const seen = packing ? await packedSet(test, packing) : test;
  const evaluation = await evaluateModel({ model, recipe, data: seen, fitted, feed, crops });
  await feed.close();
  const file = own && !crops ? runFiles.report : reportName(data ?? record.data, given);
  await writeReport({ folder, record, progress, evaluation, file, json });
}

/** Packed pictures are as large as the recipe's own crops need them, and of other crops too small. */
function packable<R>({ crops }: Pick<Arguments, 'crops'>, recipe: R): R {
  if (crops === undefined) return recipe;
  throw new UserError(`--cache: expected no --crops with packed pictures, found ${crops}`);
}

function reportName(data: string, { crops, resize }: Pick<Arguments, 'crops' | 'resize'>): string {
  const parts = [nameOf(data), crops, resize?.replaceAll(',', '-')].filter((part) => part !== undefined);
  return `report-${parts.join('-')}.json`;
}
