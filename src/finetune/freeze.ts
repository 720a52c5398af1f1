/** Which layers learn and which stay as they are in a fine-tuning. */
import { UserError } from '../core/errors';
import { type tf } from '../core/tf';

/**
 * The names of a model's layers that match one of the patterns, such as `inception_3*`, in which `*` matches any
 * characters.
 * @throws UserError when a pattern matches no layer that has weights
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

/** The class names of layers that sub-sample feature maps. */
const subsampling = ['Subsample', 'CeilPool', 'AveragePooling2D', 'MaxPooling2D', 'AdaptiveAveragePool'];

/**
 * The layers that are trained for new classes when all others are frozen: those of the head or, if the head has no
 * trainable weights (LeNet-5's codes are fixed), those above the last sub-sampling.
 * @param head the layers with new random weights
 */
export function learnersOf(model: tf.LayersModel, head: readonly string[]): readonly string[] {
  const learning = model.layers.filter(({ trainableWeights }) => trainableWeights.length > 0);
  const own = learning.filter(({ name }) => head.includes(name));
  const last = model.layers.findLastIndex((layer) => subsampling.includes(layer.getClassName()));
  const above = learning.filter((layer) => model.layers.indexOf(layer) > last);
  return (own.length > 0 ? own : above).map(({ name }) => name);
}

/** Freezes layers: their weights and, in normalising layers, the running statistics do not change in training. */
export function freeze(model: tf.LayersModel, names: readonly string[]): void {
  const frozen = new Set(names);
  for (const layer of model.layers) {
    if (!frozen.has(layer.name)) continue;
    layer.trainable = false;
    if (layer.getClassName() !== 'BatchNormalization') continue;
    // Unlike in Keras, this layer would normalise by the batch's statistics even when it is frozen.
    const call = layer.call.bind(layer);
    layer.call = (inputs, given) => call(inputs, { ...given, training: false });
  }
}
