/** Models of a page: of a folder behind an address, of dropped files, of the browser's database, of the package. */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import { UserError } from '../../core/errors';
import { expectOptions, type OptionNames } from '../../core/given/options';
import type { Network, Recipe } from '../../core/network';
import type { tf } from '../../core/tf';
import type { ImageSet } from '../../data/dataset';
import type { FittedPreprocess } from '../../data/preprocess/preprocess';
import type { Digest } from '../../weights/formats/safetensors/seal';
import {
  encodeFitted,
  fittedFile,
  hasFittedFile,
  lacksFitted,
  parseFitted,
} from '../../weights/fitted-values';
import {
  encodeModel,
  modelFiles,
  modelRecordText,
  modelWithWeights,
  parseModelRecord,
  type ModelRecord,
} from '../../weights/model-record';
import { backendInUse } from '../backend';
import { pageTrained, type PageTrained } from './trained';

/** The networks among which a model's is: `zoo`, or the few that a page needs: `{ lenet5, googlenet }`. */
export type Networks = Readonly<Record<string, Network>>;

/** The files of a model folder by their names; absent if there is none of that name. */
export type ReadFile = (name: string) => Promise<Uint8Array | undefined>;

/** SHA-256 in JavaScript: browsers have their own only on pages by https. */
export const digest: Digest = (...parts) => {
  const hash = sha256.create();
  for (const part of parts) hash.update(part);
  return bytesToHex(hash.digest());
};

/**
 * Opens a model of its folder's files.
 * @param where names the folder in messages
 * @throws UserError if a file is missing or damaged, or the network is not among `networks`
 */
export async function openModelFiles(
  read: ReadFile,
  where: string,
  networks: Networks,
): Promise<PageTrained> {
  await backendInUse();
  const needed = async (name: string) => {
    const bytes = await read(name);
    if (bytes) return bytes;
    throw new UserError(`${where}: expected a model’s folder, found no ${name} in it`);
  };
  const record = parseModelRecord(
    new TextDecoder().decode(await needed(modelFiles.record)),
    `${where}/${modelFiles.record}`,
  );
  const network = networkOf(record.network, networks, where);
  const { labels, synsets, input, source, missing: notLoaded } = record;
  const { augment: usualAugment, loss: usualLoss, input: usual } = network.recipe;
  // The recipe's crops only fit the recipe's size.
  const fits = input.shape.join() === usual.shape.join();
  const recipe = {
    input,
    augment: record.augment ?? (fits ? usualAugment : []),
    loss: record.loss ?? usualLoss,
  };
  const fitted = hasFittedFile(recipe)
    ? parseFitted(await needed(fittedFile), `${where}/${fittedFile}`, recipe, digest)
    : {};
  if (lacksFitted(input, fitted))
    throw new UserError(
      `${where}: expected a ${fittedFile} with what the preprocessing takes from a training set`,
    );
  const path = `${where}/${modelFiles.weights}`;
  const model = modelWithWeights(await needed(modelFiles.weights), path, record, network, digest);
  const trained = { network: record.network, model, recipe, fitted, labels, synsets, source, notLoaded };
  return pageTrained(trained, network, record);
}

/** What a page trained, and how: `train`'s options, and how long it took. */
export interface PageTraining {
  readonly model: tf.LayersModel;
  /** Among which the model's network is: `{ lenet5 }`. */
  readonly networks: Networks;
  readonly recipe: Recipe;
  readonly data: ImageSet;
  readonly seed: number;
  readonly seconds: number;
  /** Whole passes over the images; fewer than the recipe's if it was stopped. Default: the recipe's. */
  readonly epochs?: number | undefined;
  /** What the recipe takes from its training set, if it takes anything: see `fitRecipe`. */
  readonly fitted?: FittedPreprocess | undefined;
}

const trainingNames: OptionNames<PageTraining> = {
  model: 'required',
  networks: 'required',
  recipe: 'required',
  data: 'required',
  seed: 'required',
  seconds: 'required',
  epochs: 'optional',
  fitted: 'optional',
};

/**
 * A model that `train` trained, ready for images: it classifies, is kept by `saveModel` and fine-tuned by `finetune`. The
 * model belongs to the result, which disposes of it.
 * @throws UserError if its network is not among those given, or values that the recipe takes from images are missing
 * @example
 * const trained = await trainedModel({ model, networks: { lenet5 }, recipe, data, seed: 1, seconds });
 */
export async function trainedModel(training: PageTraining): Promise<PageTrained> {
  expectOptions('trainedModel', training, trainingNames);
  const { model, networks, recipe, ...how } = training;
  const { data, seed, seconds, epochs = recipe.epochs, fitted = {} } = how;
  const { name } = model;
  const network = networkOf(name, networks, 'the model');
  if (lacksFitted(recipe.input, fitted))
    throw new UserError(
      `trainedModel: expected what ${name} takes from its training set, found none; fitRecipe computes it`,
    );
  const { backend, device } = await backendInUse();
  const made = { command: 'train in a page', commit: null };
  const plain = structuredClone(recipe) as Extract<ModelRecord['source'], { kind: 'trained' }>['recipe'];
  const source = {
    ...({ kind: 'trained', data: data.name, epochs, seed, recipe: plain, ...made, seconds } as const),
    device: [device, backend].filter(Boolean).join(', '),
  };
  const { input, augment, loss } = structuredClone(plain);
  const labels = [...data.classes];
  const synsets = data.synsets ? [...data.synsets] : null;
  const record = {
    ...{
      network: name,
      classes: labels.length,
      labels,
      synsets,
      input,
      augment,
      loss,
      missing: [],
      seed,
      source,
    },
    ...made,
    made: new Date().toISOString(),
  };
  return pageTrained({ network: name, model, recipe, fitted, labels, synsets, source }, network, record);
}

/** @throws UserError if there is none of that name */
export function networkOf(name: string, networks: Networks, where: string): Network {
  if (Object.hasOwn(networks, name)) return networks[name]!;
  throw new UserError(
    `${where}: expected a network of ${Object.keys(networks).join(', ')}, found one of ${name}; pass that one too`,
  );
}

/**
 * The files of a model folder, by their names: what `openModel` reads, in pages and, as a folder, in Node.
 * @example
 * for (const [name, bytes] of Object.entries(await modelFolder(trained))) download(name, new Blob([bytes]));
 */
export async function modelFolder({
  model,
  record,
  recipe,
  fitted,
}: PageTrained): Promise<Readonly<Record<string, Uint8Array<ArrayBuffer>>>> {
  const encoded = await encodeModel(model, record, digest);
  return {
    [modelFiles.record]: new TextEncoder().encode(modelRecordText(encoded.record)),
    [modelFiles.weights]: encoded.weights as Uint8Array<ArrayBuffer>,
    ...(hasFittedFile(recipe) && {
      [fittedFile]: encodeFitted(recipe, fitted, digest) as Uint8Array<ArrayBuffer>,
    }),
  };
}
