import type { tf } from '../tf';

/** Something in a computation that cannot become part of a graph; the message names it, and its layer. */
export class Untraceable extends Error {
  override readonly name = 'Untraceable';
}

/** Does a piece of work with a model; what it cannot trace is thrown with the name of the layer that did it. */
export function namingLayers<R>(model: tf.LayersModel, work: () => R): R {
  for (const layer of model.layers) {
    const call = layer.call.bind(layer);
    layer.call = (...given) => {
      try {
        return call(...given);
      } catch (error) {
        if (error instanceof Untraceable) throw new Untraceable(`layer ${layer.name}: ${error.message}`);
        throw error;
      }
    };
  }
  try {
    return work();
  } finally {
    for (const layer of model.layers) Reflect.deleteProperty(layer, 'call');
  }
}
