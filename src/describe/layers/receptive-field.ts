/** The receptive field of every layer of a model. */
import { elementCount } from '../../core/shape';
import { withoutBatch } from '../../layers/cost';
import type { tf } from '../../core/tf';
import type { GraphLayer } from './layer-graph';
import { windowOf } from './layer-settings';

/** The square of input pixels that one unit sees. */
export interface ReceptiveField {
  /** Its side in pixels. Padding counts as pixels, so it may exceed the image. */
  readonly size: number;
  /** The distance in pixels between the fields of neighbouring units, on average where it varies. */
  readonly stride: number;
}

/** A field with the number of positions along the taller side, which a fully connected layer above would take in. */
interface Extent extends ReceptiveField {
  readonly positions: number;
}

/**
 * The receptive field of every layer, by name. A layer with window k and stride s, on fields of size r and stride j,
 * has fields of size r + (k − 1)j and stride sj. A fully connected layer and a global average have windows over all
 * positions; where branches meet, the largest field counts.
 */
export function receptiveFields(graph: readonly GraphLayer[]): ReadonlyMap<string, ReceptiveField> {
  const extents = new Map<string, Extent>();
  for (const node of graph) {
    const below = node.inputs.map(({ name }) => extents.get(name)!);
    extents.set(node.name, extentOf(node, below));
  }
  return new Map([...extents].map(([name, { size, stride }]) => [name, { size: Math.ceil(size), stride }]));
}

function extentOf({ layer, inputs }: GraphLayer, below: readonly Extent[]): Extent {
  const shape = withoutBatch(layer.outputShape);
  const side = shape.length === 3 ? Math.max(shape[0]!, shape[1]!) : undefined;
  if (below.length === 0) return { size: 1, stride: 1, positions: side ?? 1 };
  const size = Math.max(...below.map((field) => field.size));
  const stride = Math.max(...below.map((field) => field.stride));
  const positions = Math.max(...below.map((field) => field.positions));
  if (side !== undefined) {
    const window = windowOf(layer, positions);
    return { size: size + (window.size - 1) * stride, stride: stride * window.stride, positions: side };
  }
  return mixes(layer, inputs)
    ? { size: size + (positions - 1) * stride, stride, positions: 1 }
    : { size, stride, positions };
}

/** Whether a layer of vectors combines positions: not when it flattens, joins, or works element by element. */
function mixes(layer: tf.layers.Layer, inputs: readonly GraphLayer[]): boolean {
  const values = (of: tf.layers.Layer) => elementCount(withoutBatch(of.outputShape));
  return layer.weights.length > 0 || (inputs.length === 1 && values(inputs[0]!.layer) !== values(layer));
}
