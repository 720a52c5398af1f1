/**
 * A model folder: a trained network with all that using it takes, whoever trained it.
 * - `network.json`: which network, its classes and their labels, what its images go through before it sees them, and
 *   where its weights are from, with a digest of all that: see `sealedJson`;
 * - `weights.safetensors`: the weights by our names, `conv1/kernel`, in our layout; those listed as missing are not in
 *   it. Its metadata repeat the network, the source and, as `notLoaded`, which those are;
 * - `preprocess.safetensors`, where the preprocessing takes something from a training set: see `saveFitted`.
 */
import { sha256Of } from '../core/io/hash';
import { join } from 'node:path';
import { z } from 'zod';
import type { tf } from '../core/tf';
import { UserError, codeOf, messageOf } from '../core/errors';
import { withoutDrawing } from '../layers/initialise/initialise';
import type { Network } from '../core/network';
import { writeFileAtomically, makeFolder } from '../core/io/files';
import { keptTextIfThere, readKept } from '../core/io/kept-file';
import { arraysOf, setWeights } from './named-array';
import { notLoadedKey } from './not-loaded';
import { encodeSafetensors, readSafetensors } from './formats/safetensors/safetensors';
import { parseSealedJson, sealedJson } from '../core/io/sealed-json';
import { recipeSchema } from '../core/recipe/schema';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.strictObject({
  /** As in the registry. */
  network: z.string(),
  classes: z.int().positive(),
  /** A name for each class, or null where nobody gave them. */
  labels: z.array(z.string()).nullable(),
  /** WordNet's id of each class, such as `n01440764`, where the labels came with them. */
  synsets: z.array(z.string()).nullable(),
  /** The image that the network takes, and what brings stored pixels there. */
  input: recipeSchema.shape.input,
  /** What its training distorted, where that is known: of it, crops say which part of an image is seen. Default: the recipe's. */
  augment: recipeSchema.shape.augment.exactOptional(),
  /** What the scores mean. Default: as the recipe says. */
  loss: recipeSchema.shape.loss.exactOptional(),
  /**
   * Weights that were not loaded, nor trained since: auxiliary heads that the source lacked or a fine-tuning left out, or
   * whatever a partial load had none of. They are drawn from the seed whenever the folder is opened.
   */
  missing: z.array(z.string()),
  seed: z.int(),
  /** Of `weights.safetensors`. */
  sha256,
  source: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('imported'),
      /** The file's name, and what it was. */
      file: z.string(),
      bytes: z.int().positive(),
      sha256,
      format: z.string(),
      /** Whose names and layout it had. */
      convention: z.string(),
      /** In what the network that these weights were trained in differs from this one, where they were taken despite it. */
      differences: z.array(z.string()).optional(),
      /** Why that was not compared, where it was not. */
      uncompared: z.string().exactOptional(),
      /** Of an export of this project: where its weights are from, as it tells. */
      from: z.record(z.string(), z.unknown()).exactOptional(),
      /** The well-known file that it is by its checksum, if any. */
      published: z.strictObject({ url: z.string(), licence: z.string() }).nullable(),
    }),
    z.strictObject({
      kind: z.literal('fineTuned'),
      /** What it learned from. */
      data: z.string(),
      epochs: z.int().min(0),
      /** Layers that kept the weights that they came with. */
      frozen: z.array(z.string()),
      /** Where those were from. */
      from: z.record(z.string(), z.unknown()),
    }),
  ]),
  command: z.string(),
  commit: z.string().nullable(),
  made: z.iso.datetime(),
});

/** What `network.json` holds. */
export type ModelRecord = Readonly<z.infer<typeof recordSchema>>;

export const modelFiles = { record: 'network.json', weights: 'weights.safetensors' } as const;

/**
 * Makes a model folder.
 * @throws UserError when there is one already, or the place cannot be written
 */
export async function writeModelFolder(
  folder: string,
  model: tf.LayersModel,
  facts: Omit<ModelRecord, 'sha256'>,
): Promise<ModelRecord> {
  if (keptTextIfThere(join(folder, modelFiles.record)) !== undefined)
    throw new UserError(`${folder}: expected a new folder, found a model in it`);
  await makeFolder(folder);
  const missing = new Set(facts.missing);
  const there = model.weights.filter(({ originalName }) => !missing.has(originalName));
  const tensors = (await arraysOf(there)).map(({ name, shape, values }) => ({
    name,
    shape,
    dtype: 'F32' as const,
    data: values,
  }));
  const bytes = encodeSafetensors(tensors, {
    network: facts.network,
    source: JSON.stringify(facts.source),
    ...(facts.missing.length > 0 && { [notLoadedKey]: JSON.stringify(facts.missing) }),
  });
  const record = { ...facts, sha256: sha256Of(bytes) };
  await writeFileAtomically(join(folder, modelFiles.weights), bytes);
  await writeFileAtomically(
    join(folder, modelFiles.record),
    `${JSON.stringify(sealedJson(record), null, 2)}\n`,
  );
  return record;
}

/** @throws UserError when the folder holds no model, or its `network.json` is damaged */
export async function openModelFolder(folder: string): Promise<ModelRecord> {
  const path = join(folder, modelFiles.record);
  const text = keptTextIfThere(path);
  if (text === undefined)
    throw new UserError(`${folder}: expected a model’s folder, found no ${modelFiles.record} in it`);
  const record = parsed(text, path);
  for (const [what, names] of [
    ['labels', record.labels],
    ['synsets', record.synsets],
  ] as const) {
    if (names && names.length !== record.classes)
      throw new UserError(`${path}: expected ${record.classes} ${what}, one a class, found ${names.length}`);
  }
  return record;
}

/**
 * Builds the network with the weights of its folder.
 * @param network the one that the record names
 * @returns the model, which the caller disposes of
 * @throws UserError when the weights are not those that the record was made with, or of another network
 */
export async function loadModelFolder(
  folder: string,
  { classes, input, missing, seed, sha256: expected }: ModelRecord,
  network: Network,
): Promise<tf.LayersModel> {
  const path = join(folder, modelFiles.weights);
  const bytes = await weightsOf(path);
  const found = sha256Of(bytes);
  if (found !== expected)
    throw new UserError(`${path}: expected the SHA-256 ${expected}, found ${found}: damaged, or another’s`);
  const { tensors } = await readSafetensors(bytes, path);
  const arrays = tensors.map(({ name, shape, data }) => ({ name, shape, values: data as Float32Array }));
  const build = () => network.build({ classes, input: input.shape, seed });
  const model = missing.length > 0 ? build() : withoutDrawing(build);
  try {
    const left = new Set(missing);
    const there = model.weights.filter(({ originalName }) => !left.has(originalName));
    setWeights(there, arrays, path);
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
}

function parsed(text: string, path: string): ModelRecord {
  try {
    return recordSchema.parse(parseSealedJson(text, path, 'a model’s record'));
  } catch (error) {
    if (error instanceof UserError) throw error;
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const where = issue ? `${issue.path.join('.')}: ${issue.message}` : messageOf(error);
    throw new UserError(
      `${path}: expected a model’s record, found a damaged one (${where.replaceAll(/\s+/g, ' ')})`,
    );
  }
}

async function weightsOf(path: string): Promise<Uint8Array> {
  try {
    return await readKept(path);
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    throw new UserError(`expected a model’s weights at ${path}: ${messageOf(error)}`);
  }
}
