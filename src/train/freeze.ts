import { UserError } from '../errors';
import { type tf } from '../tf';

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
    throw new UserError(
      `${model.name}: expected layers like ${pattern}, found ${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}`,
    );
  });
  return [...new Set(found)];
}

function literally(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
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
