/** Gives a trained network a new head for other classes. */
import type { Network } from '../core/network';
import { deriveSeed } from '../core/random';
import type { tf } from '../core/tf';
import { arraysOf, copyLayers } from '../weights/named-array';

/** For which classes the head is made anew. */
export interface NewHeadOptions {
  readonly classes: number;
  /** The seed for the weights of the head. */
  readonly seed: number;
  /** Where the trained weights come from, for messages. */
  readonly where: string;
}

/**
 * A trained network for other classes: the head has new random weights, and all other layers have the trained ones.
 * @param trained the model with the classes that it was trained on; not changed
 * @returns a new model, which the caller disposes of
 * @throws UserError when the trained model is another network
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

/**
 * The seed of a new head, from that of the fine-tuning.
 * @param source where the trained weights come from
 */
export function headSeed(source: Readonly<Record<string, unknown>>, seed: number): number {
  // A network trained here with the same seed began with a head of the same numbers.
  return source['kind'] === 'imported' ? seed : deriveSeed(seed, 'new head');
}
