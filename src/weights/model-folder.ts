/** A model folder on the disk: a trained network with everything needed to use it, whoever trained it. */
import { join } from 'node:path';
import { UserError, codeOf, messageOf } from '../core/errors';
import { makeFolder, writeFileAtomically } from '../core/io/files';
import { sha256Of } from '../core/io/hash';
import { keptTextIfThere, readKept } from '../core/io/kept-file';
import type { Network } from '../core/network';
import type { tf } from '../core/tf';
import {
  encodeModel,
  modelFiles,
  modelRecordText,
  modelWithWeights,
  parseModelRecord,
  type ModelRecord,
} from './model-record';

export { modelFiles, type ModelRecord };

/**
 * Creates a model folder.
 * @throws UserError if it already exists, or cannot be written
 */
export async function writeModelFolder(
  folder: string,
  model: tf.LayersModel,
  facts: Omit<ModelRecord, 'sha256'>,
): Promise<ModelRecord> {
  if (keptTextIfThere(join(folder, modelFiles.record)) !== undefined)
    throw new UserError(`${folder}: expected a new folder, found a model in it`);
  await makeFolder(folder);
  const { record, weights } = await encodeModel(model, facts, sha256Of);
  await writeFileAtomically(join(folder, modelFiles.weights), weights);
  await writeFileAtomically(join(folder, modelFiles.record), modelRecordText(record));
  return record;
}

/** @throws UserError if the folder contains no model, or its `network.json` is damaged */
export async function openModelFolder(folder: string): Promise<ModelRecord> {
  const path = join(folder, modelFiles.record);
  const text = keptTextIfThere(path);
  if (text === undefined)
    throw new UserError(`${folder}: expected a model’s folder, found no ${modelFiles.record} in it`);
  return parseModelRecord(text, path);
}

/**
 * Builds the network with the weights from its folder; see `modelWithWeights`.
 * @throws UserError if there are none, or others than the record describes
 */
export async function loadModelFolder(
  folder: string,
  record: ModelRecord,
  network: Network,
): Promise<tf.LayersModel> {
  const path = join(folder, modelFiles.weights);
  return modelWithWeights(await weightsOf(path), path, record, network, sha256Of);
}

async function weightsOf(path: string): Promise<Uint8Array> {
  try {
    return await readKept(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a model’s weights at ${path}: ${messageOf(error)}`);
  }
}
