/** Evaluates a trained or imported network, or several together. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CropKind } from '../../../src/data/augment/evaluation-crops';
import { findClasses, type NamedClasses } from '../../../src/data/inspect/match-classes';
import { counted } from '../../../src/core/text/counted';
import { UserError } from '../../../src/core/errors';
import type { BackendName, Runtime } from '../../../src/runtime/backend';
import { hasEnded } from '../../../src/train/run/checkpoint';
import { fittedFile } from '../../../src/weights/fitted-file';
import { runFiles } from '../../../src/train/run/run-record';
import { note } from '../../cli/output';
import { cropsOf, inFormFor, type LoaderArguments } from '../../cli/options/shared-options';
import { expectImageSize, packedFor, testDataOf, type TestData } from './evaluation-data';
import { drawRejected, factsOf, freeReport, keepReport, reportName } from './evaluation-report';
import { resumableEvaluation, weightFilesIn } from './resumable-evaluation';
import { drawImages } from '../../../src/workflows/run-images';
import { writeReport } from '../train/run-to-end';
import { expectImages } from '../train/start-run';
import { seenInTraining } from './seen-in-training';
import { classesOfModel, notLoadedIn, openUsable, type Opened } from '../open-trained';
import { wholeNumber, workersOf } from '../../cli/numbers';

/** The arguments of `evaluate`. */
export interface EvaluationArguments extends LoaderArguments {
  models: string[];
  data?: string | undefined;
  out?: string | undefined;
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

/** Evaluates a run or a model folder; a run, by default, on those of its own images that it has not seen. */
export async function evaluateOne(given: OneModel, runtime: Runtime): Promise<void> {
  const { model: folder, rejection } = given;
  const opened = await openInForm(folder, given);
  const { network, model, recipe, fitted, crops, record, progress } = opened;
  try {
    const onBadImage = given['on-bad-image'] ?? record?.onBadImage;
    const test = await testDataOf({ ...opened, folder, labelsFrom: given.labels }, given.data, onBadImage);
    expectImages(test.set, { cache: given.cache, onBadImage: given['on-bad-image'] });
    expectImageSize({ ...opened, folder }, test.set);
    const facts = factsOf(test, [await seenInTraining({ folder, record }, test)]);
    const cache = given.cache ?? (progress && test.own && !crops ? record?.cache : undefined);
    const workers = workersOf(given.workers);
    const seen = await packedFor(test.set, {
      ...{ cache, crops: given.crops, recipe, workers, onBadImage },
      ...(test.sha256.length > 0 && { sha256: test.sha256 }),
    });
    const path = freeReport(join(given.out ?? folder, await fileOf(opened, test, given)), test);
    const { evaluation, answers, forget } = await resumableEvaluation({
      members: [{ model, recipe, fitted, crops }],
      data: seen,
      fingerprint: test.fingerprint,
      top: topOf(given, test),
      workers,
      onBadImage,
      path,
      weights: [
        opened.weights.path,
        ...weightFilesIn(folder).filter((file) => basename(file) === fittedFile),
      ],
      runtime,
    });
    await drawImages(path, { model, data: test.set, answers });
    const found = { ...evaluation, ...facts, ...notLoadedIn([opened]) };
    if (record && progress) {
      await drawRejected(rejection, { ...found, network });
      const written = { folder, record, progress, evaluation: found, path };
      await writeReport({ ...written, json: given.json, rejection: rejection !== undefined });
    } else await keepReport({ run: folder, network, ...found }, path, runtime, given);
    await forget();
  } finally {
    model.dispose();
  }
}

/** Opens a network in the form that takes the requested crops. */
async function openInForm(folder: string, given: EvaluationArguments) {
  const opened = await openUsable(folder, given);
  try {
    const crops = cropsOf(given, opened.recipe);
    return { ...inFormFor(crops, opened), crops };
  } catch (error) {
    opened.model.dispose();
    throw error;
  }
}

/**
 * `report.json` is reserved for one evaluation: a completed run's selected weights on the images that it set aside.
 * Every other evaluation gets a file with another name.
 */
async function fileOf(
  { progress, record, weights }: Pick<Opened, 'progress' | 'record' | 'weights'>,
  { own, name }: TestData,
  given: OneModel,
): Promise<string> {
  if (!record || !progress) return reportName(name, given);
  const asked = [
    ...(given.weights === undefined ? [] : [weights.kind]),
    ...(given.labels === undefined ? [] : ['other-labels']),
  ];
  const has = (file: string) => existsSync(join(given.model, file));
  const last = join(given.model, runFiles.last);
  const ended = has(runFiles.report) || (await hasEnded(last, record.recipe.epochs));
  const underway = ended ? [] : [`after-${progress.epochs}-epochs`];
  if (own && !given.crops && asked.length + underway.length === 0) return runFiles.report;
  return reportName(name, given, [...asked, ...underway]);
}

/** Evaluates several models of the same classes by averaging their answers; the report is in the first one's folder. */
export async function evaluateEnsemble(given: EvaluationArguments, runtime: Runtime): Promise<void> {
  const { models: folders } = given;
  const found = (['weights', 'cache'] as const).filter((name) => given[name] !== undefined);
  if (found.length > 0)
    throw new UserError(
      `${found.map((name) => `--${name}`).join(', ')}: expected one model, found ${counted(given.models.length, 'model')}`,
    );
  const opened: Awaited<ReturnType<typeof openInForm>>[] = [];
  try {
    for (const folder of folders) opened.push(await openInForm(folder, given));
    const naming = namingMember(folders, opened);
    const [first, ...others] = opened.map((one, index) => memberOf(naming, folders[index]!, one));
    const onBadImage = given['on-bad-image'] ?? opened[0]!.record?.onBadImage;
    const { labels, synsets } = naming;
    const own = { ...opened[0]!, folder: folders[0]!, labels, synsets, labelsFrom: given.labels };
    const test = await testDataOf(own, given.data, onBadImage);
    expectImages(test.set, { onBadImage: given['on-bad-image'] });
    opened.forEach((one, index) => expectImageSize({ ...one, folder: folders[index]! }, test.set));
    const seen = await Promise.all(
      opened.map(({ record }, index) => seenInTraining({ folder: folders[index]!, record }, test)),
    );
    const file = reportName(test.name, given).replace('report-', `report-of-${folders.length}-`);
    const path = freeReport(join(given.out ?? folders[0]!, file), test);
    const { evaluation, answers, forget } = await resumableEvaluation({
      members: [first!, ...others],
      data: test.set,
      fingerprint: test.fingerprint,
      top: topOf(given, test),
      workers: workersOf(given.workers),
      onBadImage,
      path,
      weights: folders.flatMap(weightFilesIn),
      runtime,
    });
    const run = folders.join(' + ');
    const network = [...new Set(opened.map((one) => one.network))].join(' + ');
    await drawImages(path, { model: null, data: test.set, answers });
    const facts = { ...factsOf(test, seen), ...notLoadedIn(opened) };
    await keepReport({ run, network, ...evaluation, ...facts }, path, runtime, given);
    await forget();
  } finally {
    for (const { model } of opened) model.dispose();
  }
}

type Member = Awaited<ReturnType<typeof openInForm>>;

/**
 * The classes of an ensemble: those of its first network that has class names, otherwise those of its first network.
 */
function namingMember(folders: readonly string[], opened: readonly Member[]): NamedClasses {
  const all = opened.map((one, index) => classesOfModel(folders[index]!, one));
  return all.find(({ labels, synsets }) => labels ?? synsets) ?? all[0]!;
}

/** A network of an ensemble, with its classes in the ensemble's order. */
function memberOf(own: NamedClasses, folder: string, one: Member) {
  const { model, recipe, fitted, crops } = one;
  const theirs = classesOfModel(folder, one);
  if (theirs.count !== own.count)
    throw new UserError(
      `${folder}: expected ${counted(own.count, 'class', 'classes')} as ${own.of} has, found ${theirs.count}`,
    );
  const { indices, assumed } = findClasses(own, theirs, { indexed: false });
  if (folder !== own.of && assumed !== null) note(assumed);
  const same = indices.every((theirIndex, ownIndex) => theirIndex === ownIndex);
  return { model, recipe, fitted, crops, ...(!same && { classOrder: indices }) };
}

function topOf({ top }: Pick<EvaluationArguments, 'top'>, { set }: TestData): readonly number[] {
  const classes = set.classes.length;
  return (top ?? []).map((k) => wholeNumber('--top', k, 1, classes - 1));
}
