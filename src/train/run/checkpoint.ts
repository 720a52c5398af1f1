/** Checkpoints of a run: weights, the step's memory and the progress in one file, saved and restored. */
import { existsSync } from 'node:fs';
import * as z from 'zod';
import type { tf } from '../../core/tf';
import { UserError, refusalOf } from '../../core/errors';
import { writeFileAtomically } from '../../core/io/files';
import { arraysOf, matched, setWeights, type NamedArray } from '../../weights/named-array';
import { notLoadedKey, notLoadedText } from '../../weights/not-loaded';
import { encodeSealed, readSealed } from '../../weights/formats/safetensors/sealed';
import type { Step } from '../step/step';

const progressSchema = z.strictObject({
  /** Updates done. With the run's seed it determines the order and the distortions, so it is also the random state. */
  done: z.int().min(0),
  /** Epochs ended. */
  epochs: z.int().min(0),
  /** The sum of the losses of the current epoch's images so far; the next field is their number. */
  lossSum: z.number(),
  images: z.int().min(0),
  /** Wall time of training so far, over all its sessions. */
  seconds: z.number().min(0),
  /** The epoch with the lowest error on the validation images, if there are any; of several, the last. */
  best: z.strictObject({ epoch: z.int().min(0), error: z.number() }).nullable(),
  /** The state of a `plateau` schedule. */
  plateau: z.strictObject({ least: z.number(), stale: z.int().min(0), drops: z.int().min(0) }).nullable(),
});

/** How far a training has come. */
export type Progress = z.infer<typeof progressSchema>;

/**
 * Writes weights, the step's memory, the progress and a digest of all to one file, atomically.
 * @param step null for a model that is fitted without a training step
 */
export async function saveCheckpoint(
  path: string,
  model: tf.LayersModel,
  step: Pick<Step, 'state'> | null,
  progress: Progress,
): Promise<void> {
  const state = step?.state;
  await state?.sync();
  const arrays = [
    ...under('weights', await arraysOf(model.weights)),
    ...under('memory', (await state?.memory()) ?? []),
  ];
  const tensors = arrays.map(({ name, shape, values }) => ({
    name,
    shape: [...shape],
    dtype: 'F32' as const,
    data: values,
  }));
  await writeFileAtomically(path, encodeSealed(tensors, { progress: JSON.stringify(progress) }));
}

/**
 * Restores a checkpoint. With a step, to resume training: restores the weights of the last update and the step's
 * memory. Without one, to evaluate: restores the averages of the weights, if the recipe keeps them, or else the
 * weights.
 * @throws UserError when the file is damaged, its digest is wrong, or it belongs to another network
 */
export async function loadCheckpoint(
  path: string,
  model: tf.LayersModel,
  step?: Pick<Step, 'state'>,
): Promise<Progress> {
  const { arrays, metadata } = await contentsOf(path);
  setWeights(model.weights, from('weights', arrays), path);
  const memory = from('memory', arrays);
  if (step?.state) await step.state.restore(memory, path);
  else if (step) matched([], memory, path); // a rule that remembers nothing accepts no other rule's memory
  const averages = from('memory/average', arrays);
  if (!step && averages.length > 0) setWeights(model.trainableWeights, averages, path);
  return parseProgress(metadata['progress'], path);
}

/** Whether a training has ended: its last checkpoint has this many epochs. */
export async function hasEnded(path: string, epochs: number): Promise<boolean> {
  if (!existsSync(path)) return false;
  const { metadata } = await contentsOf(path);
  return parseProgress(metadata['progress'], path).epochs >= epochs;
}

/** Weights to start from. */
export interface KeptWeights {
  readonly arrays: readonly NamedArray[];
  /** The weights that the file lacks because they still have their initial values. */
  readonly notLoaded: readonly string[];
}

/**
 * The weights with which a checkpoint would be evaluated: their averages, if it has them. Or the weights in a model
 * folder's file, which holds nothing else and may lack some.
 */
export async function readWeights(path: string): Promise<KeptWeights> {
  const { arrays, metadata } = await contentsOf(path);
  const notLoaded = notLoadedText(metadata[notLoadedKey], path, refusalOf(path)) ?? [];
  if (metadata['progress'] === undefined) return { arrays, notLoaded };
  const averages = new Map(from('memory/average', arrays).map((array) => [array.name, array]));
  const own = from('weights', arrays);
  return { arrays: own.map((array) => averages.get(array.name) ?? array), notLoaded };
}

async function contentsOf(path: string) {
  // The weights file of a model folder has the other keys; its digest is in network.json.
  const { tensors, metadata } = await readSealed(path, ['progress', 'network', 'source', notLoadedKey]);
  const arrays = tensors.map(({ name, shape, data }) => ({
    name,
    shape,
    values: data as Float32Array,
  }));
  return { arrays, metadata };
}

function parseProgress(text: string | undefined, path: string): Progress {
  try {
    return progressSchema.parse(JSON.parse(text ?? ''));
  } catch {
    throw new UserError(
      `${path}: expected a checkpoint's progress in the file's metadata, found ${text ?? 'none'}`,
    );
  }
}

function under(part: string, arrays: readonly NamedArray[]): NamedArray[] {
  return arrays.map((array) => ({ ...array, name: `${part}/${array.name}` }));
}

function from(part: string, arrays: readonly NamedArray[]): NamedArray[] {
  const prefix = `${part}/`;
  return arrays
    .filter(({ name }) => name.startsWith(prefix))
    .map((array) => ({ ...array, name: array.name.slice(prefix.length) }));
}
