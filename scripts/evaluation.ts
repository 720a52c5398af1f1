import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import type { CropKind } from '../src/data/crops-for';
import type { ImageSet } from '../src/data/dataset';
import { openFeed } from '../src/data/feed';
import { withLabelsOf } from '../src/data/named-labels';
import { openTestData, openTuningData } from '../src/data/open';
import { UserError } from '../src/errors';
import { evaluate as evaluateModel, type Evaluation } from '../src/report/evaluate';
import { evaluationText } from '../src/report/evaluation-text';
import type { BackendName, Runtime } from '../src/runtime/backend';
import { machine } from '../src/runtime/machine';
import { loadCheckpoint } from '../src/train/checkpoint';
import { loadFitted } from '../src/train/fitted-file';
import { openRun, runFiles } from '../src/train/run-record';
import { commandLine, commit, note, print } from './cli';
import { cropsOf } from './crop-options';
import { noteSkipped, packedSet, type FeedArguments } from './feed-options';
import { writeJson, writeReport } from './run-session';
import { dataOptions, nameOf, openRunData, wholeNumber, workersOf } from './run-start';
import type { TrainedModel } from '../src/train/trained-model';
import { openUsable } from './trained-model';

/** What `evaluate` is asked for. */
export interface EvaluationArguments extends FeedArguments {
  models: string[];
  data?: string | undefined;
  crops?: CropKind | undefined;
  resize?: string | undefined;
  top?: number[] | undefined;
  labels?: string | undefined;
  weights?: 'last' | 'best' | undefined;
  backend?: BackendName | undefined;
  json: boolean;
}

type OneModel = EvaluationArguments & { readonly model: string };

/** A model folder, on the data that is asked for. */
export async function evaluateModelFolder(given: OneModel, runtime: Runtime): Promise<void> {
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
    const top = topOf(given);
    const evaluation = await evaluateModel({ model, recipe, data: seen, fitted, feed, crops, top });
    await feed.close();
    await keepReport(
      { run: folder, network, ...evaluation },
      join(folder, reportName(name, given)),
      runtime,
      json,
    );
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
  if (record && !record.tuning) {
    const { test } = await openRunData(record.data, record.validationSplit);
    return { name: record.data, found: test };
  }
  throw new UserError(`${folder}: expected --data DIR, to evaluate the model on, found none`);
}

/** A run, by default on what it has not seen of its own data. */
export async function evaluateRun({ model: folder, data, weights, json, ...given }: OneModel): Promise<void> {
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
  const top = topOf(given);
  const evaluation = await evaluateModel({ model, recipe, data: seen, fitted, feed, crops, top });
  await feed.close();
  const file = own && !crops ? runFiles.report : reportName(data ?? record.data, given);
  await writeReport({ folder, record, progress, evaluation, file, json });
}

/** Several models of the same classes, whose answers are averaged; the report lies in the first one's folder. */
export async function evaluateEnsemble(given: EvaluationArguments, runtime: Runtime): Promise<void> {
  const { models: folders, json } = given;
  if (given.weights !== undefined || given.cache !== undefined)
    throw new UserError('evaluate: expected neither --weights nor --cache with several models, found one');
  const trained: TrainedModel[] = [];
  try {
    for (const folder of folders) trained.push(await openUsable(folder, given.labels));
    const counts = trained.map(({ model }) => model.outputs[0]!.shape.at(-1)!);
    const other = counts.findIndex((count) => count !== counts[0]);
    if (other > 0)
      throw new UserError(
        `${folders[other]}: expected ${counts[0]} classes as ${folders[0]} has, found ${counts[other]}`,
      );
    const { name, found } = await testDataOf(folders[0]!, given.data);
    const data = withLabelsOf(found, trained[0]!.labels, counts[0]!);
    const feed = openFeed({ workers: workersOf(given.workers), onBadPicture: given['on-bad-image'] });
    const [first, ...others] = trained.map(({ model, recipe, fitted }) => ({
      model,
      recipe,
      fitted,
      feed,
      crops: cropsOf(given, recipe),
    }));
    const evaluation = await evaluateModel({ ...first!, data, others, top: topOf(given) });
    await feed.close();
    const run = folders.join(' + ');
    const network = trained.map((one) => one.network).join(' + ');
    const file = reportName(name, given).replace('report-', `report-of-${folders.length}-`);
    await keepReport({ run, network, ...evaluation }, join(folders[0]!, file), runtime, json);
  } finally {
    for (const { model } of trained) model.dispose();
  }
}

/** Writes what an evaluation of models found beside them, and prints it. */
async function keepReport(
  found: Evaluation & { readonly run: string; readonly network: string },
  path: string,
  runtime: Runtime,
  json: boolean,
): Promise<void> {
  const report = { ...found, command: commandLine(), commit: commit(), machine: machine(runtime) };
  await writeJson(path, report);
  noteSkipped(found.skippedPictures ?? [], path);
  print(json, report, `${evaluationText(found)}\n\n${found.protocol}; written to ${path}`);
}

function topOf({ top }: Pick<EvaluationArguments, 'top'>): readonly number[] {
  return (top ?? []).map((k) => wholeNumber('--top', k, 1));
}

/** Packed pictures are as large as the recipe's own crops need them, and of other crops too small. */
function packable<R>({ crops }: Pick<EvaluationArguments, 'crops'>, recipe: R): R {
  if (crops === undefined) return recipe;
  throw new UserError(`--cache: expected no --crops with packed pictures, found ${crops}`);
}

function reportName(data: string, { crops, resize }: Pick<EvaluationArguments, 'crops' | 'resize'>): string {
  const parts = [nameOf(data), crops, resize?.replaceAll(',', '-')].filter((part) => part !== undefined);
  return `report-${parts.join('-')}.json`;
}
