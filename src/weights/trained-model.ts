/** A trained network and all that using it takes. */
import type { FittedPreprocess } from '../data/preprocess/preprocess';
import type { Recipe } from '../core/network';
import type { tf } from '../core/tf';

/** A network with its trained weights and all that using it takes, from wherever they come. */
export interface TrainedModel {
  /** The registry's name. */
  readonly network: string;
  /** Whoever opened it disposes of it. */
  readonly model: tf.LayersModel;
  /** What images go through before the network sees them, and what its scores mean. */
  readonly recipe: Pick<Recipe, 'input' | 'augment' | 'loss'>;
  /** Where `preprocess` takes something from a training set. */
  readonly fitted: FittedPreprocess;
  /** A name for each class, or null where nobody gave them. */
  readonly labels: readonly string[] | null;
  /** WordNet's id of each class, where the labels came with them. */
  readonly synsets: readonly string[] | null;
  /** Where the weights are from: plain data, for people. */
  readonly source: Readonly<Record<string, unknown>>;
  /** Weights that were neither loaded nor trained, and are as they were drawn. Default: none. */
  readonly notLoaded?: readonly string[] | undefined;
}
