/** Describes one of our models in the same terms as the networks described in files. */
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

/** The description of one of our models, from TensorFlow.js's description, which uses Keras’s terms. */
export function ourArchitecture(model: tf.LayersModel): OurArchitecture {
  const described = {
    class_name: 'Functional',
    config: (model.toJSON(null, false) as unknown as { config: unknown }).config,
  };
  const ours = kerasArchitecture(described, refusalOf(model.name));
  if (!ours) throw new RangeError(`expected layers of ${model.name}, found none`);
  const sizes = new Map<string, Sides>();
  /** The last step of each layer. */
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

/** Rows and columns of a map; a vector has one position. */
function sidesOf(shape: tf.Shape): Sides {
  return shape.length === 4 ? [shape[1] ?? 1, shape[2] ?? 1] : [1, 1];
}
