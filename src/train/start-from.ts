import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import { z } from 'zod';
import type { tf } from '../tf';
import { UserError, codeOf } from '../errors';
import { expectKeptFile } from '../weights/kept-file';
import { setWeights, type NamedArray } from '../weights/named-array';
import { readWeights } from './checkpoint';

export const startSchema = z.strictObject({
  /** The checkpoint that holds the weights, seen from the run's folder. */
  checkpoint: z.string(),
  /** Of the checkpoint, so that a run begun again starts from the same weights or not at all. */
  sha256: z.string(),
  layers: z.union([z.literal('all'), z.array(z.string())]),
});

/** Trained weights that layers of a new run start from. */
export type Start = Readonly<z.infer<typeof startSchema>>;

/** @throws UserError when the checkpoint cannot be read */
export async function startFrom(
  checkpoint: string,
  layers: 'all' | readonly string[],
  folder: string,
): Promise<Start> {
  return {
    checkpoint: relative(folder, checkpoint),
    sha256: await digestOf(checkpoint),
    layers: layers === 'all' ? layers : [...layers],
  };
}

/**
 * Gives layers of a fresh model the trained weights that its run starts from.
 * @throws UserError when the checkpoint is no longer what it was, or as `copyLayers`
 */
export async function takeStart(
  model: tf.LayersModel,
  { checkpoint, sha256, layers }: Start,
  folder: string,
): Promise<void> {
  const path = resolve(folder, checkpoint);
  if ((await digestOf(path)) !== sha256) {
    throw new UserError(
      `${path}: expected the weights that the run was begun with, found others; begin a new run`,
    );
  }
  const { arrays, notLoaded } = await readWeights(path);
  copyLayers(model, arrays, layers, path, notLoaded);
}

/**
 * Gives the named layers of a model the arrays of their weights' names; all layers must find theirs where none is named.
 * @param where for messages: what the arrays were read from
 * @param lacking weights that stay as they are, for nobody has any to give
 * @throws UserError when the model or the arrays lack a layer, or a shape differs; no weight is then changed
 */
export function copyLayers(
  model: tf.LayersModel,
  arrays: readonly NamedArray[],
  layers: 'all' | readonly string[],
  where: string,
  lacking: readonly string[] = [],
): void {
  const given = (weights: readonly tf.LayerVariable[]) =>
    weights.filter(({ originalName }) => !lacking.includes(originalName));
  if (layers === 'all') return setWeights(given(model.weights), arrays, where);
  const weights = layers.flatMap((name) => {
    const layer = model.layers.find((candidate) => candidate.name === name);
    if (layer) return given(layer.weights);
    throw new UserError(`${model.name}: expected a layer ${name} to start from ${where}, found none`);
  });
  const wanted = new Set(weights.map(({ originalName }) => originalName));
  const chosen = arrays.filter(({ name }) => wanted.has(name));
  setWeights(weights, chosen, where);
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    expectKeptFile(path);
    for await (const part of createReadStream(path)) hash.update(part as Buffer);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    throw new UserError(`${path}: expected the weights to start from, found no such file`);
  }
  return hash.digest('hex');
}
