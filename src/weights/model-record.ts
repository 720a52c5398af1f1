/**
 * What a model folder holds, wherever its files lie: on a disk, behind an address, in a browser's database.
 * - `network.json`: the network's name, its classes and their labels, the preprocessing of its images, and the origin
 *   of its weights, with a digest of all this: see `sealedJson`;
 * - `weights.safetensors`: the weights in our layout under our names, such as `conv1/kernel`, without those listed as
 *   missing. Its metadata repeat the network, the source and, as `notLoaded`, the names of the missing weights;
 * - `preprocess.safetensors`, if the preprocessing takes values from a training set: see `encodeFitted`.
 */
import * as z from 'zod';
import { UserError, messageOf } from '../core/errors';
import type { Network } from '../core/network';
import { recipeSchema } from '../core/recipe/schema';
import { parseSealedJson, sealedJson } from '../core/text/sealed-json';
import type { tf } from '../core/tf';
import { withoutDrawing } from '../layers/initialise/initialise';
import type { Digest } from './formats/safetensors/seal';
import { encodeSafetensors, parseSafetensors } from './formats/safetensors/safetensors';
import { arraysOf, setWeights } from './named-array';
import { notLoadedKey } from './not-loaded';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.strictObject({
  /** The network's name in the registry. */
  network: z.string(),
  classes: z.int().positive(),
  /** A name for each class, or null if none were given. */
  labels: z.array(z.string()).nullable(),
  /** The WordNet id of each class, such as `n01440764`, if the labels came with ids. */
  synsets: z.array(z.string()).nullable(),
  /** Whose names the labels are, if neither the weights nor the user brought any. */
  labelsOf: z.string().exactOptional(),
  /** The image that the network takes, and the steps that prepare it from stored pixels. */
  input: recipeSchema.shape.input,
  /**
   * The distortions used in training, if known; their crops say which part of an image is seen. Default: the recipe's.
   */
  augment: recipeSchema.shape.augment.exactOptional(),
  /** What the scores mean. Default: see the recipe. */
  loss: recipeSchema.shape.loss.exactOptional(),
  /**
   * Weights that were neither loaded nor trained since: auxiliary heads that the source lacked or a fine-tuning
   * omitted, or weights that a partial load did not find. They are drawn from the seed whenever the folder is opened.
   */
  missing: z.array(z.string()),
  seed: z.int(),
  /** The digest of `weights.safetensors`. */
  sha256,
  source: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('imported'),
      /** The imported file: its name, size, digest and format. */
      file: z.string(),
      bytes: z.int().positive(),
      sha256,
      format: z.string(),
      /** The toolkit whose names and layout the file used. */
      convention: z.string(),
      /** How the network that these weights were trained in differs from this one, if they were loaded despite that. */
      differences: z.array(z.string()).optional(),
      /** The reason why the networks were not compared, if they were not. */
      uncompared: z.string().exactOptional(),
      /** For an export of this project: the origin of its weights, according to the file. */
      from: z.record(z.string(), z.unknown()).exactOptional(),
      /** The well-known file that has the same checksum, if any. */
      published: z.strictObject({ url: z.string(), licence: z.string() }).nullable(),
    }),
    z.strictObject({
      kind: z.literal('fineTuned'),
      /** The data that it was trained on. */
      data: z.string(),
      epochs: z.int().min(0),
      /** Layers whose initial weights were kept unchanged. */
      frozen: z.array(z.string()),
      /** The source of those weights. */
      from: z.record(z.string(), z.unknown()),
    }),
    z.strictObject({
      kind: z.literal('trained'),
      /** The name of the data set that it was trained on. */
      data: z.string(),
      epochs: z.int().min(0),
      seed: z.int(),
      /** How it was trained, in full. */
      recipe: recipeSchema,
      /** The command that trained it, and the commit of the program. */
      command: z.string(),
      commit: z.string().nullable(),
      seconds: z.number().min(0),
      /** What computed, such as `AMD EPYC, 2 cores, tensorflow 2.21.0`. */
      device: z.string(),
    }),
  ]),
  command: z.string(),
  commit: z.string().nullable(),
  made: z.iso.datetime(),
});

/** The contents of `network.json`. */
export type ModelRecord = Readonly<z.infer<typeof recordSchema>>;

/** The files of a model folder. */
export const modelFiles = { record: 'network.json', weights: 'weights.safetensors' } as const;

/** The bytes of a model folder's `weights.safetensors`, and its record with their digest. */
export async function encodeModel(
  model: tf.LayersModel,
  facts: Omit<ModelRecord, 'sha256'>,
  digest: Digest,
): Promise<{ readonly record: ModelRecord; readonly weights: Uint8Array }> {
  const missing = new Set(facts.missing);
  const there = model.weights.filter(({ originalName }) => !missing.has(originalName));
  const tensors = (await arraysOf(there)).map(({ name, shape, values }) => ({
    name,
    shape,
    dtype: 'F32' as const,
    data: values,
  }));
  const weights = encodeSafetensors(tensors, {
    network: facts.network,
    source: JSON.stringify(facts.source),
    ...(facts.missing.length > 0 && { [notLoadedKey]: JSON.stringify(facts.missing) }),
  });
  return { record: { ...facts, sha256: digest(weights) }, weights };
}

/** The text of `network.json`. */
export function modelRecordText(record: ModelRecord): string {
  return `${JSON.stringify(sealedJson(record), null, 2)}\n`;
}

/**
 * @param text the text of a `network.json`
 * @param path names it in messages
 * @throws UserError if it is damaged
 */
export function parseModelRecord(text: string, path: string): ModelRecord {
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
 * @param bytes the bytes of `weights.safetensors`
 * @param path names the file in messages
 * @param network the network that the record names
 * @returns the model, which the caller disposes of
 * @throws UserError if the weights are not those that the record describes, or belong to another network
 */
export function modelWithWeights(
  bytes: Uint8Array,
  path: string,
  { classes, input, missing, seed, sha256: expected }: ModelRecord,
  network: Network,
  digest: Digest,
): tf.LayersModel {
  const found = digest(bytes);
  if (found !== expected)
    throw new UserError(`${path}: expected the SHA-256 ${expected}, found ${found}: damaged, or another’s`);
  const { tensors } = parseSafetensors(bytes, path);
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
