/** A trained network and everything needed to use it. */
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import type { Recipe } from '../core/network';
import type { tf } from '../core/tf';

/** A network with its trained weights and everything needed to use it, whatever its origin. */
export interface TrainedModel {
  /** The network's name in the registry. */
  readonly network: string;
  /** The model; the caller that opened it disposes of it. */
  readonly model: tf.LayersModel;
  /** The preprocessing of images and the meaning of the scores. */
  readonly recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>;
  /** The fitted values, if `preprocess` takes any from a training set. */
  readonly fitted: FittedPreprocess;
  /** A name for each class, or null if none were given. */
  readonly labels: readonly string[] | null;
  /** The WordNet id of each class, if the labels came with ids. */
  readonly synsets: readonly string[] | null;
  /** The origin of the weights: plain data for display. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Weights that were neither loaded nor trained, and keep their initial values. Default: none. */
  readonly notLoaded?: readonly string[] | undefined;
}

/**
 * How images are prepared and what the scores mean, in full. The other facts repeat parts of it in each format's terms.
 */
export function recipeFacts({ input, augment, loss }: TrainedModel['recipe']): TrainedModel['recipe'] {
  return { input, augment, loss };
}
