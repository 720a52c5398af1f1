import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { zoo, type NetworkName } from '../models/registry';
import type { CropKind } from '../src/data/crops-for';
import { withLabelsOf } from '../src/data/named-labels';
import { UserError } from '../src/errors';
import { withoutDrawing } from '../src/layers/initialise';
import type { BackendName, Runtime } from '../src/runtime/backend';
import { loadCheckpoint } from '../src/train/checkpoint';
import { fittedFile, loadFitted } from '../src/train/fitted-file';
import { openRun, runFiles } from '../src/train/run-record';
import type { TrainedModel } from '../src/train/trained-model';
import { cropsOf, inFormFor } from './crop-options';
import { packedFor, testDataOf, testDataOfRun } from './evaluation-data';
import { drawRejected, keepReport, reportName } from './evaluation-report';
import type { FeedArguments } from './feed-options';
import { resumableEvaluation, weightFilesIn } from './interrupted-evaluation';
import { drawPictures } from './run-pictures';
import { writeReport } from './run-session';
import { wholeNumber, workersOf } from './run-start';
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
  rejection?: string | undefined;
  json: boolean;
}

type OneModel = EvaluationArguments & { readonly model: string };

/** A model folder, on the data that is asked for. */
export async function evaluateModelFolder(given: OneModel, runtime: Runtime): Promise<void> {
  const { model: folder, weights, cache } = given;
  if (weights !== undefined)
    throw new UserError(`--weights: expected a run, which has several, found a model in ${folder}`);
  const opened = await openUsable(folder, given.labels);
  const crops = cropsOf(given, opened.recipe);
  const { network, model, recipe, fitted, labels } = inFormFor(crops, opened);
  try {
    const { name, found } = await testDataOf(folder, given.data);
    const test = withLabelsOf(found, labels, model.outputs[0]!.shape.at(-1)!);
    const onBadPicture = given['on-bad-image'];
    const workers = workersOf(given.workers);
    const seen = await packedFor(test, { cache, crops: given.crops, recipe, workers, onBadPicture });
    const path = join(folder, reportName(name, given));
    const { evaluation, answers, forget } = await resumableEvaluation({
      members: [{ model, recipe, fitted, crops }],
      data: seen,
      top: topOf(given),
      workers,
      onBadPicture,
      path,
      weights: weightFilesIn(folder),
      runtime,
    });
    await drawPictures(path, { model, data: test, answers });
    await keepReport({ run: folder, network, ...evaluation }, path, runtime, given);
    await forget();
  } finally {
    model.dispose();
  }
}

/** A run, by default on what it has not seen of its own data. */
export async function evaluateRun(given: OneModel, runtime: Runtime): Promise<void> {
  const { model: folder, data, weights, json } = given;
  const record = await openRun(folder);
  const kept = weights ?? (existsSync(join(folder, runFiles.best)) ? 'best' : 'last');
  const weightFile = join(folder, runFiles[kept]);
  if (!existsSync(weightFile))
    throw new UserError(`${folder}: expected trained weights, found no ${runFiles[kept]} in it`);
  const { test, own } = await testDataOfRun(record, data);
  const { recipe, classes, seed } = record;
  const crops = cropsOf(given, recipe);
  const network = record.network as NetworkName;
  const whole = withoutDrawing(() => zoo[network].build({ classes, input: recipe.input.shape, seed }));
  const progress = await loadCheckpoint(weightFile, whole);
  const { model } = inFormFor(crops, { network, model: whole });
  const fitted = await loadFitted(folder, recipe);
  const cache = given.cache ?? (own && !crops ? record.cache : undefined);
  const onBadPicture = given['on-bad-image'] ?? record.onBadPicture;
  const workers = workersOf(given.workers);
  const seen = await packedFor(test, { cache, crops: given.crops, recipe, workers, onBadPicture });
  const file = own && !crops ? runFiles.report : reportName(data ?? record.data, given);
  const { evaluation, answers, forget } = await resumableEvaluation({
    members: [{ model, recipe, fitted, crops }],
    data: seen,
    top: topOf(given),
    workers,
    onBadPicture,
    path: join(folder, file),
    weights: [weightFile, ...weightFilesIn(folder).filter((path) => basename(path) === fittedFile)],
    runtime,
  });
  await drawRejected(given.rejection, { ...evaluation, network });
  await drawPictures(join(folder, file), { model, data: test, answers });
  const rejection = given.rejection !== undefined;
  await writeReport({ folder, record, progress, evaluation, file, json, rejection });
  await forget();
}

/** Several models of the same classes, whose answers are averaged; the report lies in the first one's folder. */
export async function evaluateEnsemble(given: EvaluationArguments, runtime: Runtime): Promise<void> {
  const { models: folders } = given;
  if (given.weights !== undefined || given.cache !== undefined)
    throw new UserError('evaluate: expected neither --weights nor --cache with several models, found one');
  const trained: TrainedModel[] = [];
  try {
    for (const folder of folders) {
      const opened = await openUsable(folder, given.labels);
      trained.push(inFormFor(cropsOf(given, opened.recipe), opened));
    }
    const counts = trained.map(({ model }) => model.outputs[0]!.shape.at(-1)!);
    const other = counts.findIndex((count) => count !== counts[0]);
    if (other > 0)
      throw new UserError(
        `${folders[other]}: expected ${counts[0]} classes as ${folders[0]} has, found ${counts[other]}`,
      );
    const { name, found } = await testDataOf(folders[0]!, given.data);
    const data = withLabelsOf(found, trained[0]!.labels, counts[0]!);
    const file = reportName(name, given).replace('report-', `report-of-${folders.length}-`);
    const path = join(folders[0]!, file);
    const [first, ...others] = trained.map(({ model, recipe, fitted }) => ({
      model,
      recipe,
      fitted,
      crops: cropsOf(given, recipe),
    }));
    const { evaluation, answers, forget } = await resumableEvaluation({
      members: [first!, ...others],
      data,
      top: topOf(given),
      workers: workersOf(given.workers),
      onBadPicture: given['on-bad-image'],
      path,
      weights: folders.flatMap(weightFilesIn),
      runtime,
    });
    const run = folders.join(' + ');
    const network = [...new Set(trained.map((one) => one.network))].join(' + ');
    await drawPictures(path, { model: null, data, answers });
    await keepReport({ run, network, ...evaluation }, path, runtime, given);
    await forget();
  } finally {
    for (const { model } of trained) model.dispose();
  }
}

function topOf({ top }: Pick<EvaluationArguments, 'top'>): readonly number[] {
  return (top ?? []).map((k) => wholeNumber('--top', k, 1));
}
