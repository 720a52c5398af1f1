/** Describes one of our models in the same terms as the networks that files describe. */
import { refusalOf } from '../../core/errors';
import type { tf } from '../../core/tf';
import { layerOf, type Architecture, type Sides } from './description';
import { kerasArchitecture } from './keras/keras';

export interface OurArchitecture {
  readonly ours: Architecture;
  readonly output: string;
  readonly sizes: ReadonlyMap<string, Sides>;
  readonly weighted: ReadonlySet<string>;
}

/** One of our models, by what TensorFlow.js says of it, which is in Keras’s words. */
export function ourArchitecture(model: tf.LayersModel): OurArchitecture {
  const described = {
    class_name: 'Functional',
    config: (model.toJSON(null, false) as unknown as { config: unknown }).config,
  };
  const ours = kerasArchitecture(described, refusalOf(model.name));
  if (!ours) throw new RangeError(`expected layers of ${model.name}, found none`);
  const sizes = new Map<string, Sides>();
  /** The last of a layer’s steps. */
  const last = new Map<string, string>();
  for (const name of ours.nodes.keys()) {
    const layer = layerOf(name);
    sizes.set(name, sidesOf((model.getLayer(layer).output as tf.SymbolicTensor).shape));
    last.set(layer, name);
  }
  const { sourceLayer } = model.outputs[0]!;
  return {
    ours,
    output: last.get(sourceLayer.name)!,
    sizes,
    weighted: new Set(model.layers.filter(({ weights }) => weights.length > 0).map(({ name }) => name)),
  };
}

/** Of a map; of a row of numbers, one place. */
function sidesOf(shape: tf.Shape): Sides {
  return shape.length === 4 ? [shape[1] ?? 1, shape[2] ?? 1] : [1, 1];
}
