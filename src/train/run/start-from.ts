/** Weights of an earlier run, for a new one to start from. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import * as z from 'zod';
import type { tf } from '../../core/tf';
import { UserError, codeOf } from '../../core/errors';
import { Rbf } from '../../layers/rbf';
import { expectKeptFile } from '../../core/io/kept-file';
import { copyLayers, type NamedArray } from '../../weights/named-array';
import { readWeights } from './checkpoint';

export const startSchema = z.strictObject({
  /** The checkpoint that holds the weights, relative to the run's folder. */
  checkpoint: z.string(),
  /** The digest of the checkpoint: a run that is started again has the same initial weights or fails. */
  sha256: z.string(),
  layers: z.union([z.literal('all'), z.array(z.string())]),
  /** Set if the run's classes are in another order than those of the weights. */
  classOrder: z
    .strictObject({
      /** For the index of each class in the run, its index in the weights. */
      indices: z.array(z.int().min(0)),
      /** The layers with values for each class, among those that start from the weights. */
      layers: z.array(z.string()),
    })
    .exactOptional(),
});

/** Trained weights that layers of a new run start from. */
export type Start = Readonly<z.infer<typeof startSchema>>;

export interface ClassOrder {
  readonly indices: readonly number[];
  readonly layers: readonly string[];
}

/**
 * @param order the order of the classes, if it differs: see `Start`
 * @throws UserError when the checkpoint cannot be read
 */
export async function startFrom(
  checkpoint: string,
  layers: 'all' | readonly string[],
  folder: string,
  order?: ClassOrder,
): Promise<Start> {
  return {
    checkpoint: relative(folder, checkpoint),
    sha256: await digestOf(checkpoint),
    layers: layers === 'all' ? layers : [...layers],
    ...(order && { classOrder: { indices: [...order.indices], layers: [...order.layers] } }),
  };
}

/**
 * Copies the trained weights from which a run starts into layers of its new model.
 * @throws UserError when the checkpoint has changed, or as `copyLayers`
 */
export async function takeStart(
  model: tf.LayersModel,
  { checkpoint, sha256, layers, classOrder }: Start,
  folder: string,
): Promise<void> {
  const path = resolve(folder, checkpoint);
  if ((await digestOf(path)) !== sha256) {
    throw new UserError(
      `${path}: expected the weights that the run began with, found others; begin a new run`,
    );
  }
  const { arrays, notLoaded } = await readWeights(path);
  copyLayers(model, classOrder ? inClassOrder(model, arrays, classOrder) : arrays, layers, path, notLoaded);
}

/** The arrays with their values for each class in the order of the model's classes. */
function inClassOrder(
  model: tf.LayersModel,
  arrays: readonly NamedArray[],
  { indices, layers }: ClassOrder,
): readonly NamedArray[] {
  const axes = new Map(
    layers.flatMap((name) => {
      const layer = model.getLayer(name);
      return layer.weights.map(({ originalName }) => [originalName, layer instanceof Rbf ? 0 : -1] as const);
    }),
  );
  return arrays.map((array) => {
    const axis = axes.get(array.name);
    return axis === undefined ? array : reordered(array, axis, indices);
  });
}

/** @param axis 0 for the first axis, -1 for the last */
function reordered(
  { name, shape, values }: NamedArray,
  axis: 0 | -1,
  indices: readonly number[],
): NamedArray {
  const classes = shape.at(axis)!;
  // If the weights lack a class, the shape of the array differs, and `copyLayers` refuses it.
  if (classes !== indices.length) return { name, shape, values };
  const width = axis === 0 ? values.length / classes : 1; // consecutive values of one class
  const moved = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += classes * width)
    indices.forEach((from, at) =>
      moved.set(values.subarray(row + from * width, row + (from + 1) * width), row + at * width),
    );
  return { name, shape, values: moved };
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
