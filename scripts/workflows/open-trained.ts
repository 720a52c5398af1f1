/** Opens a trained network from the folder of a run or of a model. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { zoo } from '../../models/registry';
import type { NamedClasses } from '../../src/data/inspect/match-classes';
import { UserError } from '../../src/core/errors';
import { withoutDrawing } from '../../src/layers/initialise/initialise';
import { readClassLabels } from '../../src/weights/import/class-labels';
import { loadCheckpoint, type Progress } from '../../src/train/run/checkpoint';
import { fittedFile, lacksFitted, loadFitted } from '../../src/weights/fitted-file';
import {
  loadModelFolder,
  modelFiles,
  openModelFolder,
  type ModelRecord,
} from '../../src/weights/model-folder';
import { toldBy } from '../../src/weights/import/own-facts';
import { openRun, runFiles, type RunRecord } from '../../src/train/run/run-record';
import { selectedWeights, type SelectedWeights } from '../../src/train/run/selected-weights';
import type { TrainedModel } from '../../src/weights/trained-model';
import { countingWeights, weightsText } from '../../src/weights/not-loaded';
import { note } from '../cli/output';
import { foundPath } from '../cli/options/shared-options';
import { knownNetwork } from './known-network';
import { reopenData } from './data/reopen-data';
import { noteOnce } from './data/run-data';
import { isSealed } from '../../src/weights/formats/safetensors/sealed';

/** A trained network, and what its folder records about its origin. */
export interface Opened extends TrainedModel {
  /** The record of a run, even if its folder has since become a model's. */
  readonly record: RunRecord | null;
  /** The progress of the training that produced the weights; null in a model folder. */
  readonly progress: Progress | null;
  readonly weights: SelectedWeights;
}

interface OpenTrainedOptions {
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
export async function openTrained(
  folder: string,
  { labels, weights: asked }: OpenTrainedOptions = {},
): Promise<Opened> {
  const weights = await selectedWeights(folder, asked);
  const trained = await (weights.kind === 'model'
    ? fromModelFolder(folder, weights)
    : fromRun(folder, weights));
  if (labels === undefined) return trained;
  try {
    const path = foundPath(labels);
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
 * Like `openTrained`, for showing images to the network. Reports whether the answers depend on weights that still have
 * their random initial values.
 * @throws UserError also if its preprocessing lacks values that it takes from a training set
 */
export async function openUsable(folder: string, options?: OpenTrainedOptions): Promise<Opened> {
  const trained = await openTrained(folder, options);
  if (!lacksFitted(trained.recipe.input, trained.fitted)) {
    const { notLoaded = [] } = notLoadedIn([trained]);
    if (notLoaded.length > 0)
      note(
        `${folder}: ${weightsText(notLoaded)} were neither loaded nor trained, but drawn at random, and its answers depend on them`,
      );
    return trained;
  }
  trained.model.dispose();
  throw new UserError(
    `${folder}: expected a ${fittedFile} with what the preprocessing takes from a training set, found none; import it again with --fit DATA`,
  );
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

async function fromModelFolder(folder: string, weights: SelectedWeights): Promise<Opened> {
  const facts = await openModelFolder(folder);
  await noteUnsealed(join(folder, fittedFile));
  const { labels, synsets, input, source, missing: notLoaded } = facts;
  noteDifferences(folder, source);
  const fitted = existsSync(join(folder, fittedFile)) ? await loadFitted(folder, facts) : {};
  const network = knownNetwork(facts.network, folder);
  const { augment: usualAugment, loss: usualLoss, input: usual } = zoo[network].recipe;
  const { loss = usualLoss } = facts;
  // The recipe's crops only fit the recipe's size.
  const fits = input.shape.join() === usual.shape.join();
  const record = existsSync(join(folder, runFiles.record)) ? await openRun(folder) : null;
  const model = await loadModelFolder(folder, facts, zoo[network]);
  const recipe = { input, loss, augment: facts.augment ?? (fits ? usualAugment : []) };
  return {
    network,
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
function noteDifferences(folder: string, source: ModelRecord['source']): void {
  const [first, ...others] = toldBy(source).differences;
  if (first === undefined) return;
  const more = others.length > 0 ? ` (and ${others.length} more in ${modelFiles.record})` : '';
  noteOnce(
    `${folder}: its weights were trained in another network, and imported despite it: ${first}${more}`,
  );
}

async function fromRun(folder: string, weights: SelectedWeights): Promise<Opened> {
  const record = await openRun(folder);
  const { recipe, classes, seed, data } = record;
  const network = knownNetwork(record.network, folder);
  for (const kept of [weights.path, join(folder, fittedFile)]) await noteUnsealed(kept);
  const fitted = await loadFitted(folder, recipe);
  const named = await labelsOf(folder, record);
  const model = withoutDrawing(() => zoo[network].build({ classes, input: recipe.input.shape, seed }));
  try {
    const progress = await loadCheckpoint(weights.path, model);
    const source = { kind: 'trained', data, epochs: progress.epochs, file: basename(weights.path) };
    return { network, model, recipe, fitted, ...named, source, record, progress, weights };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** The class names of a run that began before names were recorded: taken from its data, if that is still the same. */
async function labelsOf(
  folder: string,
  record: RunRecord,
): Promise<Pick<TrainedModel, 'labels' | 'synsets'>> {
  if (record.labels) return { labels: record.labels, synsets: record.synsets ?? null };
  try {
    const { test } = await reopenData(folder, record, { parts: ['test'] });
    return { labels: test!.set.classes, synsets: test!.set.synsets ?? null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(
      `the classes have numbers for names, since the run keeps none and its data is no longer as it was (${error.message}); --labels names them`,
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
export async function noteUnsealed(path: string): Promise<void> {
  if (!existsSync(path) || (await isSealed(path))) return;
  noteOnce(
    `${path}: an earlier release wrote ${basename(path)} without a digest, so that damage to its numbers would not be seen`,
  );
}
