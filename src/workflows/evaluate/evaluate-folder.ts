/** Evaluates the trained network in a folder, or the networks of several together. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '../../core/errors';
import { cropKinds } from '../../data/augment/crop-kinds';
import { expectOptions, expectText, type OptionNames } from '../../core/given/options';
import { byFirst } from '../../core/io/process/together';
import { writeSealedJson } from '../../core/io/sealed-file';
import { wholeNumber, workersOf } from '../../core/given/numbers';
import { counted } from '../../core/text/counted';
import { option } from '../../core/text/wording';
import type { tf } from '../../core/tf';
import type { ImageSet } from '../../data/dataset';
import { findClasses, type NamedClasses } from '../../data/inspect/match-classes';
import { evaluatedRows } from '../../evaluate/answers-table';
import type { Evaluation } from '../../evaluate/evaluate';
import { machine, type Machine } from '../../runtime/machine';
import { hasEnded } from '../../train/run/checkpoint';
import { runFiles } from '../../train/run/run-record';
import { fittedFile } from '../../weights/fitted-file';
import {
  openContext,
  ranksOption,
  workflowOptions,
  type Context,
  type RanksOption,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { expectEachOnce } from '../data/found-path';
import { readingOptions, remarkSkipped, type ReadingOptions } from '../data/packed-splits';
import { foundWeights, type FoundWeights } from '../trained/named-weights';
import { classesOfModel, notLoadedIn, openUsable, type Opened } from '../trained/open-folder';
import { runReport, type RunReport } from '../train/finish-run';
import { expectImages } from '../train/start-run';
import { checkAnswers, writeAnswers, type AnswersOption } from './answers-output';
import { cropsOf, inFormFor, type CropOptions } from './crops';
import { expectImageSize, packedFor, testDataOf, type TestData } from './evaluation-data';
import {
  checkRejection,
  drawRejected,
  expectPlace,
  factsOf,
  freeReport,
  reportName,
  type Facts,
} from './evaluation-report';
import { checkHtml, writeHtml, type HtmlOptions } from './html-report';
import { resumableEvaluation, weightFilesIn, type Asked, type Evaluated } from './resumable-evaluation';
import { drawImages } from './run-images';
import { seenInTraining } from './seen-in-training';

/** What is evaluated, and how. */
export interface EvaluationChoices extends ReadingOptions, CropOptions, AnswersOption, HtmlOptions {
  /** A data set with the model's classes. Default: the test set of the run's own. */
  readonly data?: string | undefined;
  /** The folder for the report and its images. Default: the model's own; `runs/evaluate-NAME` for weights by name. */
  readonly out?: string | undefined;
  /** Further values of k whose top-k error is measured. */
  readonly top?: readonly number[] | undefined;
  /** A file of class names, one a line. Default: the names that the folder keeps. */
  readonly labels?: string | undefined;
  /** Which weights of a run: of the last epoch, or the best on validation. Default: the best if there are any. */
  readonly weights?: 'last' | 'best' | undefined;
  /** An SVG file: the error of what is left when the least sure answers are rejected is drawn into it. */
  readonly rejection?: string | undefined;
}

export interface EvaluateFolderOptions extends EvaluationChoices, RanksOption, WorkflowOptions {}

const names: OptionNames<EvaluateFolderOptions> = {
  data: 'optional',
  out: 'optional',
  top: 'optional',
  labels: 'optional',
  weights: ['last', 'best'],
  rejection: 'optional',
  answers: 'optional',
  html: 'optional',
  thumbnails: 'optional',
  crops: cropKinds,
  resize: 'optional',
  ...readingOptions,
  ...ranksOption,
  ...workflowOptions,
};

/** An evaluation that is written down. */
export interface EvaluatedFolder {
  /** What the report's file keeps. */
  readonly report: RunReport | ModelReport;
  /** The report's file. */
  readonly path: string;
}

/** The report of an imported model, of a fine-tuned one, or of several together. */
export interface ModelReport extends Evaluation, Facts {
  readonly run: string;
  readonly network: string;
  /** The epochs of the training, and its duration, if the weights were trained here. */
  readonly epochs?: number;
  readonly trainingSeconds?: number;
  readonly command: string;
  readonly commit: string | null;
  readonly machine: Machine;
}

/**
 * Measures the error of the trained network in a folder, by default on the test set of its own run, and writes the
 * report with the worst mistakes. Of several folders the answers are averaged, and the report lies in the first. An
 * evaluation that was killed goes on where it was when it is called again.
 * @param folders the folder of a run or a model, or a name that `loadPretrained` takes; or several
 * @throws UserError for folders, data or options that do not fit
 */
export async function evaluateFolder(
  zoo: Zoo,
  folders: string | readonly string[],
  options: EvaluateFolderOptions = {},
): Promise<EvaluatedFolder> {
  const models = typeof folders === 'string' ? [folders] : folders;
  const [first, ...others] = models;
  if (first === undefined) throw new UserError('evaluate: expected the folder of a model, found none');
  models.forEach((folder) => expectText('evaluateFolder', 'the folder of a model', folder));
  expectOptions('evaluateFolder', options, names);
  checkRejection(options.rejection);
  checkAnswers('evaluateFolder', options.answers);
  checkHtml(options);
  expectEachOnce('evaluate', models);
  expectForSeveral(options, models.length);
  const context = await openContext(zoo, ['evaluateFolder', folders, options], options);
  const labelled = options.labels !== undefined;
  const found: FoundWeights[] = [];
  for (const folder of models) found.push(await foundWeights(folder, context, { labelled }));
  const paths = found.map(({ path }) => path);
  expectEachOnce('evaluate', paths);
  const { name } = found[0]!;
  const { out = name === undefined ? undefined : join('runs', `evaluate-${name}`) } = options;
  await byFirst(context.ranks, () => expectPlace(out ?? paths[0]!, out !== undefined));
  return others.length > 0
    ? evaluateEnsemble(paths, { ...options, out }, context)
    : evaluateOne(paths[0]!, { ...options, out }, context);
}

/** Evaluates a run or a model folder; a run, by default, on those of its own images that it has not seen. */
async function evaluateOne(
  folder: string,
  given: EvaluationChoices,
  context: Context,
): Promise<EvaluatedFolder> {
  const opened = await openInForm(folder, given, context);
  const { network, model, recipe, fitted, crops, record, progress } = opened;
  try {
    const onBadImage = given.onBadImage ?? record?.onBadImage;
    const named = { ...opened, folder, labelsFrom: given.labels };
    const test = await testDataOf(named, given.data, onBadImage, context);
    expectImages(test.set, { cache: given.cache, onBadImage: given.onBadImage });
    expectImageSize({ ...opened, folder }, test.set, context);
    const facts = factsOf(test, [await seenInTraining({ folder, record }, test, context)], context);
    const cache = given.cache ?? (progress && test.own && !crops ? record?.cache : undefined);
    const workers = workersOf(given.workers);
    const packing = {
      ...{ cache, crops: given.crops, recipe, workers, onBadImage },
      ...(test.sha256.length > 0 && { sha256: test.sha256 }),
    };
    const path = freeReport(join(given.out ?? folder, await fileOf(folder, opened, test, given)), test);
    const asked = {
      members: [{ model, recipe, fitted, crops }] as const,
      data: await packedFor(test.set, packing, context),
      fingerprint: test.fingerprint,
      top: topOf(given, test),
      workers,
      onBadImage,
      path,
      weights: [
        opened.weights.path,
        ...weightFilesIn(folder).filter((file) => basename(file) === fittedFile),
      ],
    };
    return await keptReport(asked, { ...given, folder, model, set: test.set }, context, (evaluation) => {
      const found = { ...evaluation, ...facts, ...notLoadedIn([opened]) };
      return record && progress
        ? runReport(folder, record, progress, found)
        : modelReport({ run: folder, network, ...trainingOf(opened.source), ...found }, context);
    });
  } finally {
    model.dispose();
  }
}

/** How long the weights of a model folder were trained, if they were trained here. */
function trainingOf(source: Opened['source']): Pick<ModelReport, 'epochs' | 'trainingSeconds'> {
  const { kind, epochs, seconds } = source;
  if (kind !== 'trained' || typeof epochs !== 'number' || typeof seconds !== 'number') return {};
  return { epochs, trainingSeconds: seconds };
}

function modelReport(
  found: Omit<ModelReport, 'command' | 'commit' | 'machine'>,
  context: Context,
): ModelReport {
  return { ...found, ...context.provenance, machine: machine(context.runtime) };
}

interface Drawn extends Pick<EvaluationChoices, 'rejection' | 'answers'>, HtmlOptions {
  /** The folder that is evaluated; null for several. */
  readonly folder: string | null;
  /** The network whose filters are drawn; null for several. */
  readonly model: tf.LayersModel | null;
  /** The images as they were before they were packed. */
  readonly set: ImageSet;
}

/** Evaluates, draws what lies beside the report, and writes it; what was kept for resuming goes then. */
async function keptReport(
  asked: Asked,
  { folder, model, set, rejection, answers: table, ...page }: Drawn,
  context: Context,
  reportOf: (evaluation: Evaluated['evaluation']) => RunReport | ModelReport,
): Promise<EvaluatedFolder> {
  const { path } = asked;
  const { evaluation, answers, forget, release } = await resumableEvaluation(asked, context);
  try {
    return await byFirst(context.ranks, async () => {
      await drawImages(path, { model, data: set, answers });
      const report = reportOf(evaluation);
      await drawRejected(rejection, report);
      await writeAnswers(table, () => evaluatedRows(answers, set, asked.members[0].recipe.loss));
      await writeHtml(page, { report, set, answers, folder }, context);
      if (evaluation.inverted !== undefined)
        context.remark(
          `${set.name}: ${evaluation.inverted} of its ${counted(set.labels.length, 'image')} are dark on light, and shown inverted: the network learned light on dark`,
        );
      await writeSealedJson(path, report);
      remarkSkipped(report.skippedImages ?? [], path, context);
      await forget();
      return { report, path };
    });
  } finally {
    await release();
  }
}

/** Opens a network in the form that takes the requested crops. */
async function openInForm(folder: string, given: EvaluationChoices, context: Context) {
  const opened = await openUsable(folder, given, context);
  try {
    const crops = cropsOf(given, opened.recipe);
    const inForm = inFormFor(crops, opened, context.zoo);
    if (inForm !== opened) opened.model.dispose();
    return { ...inForm, crops };
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
  folder: string,
  { progress, record, weights }: Pick<Opened, 'progress' | 'record' | 'weights'>,
  { own, name }: TestData,
  given: EvaluationChoices,
): Promise<string> {
  if (!record || !progress) return reportName(name, given);
  const asked = [
    ...(given.weights === undefined ? [] : [weights.kind]),
    ...(given.labels === undefined ? [] : ['other-labels']),
  ];
  const has = (file: string) => existsSync(join(folder, file));
  const last = join(folder, runFiles.last);
  const ended = has(runFiles.report) || (await hasEnded(last, record.recipe.epochs));
  const underway = ended ? [] : [`after-${progress.epochs}-epochs`];
  if (own && !given.crops && asked.length + underway.length === 0) return runFiles.report;
  return reportName(name, given, [...asked, ...underway]);
}

/** @throws UserError for options that a run alone takes, if there are several models */
function expectForSeveral(given: EvaluationChoices, models: number): void {
  const alone = (['weights', 'cache'] as const).filter((name) => given[name] !== undefined);
  if (models === 1 || alone.length === 0) return;
  throw new UserError(
    `${alone.map((name) => option(name)).join(', ')}: expected one model, found ${counted(models, 'model')}`,
  );
}

/** Evaluates several models of the same classes by averaging their answers; the report is in the first one's folder. */
async function evaluateEnsemble(
  folders: readonly string[],
  given: EvaluationChoices,
  context: Context,
): Promise<EvaluatedFolder> {
  const opened: Member[] = [];
  try {
    for (const folder of folders) opened.push(await openInForm(folder, given, context));
    const naming = namingMember(folders, opened);
    const [first, ...others] = opened.map((one, index) => memberOf(naming, folders[index]!, one, context));
    const onBadImage = given.onBadImage ?? opened[0]!.record?.onBadImage;
    const { labels, synsets } = naming;
    const own = { ...opened[0]!, folder: folders[0]!, labels, synsets, labelsFrom: given.labels };
    const test = await testDataOf(own, given.data, onBadImage, context);
    expectImages(test.set, { onBadImage: given.onBadImage });
    opened.forEach((one, index) => expectImageSize({ ...one, folder: folders[index]! }, test.set, context));
    const seen = await Promise.all(
      opened.map(({ record }, index) => seenInTraining({ folder: folders[index]!, record }, test, context)),
    );
    const file = reportName(test.name, given).replace('report-', `report-of-${folders.length}-`);
    const path = freeReport(join(given.out ?? folders[0]!, file), test);
    const asked = {
      members: [first!, ...others] as const,
      data: test.set,
      fingerprint: test.fingerprint,
      top: topOf(given, test),
      workers: workersOf(given.workers),
      onBadImage,
      path,
      weights: folders.flatMap(weightFilesIn),
    };
    return await keptReport(
      asked,
      { ...given, folder: null, model: null, set: test.set },
      context,
      (evaluation) => {
        const run = folders.join(' + ');
        const network = [...new Set(opened.map((one) => one.network))].join(' + ');
        const facts = { ...factsOf(test, seen, context), ...notLoadedIn(opened) };
        return modelReport({ run, network, ...evaluation, ...facts }, context);
      },
    );
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
function memberOf(own: NamedClasses, folder: string, one: Member, { remark }: Context) {
  const { model, recipe, fitted, crops } = one;
  const theirs = classesOfModel(folder, one);
  if (theirs.count !== own.count)
    throw new UserError(
      `${folder}: expected ${counted(own.count, 'class', 'classes')} as ${own.of} has, found ${theirs.count}`,
    );
  const { indices, assumed } = findClasses(own, theirs, { indexed: false });
  if (folder !== own.of && assumed !== null) remark(assumed);
  const same = indices.every((theirIndex, ownIndex) => theirIndex === ownIndex);
  return { model, recipe, fitted, crops, ...(!same && { classOrder: indices }) };
}

function topOf({ top }: EvaluationChoices, { set }: TestData): readonly number[] {
  const classes = set.classes.length;
  return (top ?? []).map((k) => wholeNumber('top', k, 1, classes - 1));
}
