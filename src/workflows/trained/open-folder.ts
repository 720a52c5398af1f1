/** Opens a trained network from the folder of a run or of a model, with what the folder records of it. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { NamedClasses } from '../../data/inspect/match-classes';
import { UserError } from '../../core/errors';
import { withoutDrawing } from '../../layers/initialise/initialise';
import { readClassLabels } from '../../weights/import/class-labels';
import { loadCheckpoint, type Progress } from '../../train/run/checkpoint';
import { fittedFile, lacksFitted, loadFitted } from '../../weights/fitted-file';
import { loadModelFolder, modelFiles, openModelFolder, type ModelRecord } from '../../weights/model-folder';
import { toldBy } from '../../weights/import/own-facts';
import { learnedInput } from '../../train/run/learned-input';
import { openRun, runFiles, type RunRecord } from '../../train/run/run-record';
import { selectedWeights, type SelectedWeights } from '../../train/run/selected-weights';
import type { TrainedModel } from '../../weights/trained-model';
import { countingWeights, weightsText } from '../../weights/not-loaded';
import { networkOf, type Context } from '../context';
import { foundPath } from '../data/found-path';
import { reopenData } from '../data/reopen-data';
import { option } from '../../core/text/wording';
import { isSealed } from '../../weights/formats/safetensors/sealed';

/** A trained network, and what its folder records about its origin. */
export interface Opened extends TrainedModel {
  /** The record of a run, even if its folder has since become a model's. */
  readonly record: RunRecord | null;
  /** The progress of the training that produced the weights; null in a model folder. */
  readonly progress: Progress | null;
  readonly weights: SelectedWeights;
}

export interface OpenOptions {
  /** A file with a name for each class, which replaces the names from the folder or the run's data. */
  readonly labels?: string | undefined;
  /** Which weights of a run to open. Default: the run's selected weights. */
  readonly weights?: 'best' | 'last' | undefined;
}

/**
 * Opens a network that was trained here or imported, on the current backend.
 * @param folder the folder of a run or a model
 * @throws UserError if the folder is neither, or is damaged
 */
export async function openFolder(
  folder: string,
  { labels, weights: asked }: OpenOptions,
  context: Context,
): Promise<Opened> {
  const weights = await selectedWeights(folder, asked);
  const trained = await (weights.kind === 'model'
    ? fromModelFolder(folder, weights, context)
    : fromRun(folder, weights, context));
  if (labels === undefined) return trained;
  try {
    const path = foundPath(labels, context.root);
    const named = await readClassLabels(path, trained.model.outputs[0]!.shape.at(-1)!);
    expectOwnOrder(path, named.labels, trained.labels);
    return { ...trained, ...named };
  } catch (error) {
    trained.model.dispose();
    throw error;
  }
}

/**
 * Other names for the classes are allowed, but not the network's own names in another order.
 * @throws UserError if they are in another order
 */
function expectOwnOrder(path: string, given: readonly string[], own: readonly string[] | null): void {
  if (!own || given.join('\n') === own.join('\n')) return;
  if ([...given].sort().join('\n') !== [...own].sort().join('\n')) return;
  const at = given.findIndex((label, index) => label !== own[index]);
  throw new UserError(
    `${path}: expected ${own[at]!} as the name of class ${at}, as the network has it, found ${given[at]!}`,
  );
}

/**
 * Like `openFolder`, for showing images to the network. Reports whether the answers depend on weights that still have
 * their random initial values.
 * @throws UserError also if its preprocessing lacks values that it takes from a training set
 */
export async function openUsable(folder: string, options: OpenOptions, context: Context): Promise<Opened> {
  const trained = await openFolder(folder, options, context);
  if (!lacksFitted(trained.recipe.input, trained.fitted)) {
    const { notLoaded = [] } = notLoadedIn([trained]);
    if (notLoaded.length > 0)
      context.remark(
        `${folder}: ${weightsText(notLoaded)} were neither loaded nor trained, but drawn at random, and its answers depend on them`,
      );
    return trained;
  }
  trained.model.dispose();
  throw new UserError(lackingFittedText(folder));
}

/** Says that a folder's preprocessing lacks values that it takes from a training set, and what mends that. */
export function lackingFittedText(folder: string): string {
  return `${folder}: expected a ${fittedFile} with what the preprocessing takes from a training set, found none; import it again with ${option('fit')} DATA`;
}

/**
 * What a result says of the networks that gave its answers: which weights that affect them were never loaded or
 * trained.
 */
export function notLoadedIn(networks: readonly Pick<TrainedModel, 'model' | 'notLoaded'>[]): {
  readonly notLoaded?: readonly string[];
} {
  const names = networks.flatMap(({ model, notLoaded }) => countingWeights(model, notLoaded));
  return names.length > 0 ? { notLoaded: [...new Set(names)] } : {};
}

async function fromModelFolder(folder: string, weights: SelectedWeights, context: Context): Promise<Opened> {
  const facts = await openModelFolder(folder);
  await remarkUnsealed(join(folder, fittedFile), context);
  const { labels, synsets, input, source, missing: notLoaded } = facts;
  remarkDifferences(folder, source, context);
  const fitted = existsSync(join(folder, fittedFile)) ? await loadFitted(folder, facts) : {};
  const network = networkOf(context.zoo, facts.network, folder);
  const { augment: usualAugment, loss: usualLoss, input: usual } = network.recipe;
  const { loss = usualLoss } = facts;
  // The recipe's crops only fit the recipe's size.
  const fits = input.shape.join() === usual.shape.join();
  const record = existsSync(join(folder, runFiles.record)) ? await openRun(folder) : null;
  const model = await loadModelFolder(folder, facts, network);
  const recipe = { input, loss, augment: facts.augment ?? (fits ? usualAugment : []) };
  return {
    network: facts.network,
    model,
    recipe,
    fitted,
    labels,
    synsets,
    source,
    notLoaded,
    record,
    progress: null,
    weights,
  };
}

/** Reports weights that were taken from another network despite its differences, or fine-tuned from such weights. */
function remarkDifferences(folder: string, source: ModelRecord['source'], { remarkOnce }: Context): void {
  const [first, ...others] = toldBy(source).differences;
  if (first === undefined) return;
  const more = others.length > 0 ? ` (and ${others.length} more in ${modelFiles.record})` : '';
  remarkOnce(
    `${folder}: its weights were trained in another network, and imported despite it: ${first}${more}`,
  );
}

async function fromRun(folder: string, weights: SelectedWeights, context: Context): Promise<Opened> {
  const record = await openRun(folder);
  const { recipe, classes, seed, data } = record;
  const network = networkOf(context.zoo, record.network, folder);
  for (const kept of [weights.path, join(folder, fittedFile)]) await remarkUnsealed(kept, context);
  const fitted = await loadFitted(folder, recipe);
  const named = await labelsOf(folder, record, context);
  const model = withoutDrawing(() => network.build({ classes, input: recipe.input.shape, seed }));
  try {
    const progress = await loadCheckpoint(weights.path, model);
    const source = { kind: 'trained', data, epochs: progress.epochs, file: basename(weights.path) };
    const shown = { ...recipe, input: learnedInput(record) };
    return {
      network: record.network,
      model,
      recipe: shown,
      fitted,
      ...named,
      source,
      record,
      progress,
      weights,
    };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The class names of a run that began before names were recorded: taken from its data, if that is still the same. */
async function labelsOf(
  folder: string,
  record: RunRecord,
  context: Context,
): Promise<Pick<TrainedModel, 'labels' | 'synsets'>> {
  if (record.labels) return { labels: record.labels, synsets: record.synsets ?? null };
  try {
    const { test } = await reopenData(folder, record, { parts: ['test'] }, context);
    return { labels: test!.set.classes, synsets: test!.set.synsets ?? null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.remark(
      `the classes have numbers for names, since the run keeps none and its data is no longer as it was (${error.message}); ${option('labels')} names them`,
    );
    return { labels: null, synsets: null };
  }
}

/** The classes of an opened network, in the form that `findClasses` takes. */
export function classesOfModel(
  folder: string,
  { model, labels, synsets }: Pick<TrainedModel, 'model' | 'labels' | 'synsets'>,
): NamedClasses {
  return { of: folder, count: model.outputs[0]!.shape.at(-1)!, labels, synsets };
}

/** Reports a file of an earlier release, if it exists, that has no digest. */
export async function remarkUnsealed(path: string, { remarkOnce }: Context): Promise<void> {
  if (!existsSync(path) || (await isSealed(path))) return;
  remarkOnce(
    `${path}: an earlier release wrote ${basename(path)} without a digest, so that damage to its numbers would not be seen`,
  );
}
