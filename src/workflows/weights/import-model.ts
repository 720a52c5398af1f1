/** Creates a model folder from a weight file. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { knownAs } from '../../weights/import/download-weights';
import { digestOf } from '../../core/io/download/fetch-file';
import { expectOptions, type OptionNames } from '../../core/given/options';
import { wholeNumber } from '../../core/given/numbers';
import { option } from '../../core/text/wording';
import { openImageOf } from '../../data/loader/loader';
import { undistortedPixels } from '../../data/loader/undistorted';
import { publishedDataset } from '../../data/datasets/catalogue';
import { openTrainingSet } from '../../data/open';
import { fitRecipe, needsFitting, type FittedRecipe } from '../../data/preprocess/fit';
import { takesFitted, type FittedPreprocess } from '../../data/preprocess/preprocess';
import { mappingText } from '../../report/mapping-text';
import { publishedWeights } from '../../report/published-weights';
import { differencesOf, type MappingReport } from '../../weights/import/mapping-report';
import { conventions, type Convention } from '../../weights/import/toolkit-layout';
import {
  dataOptions,
  networkOf,
  openContext,
  workflowOptions,
  type Context,
  type WorkflowOptions,
  type Zoo,
} from '../context';
import { foundPath } from '../data/found-path';
import { weightFile, type WeightFileOptions } from './weight-file';
import { UserError } from '../../core/errors';
import type { Network, Recipe } from '../../core/network';
import {
  ilsvrcLabels,
  ilsvrcOrder,
  readClassLabels,
  type ClassLabels,
} from '../../weights/import/class-labels';
import { countingWeights } from '../../weights/not-loaded';
import { hasFittedFile, lacksFitted, saveFitted } from '../../weights/fitted-file';
import { importWeights, type ImportOptions } from '../../weights/import/import-weights';
import { modelFiles, writeModelFolder, type ModelRecord } from '../../weights/model-folder';
import { makeFolder } from '../../core/io/files';

/** What is imported, and how. */
export interface ImportModelOptions extends WeightFileOptions, WorkflowOptions {
  /** The file or folder of weights; with `download`, the name of a well-known file. */
  readonly file: string;
  /** The network's name in the zoo. */
  readonly network: string;
  /** The model folder to create. */
  readonly out: string;
  /** A file of class names, one a line. */
  readonly labels?: string | undefined;
  /** The data set whose training set the preprocessing takes a mean image or a whitening from, where it does. */
  readonly fit?: string | undefined;
  /** Whose names the file uses. Default: as it looks. */
  readonly names?: Convention | undefined;
  /** How many classes. Default: as many as the file has. */
  readonly classes?: number | undefined;
  /** Take what fits, and draw the rest. Default: false. */
  readonly partial?: boolean | undefined;
  /** Take weights of layers that compute otherwise, by what the file says of them. Default: false. */
  readonly despiteDifferences?: boolean | undefined;
  /** Fixes what is drawn. Default: 1. */
  readonly seed?: number | undefined;
}

const names: OptionNames<ImportModelOptions> = {
  file: 'required',
  network: 'required',
  out: 'required',
  labels: 'optional',
  fit: 'optional',
  names: conventions,
  classes: 'optional',
  partial: 'optional',
  despiteDifferences: 'optional',
  seed: 'optional',
  download: 'optional',
  mirror: 'optional',
  ...workflowOptions,
};

/** A model folder that was made of a weight file. */
export interface ImportedModel {
  /** The model's folder. */
  readonly model: string;
  /** What its `network.json` keeps. */
  readonly record: ModelRecord;
  /** What became of each tensor of the file. */
  readonly report: MappingReport;
}

/**
 * Makes a model folder of the weights of Caffe, PyTorch, Keras, TensorFlow.js or safetensors.
 * @throws UserError see `importWeights`, `readClassLabels` and `writeModelFolder`; what became of each tensor is told
 *   in remarks before it is thrown
 */
export async function importModel(zoo: Zoo, options: ImportModelOptions): Promise<ImportedModel> {
  expectOptions('importModel', options, names);
  const network = networkOf(zoo, options.network, option('network'));
  const { classes, labels, partial, despiteDifferences, names: convention, out, seed = 1 } = options;
  if (classes !== undefined) wholeNumber('classes', classes, 1);
  const tell = (line: string) => options.onProgress?.({ kind: 'remark', line });
  const listed = publishedWeights({ [options.network]: network });
  const file = await weightFile(options.file, listed, options, tell);
  const context = await openContext(zoo, ['importModel', options], options);
  const reports: MappingReport[] = [];
  const onReport = (report: MappingReport) => {
    reports.push(report);
    const apart = [...differencesOf(report), ...(report.told?.differences ?? [])];
    if (despiteDifferences === true && apart.length === 0)
      throw new UserError(
        `${option('despiteDifferences')}: expected a file whose layers differ from the network’s, found no difference; it would change nothing`,
      );
  };
  try {
    const found = { classes, partial, despiteDifferences, convention, zoo, seed, onReport };
    const path = labels === undefined ? undefined : foundPath(labels, context.root);
    const record = await modelFrom(
      { ...found, file, out, labels: path, fit: options.fit, network },
      options.network,
      context,
    );
    return { model: out, record, report: reports[0]! };
  } catch (error) {
    if (error instanceof UserError)
      reports.flatMap((report) => mappingText(report).split('\n')).forEach(context.remark);
    throw error;
  }
}

/** What is imported, after everything has been found. */
export interface Importing extends ImportOptions {
  readonly file: string;
  readonly network: Network;
  readonly out: string;
  /** A file of class names, or the names themselves. */
  readonly labels: string | ClassLabels | undefined;
  readonly fit: string | undefined;
  readonly seed: number;
}

/** Makes the model folder. @param name the network's */
export async function modelFrom(options: Importing, name: string, context: Context): Promise<ModelRecord> {
  const { file, network, out, labels, seed } = options;
  if (existsSync(join(out, modelFiles.record)))
    throw new UserError(`${out}: expected a new folder, found a model in it`);
  const imported = await importWeights(file, network, options);
  const { model, report, format, missing, differences, uncompared, own } = imported;
  try {
    const classes = model.outputs[0]!.shape.at(-1)!;
    const told = own?.labels ? { labels: own.labels, synsets: own.synsets } : null;
    const given = typeof labels === 'string' ? await readClassLabels(labels, classes) : (labels ?? told);
    const standard = given === null && isOfIlsvrc(network, classes, countingWeights(model, missing));
    const names = standard ? ilsvrcLabels() : given;
    if (standard)
      context.remark(
        `its ${classes} classes have the names of ${ilsvrcOrder}, since the file has none; ${option('labels', 'FILE')} gives others`,
      );
    const { input } = imported;
    const augment = own?.augment ?? network.recipe.augment;
    const settled = await fittedTo(options.fit, { input, augment }, imported.fitted, context);
    const published = await knownAs(
      file,
      (network.weights ?? []).flatMap(({ files }) => files),
    );
    if (!lacksFitted(settled.recipe.input, settled.fitted) && hasFittedFile(settled.recipe)) {
      await makeFolder(out);
      await saveFitted(out, settled.recipe, settled.fitted);
    }
    return await writeModelFolder(out, model, {
      network: name,
      classes,
      labels: names && [...names.labels],
      synsets: names?.synsets ? [...names.synsets] : null,
      ...(standard && { labelsOf: ilsvrcOrder }),
      input: structuredClone(settled.recipe.input) as ModelRecord['input'],
      ...(own?.augment && { augment: structuredClone(own.augment) as NonNullable<ModelRecord['augment']> }),
      ...(own?.loss && { loss: structuredClone(own.loss) as NonNullable<ModelRecord['loss']> }),
      missing: [...missing],
      seed,
      source: {
        kind: 'imported',
        file: basename(file),
        bytes: (await stat(file)).size,
        sha256: await digestOf(file, 'sha256'),
        format,
        convention: report.convention,
        ...(differences.length > 0 && { differences: [...differences] }),
        ...(uncompared !== undefined && { uncompared }),
        ...(own?.source && { from: { ...own.source } }),
        published: published ? { url: published.url, licence: published.licence } : null,
      },
      ...context.provenance,
      made: new Date().toISOString(),
    });
  } finally {
    model.dispose();
  }
}

/** Whether the scores are those of ILSVRC's classes: as many, from a head that the file brought. */
function isOfIlsvrc({ recipe, head }: Network, classes: number, missing: readonly string[]): boolean {
  const drawn = missing.some((weight) => head.some((layer) => weight.startsWith(`${layer}/`)));
  return recipe.dataset === 'ilsvrc2012' && classes === publishedDataset(recipe.dataset)?.classes && !drawn;
}

/** The values that preprocessing takes from a training set, if it needs any and the file has none. */
async function fittedTo(
  name: string | undefined,
  recipe: Pick<Recipe, 'input' | 'augment'>,
  fitted: FittedPreprocess,
  context: Context,
): Promise<FittedRecipe<Pick<Recipe, 'input'>>> {
  const comes = takesFitted(recipe.input.preprocess) && !lacksFitted(recipe.input, fitted);
  if (comes || !needsFitting(recipe)) {
    if (name === undefined) return { recipe, fitted };
    const [whose, found] = comes
      ? ['is still to be fitted to a training set', 'a file that holds the fitted numbers']
      : ['is fitted to a training set', 'some that need no fitting'];
    throw new UserError(
      `${option('fit')}: expected weights whose preprocessing ${whose}, found ${found}; ${name} would change nothing`,
    );
  }
  if (name !== undefined)
    return fitRecipe(
      undistortedPixels(await openTrainingSet(name, dataOptions(context)), recipe, openImageOf),
      recipe,
    );
  context.remark(
    `the preprocessing takes numbers from a training set: the model classifies nothing until ${option('fit', 'DATA')} computes them`,
  );
  return { recipe, fitted: {} };
}
