/** Gives a trained network a new head for other classes. */
import type { Network } from '../core/network';
import type { tf } from '../core/tf';
import { arraysOf } from '../weights/named-array';
import { copyLayers } from '../train/run/start-from';

export interface NewHeadOptions {
  readonly classes: number;
  /** Draws the head. */
  readonly seed: number;
  /** For messages: where the trained weights are from. */
  readonly where: string;
}

/**
 * A trained network for other classes: all but its head has the trained weights, and the head starts afresh.
 * @param trained with the classes that it was trained on; not changed
 * @returns a new model, which the caller disposes of
 * @throws UserError when the trained one is another network
 */
export async function withNewHead(
  { build, head }: Network,
  trained: tf.LayersModel,
  { classes, seed, where }: NewHeadOptions,
): Promise<tf.LayersModel> {
  const [, height, width, channels] = trained.inputs[0]!.shape as [null, number, number, number];
  const model = build({ classes, input: [height, width, channels], seed });
  const kept = model.layers
    .filter(({ name, weights }) => weights.length > 0 && !head.includes(name))
    .map(({ name }) => name);
  copyLayers(model, await arraysOf(trained.weights), kept, where);
  return model;
}
