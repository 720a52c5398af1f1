import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { networkNames, zoo, type NetworkName } from '../models/registry';
import { UserError } from '../src/errors';
import { withoutDrawing } from '../src/layers/initialise';
import { readClassLabels } from '../src/train/class-labels';
import { loadCheckpoint } from '../src/train/checkpoint';
import { fittedFile, lacksFitted, loadFitted } from '../src/train/fitted-file';
import { loadModelFolder, modelFiles, openModelFolder } from '../src/train/model-folder';
import { openRun, runFiles } from '../src/train/run-record';
import type { TrainedModel } from '../src/train/trained-model';
import { note } from './cli';
import { foundPath } from './found-path';
import { openRunData } from './run-start';

/**
 * Opens what was trained here, or imported. Takes the backend that is in use.
 * @param folder of a run or a model
 * @param labels a file with a name for each class, in the place of those that the folder or the run's data give
 * @throws UserError when the folder is neither, or damaged
 */
export async function openTrained(folder: string, labels?: string): Promise<TrainedModel> {
  const open = existsSync(join(folder, modelFiles.record))
    ? fromModelFolder
    : existsSync(join(folder, runFiles.record))
      ? fromRun
      : undefined;
  if (!open)
    throw new UserError(
      `${folder}: expected a run’s folder or a model’s, found neither ${runFiles.record} nor ${modelFiles.record} in it`,
    );
  const trained = await open(folder);
  if (labels === undefined) return trained;
  try {
    return {
      ...trained,
      ...(await readClassLabels(foundPath(labels), trained.model.outputs[0]!.shape.at(-1)!)),
    };
  } catch (error) {
    trained.model.dispose();
    throw error;
  }
}

/**
 * As `openTrained`, to be shown images.
 * @throws UserError also where its preprocessing lacks what it takes from a training set
 */
export async function openUsable(folder: string, labels?: string): Promise<TrainedModel> {
  const trained = await openTrained(folder, labels);
  if (!lacksFitted(trained.recipe.input, trained.fitted)) return trained;
  trained.model.dispose();
  throw new UserError(
    `${folder}: expected a ${fittedFile} with what the preprocessing takes from a training set, found none; import it anew with --fit DATA`,
  );
}

async function fromModelFolder(folder: string): Promise<TrainedModel> {
  const record = await openModelFolder(folder);
  const { labels, synsets, input, source } = record;
  const fitted = existsSync(join(folder, fittedFile)) ? await loadFitted(folder, record) : {};
  const network = known(record.network, folder);
  const { augment, loss, input: usual } = zoo[network].recipe;
  // The recipe's crops are for the recipe's size.
  const fits = input.shape.join() === usual.shape.join();
  const model = await loadModelFolder(folder, record, zoo[network]);
  const recipe = { input, loss, augment: fits ? augment : [] };
  return { network, model, recipe, fitted, labels, synsets, source };
}

async function fromRun(folder: string): Promise<TrainedModel> {
  const { network: name, recipe, classes, seed, data, validationSplit, tuning } = await openRun(folder);
  const network = known(name, folder);
  if (tuning)
    throw new UserError(
      `${folder}: expected a fine-tuning that has ended, found one to go on with by finetune --resume`,
    );
  const file = existsSync(join(folder, runFiles.best)) ? runFiles.best : runFiles.last;
  if (!existsSync(join(folder, file)))
    throw new UserError(`${folder}: expected trained weights, found no ${file} in it`);
  const fitted = await loadFitted(folder, recipe);
  const named = await labelsOf(data, validationSplit);
  const model = withoutDrawing(() => zoo[network].build({ classes, input: recipe.input.shape, seed }));
  try {
    const { epochs } = await loadCheckpoint(join(folder, file), model);
    return { network, model, recipe, fitted, ...named, source: { kind: 'trained', data, epochs, file } };
  } catch (error) {
    model.dispose();
    throw error;
  }
}

/** A run keeps no names of its classes: its data does, where it still is. */
async function labelsOf(
  data: string,
  validationSplit: number | undefined,
): Promise<Pick<TrainedModel, 'labels' | 'synsets'>> {
  try {
    const { test } = await openRunData(data, validationSplit, false);
    return { labels: test.classes, synsets: null };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    note(
      `the classes have numbers for names, since the run’s data is not there (${error.message}); --labels names them`,
    );
    return { labels: null, synsets: null };
  }
}

function known(name: string, folder: string): NetworkName {
  const network = networkNames.find((one) => one === name);
  if (network) return network;
  throw new UserError(`${folder}: expected a network of the zoo, found ${name}`);
}
