/** Models of a page: of a folder behind an address, of dropped files, of the browser's database, of the package. */
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex } from '@noble/hashes/utils';
import { UserError } from '../../core/errors';
import type { Network } from '../../core/network';
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
