/** What the folder of a fine-tuned model records, in Node and in pages. */
import type { Recipe } from '../core/network';
import type { tf } from '../core/tf';
import type { ImageSet } from '../data/dataset';
import type { ModelRecord } from '../weights/model-record';

/** A fine-tuning that has ended. */
export interface FineTuned {
  /** The network's name. */
  readonly network: string;
  /** The model with its auxiliary heads, and its main path, which learned. */
  readonly whole: tf.LayersModel;
  readonly learning: tf.LayersModel;
  /** How images are prepared and what the scores mean; distortions only where they are kept. */
  readonly recipe: Pick<Recipe, 'input' | 'loss'> & Partial<Pick<Recipe, 'augment'>>;
  /** The images that it learned from, and what they are called. */
  readonly images: ImageSet;
  readonly data: string;
  readonly epochs: number;
  readonly frozen: readonly string[];
  /** The origin of the weights that it started from. */
  readonly from: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly command: string;
  readonly commit: string | null;
}

/** The record of such a model, but for the digest of its weights. */
export function fineTunedFacts(made: FineTuned): Omit<ModelRecord, 'sha256'> {
  const { network, whole, learning, images, data, epochs, frozen, from, seed, command, commit } = made;
  const { input, augment, loss } = structuredClone(made.recipe) as Pick<ModelRecord, 'input' | 'augment'> &
    Required<Pick<ModelRecord, 'loss'>>;
  const trained = new Set(learning.weights.map(({ originalName }) => originalName));
  return {
    network,
    classes: images.classes.length,
    labels: [...images.classes],
    synsets: images.synsets ? [...images.synsets] : null,
    input,
    ...(augment && { augment }),
    loss,
    missing: whole.weights.map(({ originalName }) => originalName).filter((name) => !trained.has(name)),
    seed,
    source: { kind: 'fineTuned', data, epochs, frozen: [...frozen], from: { ...from } },
    command,
    commit,
    made: new Date().toISOString(),
  };
}
