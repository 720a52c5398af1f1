/** Which layers learn and which stay as they are in a fine-tuning. */
import { UserError } from '../core/errors';
import { type tf } from '../core/tf';

/**
 * The names of a model's layers that fit one of some patterns, such as `inception_3*`, in which `*` stands for any
 * characters.
 * @throws UserError when a pattern fits no layer that has weights
 */
export function layersLike(model: tf.LayersModel, patterns: readonly string[]): readonly string[] {
  const names = model.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name);
  const found = patterns.flatMap((pattern) => {
    const fits = new RegExp(`^${pattern.split('*').map(literally).join('.*')}$`);
    const fitting = names.filter((name) => fits.test(name));
    if (fitting.length > 0) return fitting;
    const without = model.layers.find(({ name }) => fits.test(name));
    const having = `${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`;
    throw new UserError(
      without
        ? `${model.name}: expected layers like ${pattern} that have weights, found ${without.name} without; ${having} have some`
        : `${model.name}: expected layers like ${pattern}, found ${having}`,
    );
  });
  return [...new Set(found)];
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

/** Layers that make maps smaller, by the names of their classes. */
const subsampling = ['Subsample', 'CeilPool', 'AveragePooling2D', 'MaxPooling2D', 'AdaptiveAveragePool'];

/**
 * The layers that learn new classes, where all others may stay as they are: those of the head, or where nothing in it
 * learns (LeNet-5's codes are fixed), those above the last sub-sampling.
 * @param head the layers that start afresh
 */
export function learnersOf(model: tf.LayersModel, head: readonly string[]): readonly string[] {
  const learning = model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const own = learning.filter(({ name }) => head.includes(name));
  const last = model.layers.findLastIndex((layer) => subsampling.includes(layer.getClassName()));
  const above = learning.filter((layer) => model.layers.indexOf(layer) > last);
  return (own.length > 0 ? own : above).map(({ name }) => name);
}

/** Keeps layers as they are in training: their weights, and the statistics that normalising ones would gather. */
export function freeze(model: tf.LayersModel, names: readonly string[]): void {
  const frozen = new Set(names);
  for (const layer of model.layers) {
    if (!frozen.has(layer.name)) continue;
    layer.trainable = false;
    if (layer.getClassName() !== 'BatchNormalization') continue;
    // Unlike Keras's, this layer would normalise by the batch although it is not trained.
    const call = layer.call.bind(layer);
    layer.call = (inputs, given) => call(inputs, { ...given, training: false });
  }
}
